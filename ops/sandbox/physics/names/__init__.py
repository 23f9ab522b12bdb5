"""Route 53: health checks, and what is answered for a name."""
