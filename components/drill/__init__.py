"""Drills on AWS: what they may do. What they do is in `ops.drill`."""
