"""Data files of the core."""
