"""One file per slicer."""
