"""What people look at: a dashboard for each side, and one for the cell."""
