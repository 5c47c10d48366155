"""Stress, wear, temperature and fits of printed parts; materials as data."""
