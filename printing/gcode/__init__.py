"""G-code: parse, simulate, gate. Independent of every slicer."""
