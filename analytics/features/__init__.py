"""Data manipulation: what is in a window."""
