"""Where users come in: a side's load balancer and its certificate."""
