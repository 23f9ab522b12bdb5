"""What finds attackers, weaknesses and deviations on a side, and tells operations."""
