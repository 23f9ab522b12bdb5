"""The names that users know: the zone, a cell's own name and the name that cells share."""
