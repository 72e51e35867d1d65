"""Figures of the desk: what waits, what was decided, how long it took, and how the membership grows."""
