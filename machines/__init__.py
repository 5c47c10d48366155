"""Ready machine files."""
