"""fieldlab: the words that all stages share (core) and the wiring that joins them (app)."""
