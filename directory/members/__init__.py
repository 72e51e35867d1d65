"""Members: organisations that signed, and what they offer."""
