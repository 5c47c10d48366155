"""All sentences that a stage says to people, in two catalogue files (en.py, nl.py)."""
