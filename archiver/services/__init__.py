"""The only door into the core for the window and the command line."""
