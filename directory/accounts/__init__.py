"""Accounts of the association's staff: sign-in, roles, second factor."""
