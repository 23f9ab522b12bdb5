"""A preview as one HTML page that can be mailed, attached and kept."""
