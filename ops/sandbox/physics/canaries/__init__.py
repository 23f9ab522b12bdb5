"""CloudWatch Synthetics, over time."""
