"""What stands between the world and a side's load balancer: its web application firewall."""
