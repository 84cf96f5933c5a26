"""Selection lists, key functions, hotspots, holds, and the proposal with its reason. Pure."""
