"""Auto Scaling and load balancers over time."""
