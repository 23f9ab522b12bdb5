"""What a cell costs a month, reckoned from what its program registers."""
