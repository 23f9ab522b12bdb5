"""The patient journeys, walked again and again through each side's own load balancer."""
