"""Data acquisition: sensors in, windows out."""
