"""The desk: staff check applications and decide."""
