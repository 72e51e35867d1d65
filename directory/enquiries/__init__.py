"""Enquiries: a visitor's question to a member, and what an organisation says about its own unconfirmed entry."""
