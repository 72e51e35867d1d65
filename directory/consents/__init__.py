"""Consents: what people agreed to, in which text, when, and when they took it back."""
