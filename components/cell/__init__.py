"""A cell and its two sides: what puts the components together, from a cell's settings."""
