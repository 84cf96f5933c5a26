"""Selection lists and rules as data; each fact keeps its source number and confidence."""
