"""What watches a cell's bill."""
