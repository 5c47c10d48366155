"""One file per resource; live.py is the stream."""
