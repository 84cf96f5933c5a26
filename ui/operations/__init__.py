"""What the window asks of the core, off the GUI thread; one module per noun."""
