"""Data of the metadata package: term lists and our own schema."""
