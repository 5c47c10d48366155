"""A mesh to a fitted part: slice, gate, queue, print, inspect."""
