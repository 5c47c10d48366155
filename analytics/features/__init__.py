"""Features: what is in a block of samples, as numbers. Pure functions."""
