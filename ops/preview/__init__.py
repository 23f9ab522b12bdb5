"""What a cell would be: the real program, run offline, and the difference from another cell or a saved preview."""
