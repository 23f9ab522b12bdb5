"""What is watched of what each side built, and who is told: see docs/monitoring.md."""
