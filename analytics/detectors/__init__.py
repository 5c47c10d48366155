"""Detectors to compare with, and to begin a new one from: learn healthy rows, score later ones."""
