"""Chat readers, one module per platform."""
