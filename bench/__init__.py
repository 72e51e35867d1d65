"""Measures the site against the limit of its framework: `python -m bench`, see README.md."""
