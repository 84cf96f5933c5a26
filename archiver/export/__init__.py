"""Package formats, one module each, and the checks before a package may leave."""
