"""Probes, by service: each asks explicit clients about a typed target, and changes nothing."""
