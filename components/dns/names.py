"""The domain names of the platform. Pure."""

from __future__ import annotations


def app_domain(domain: str) -> str:
    """The name that all cells share, answered by the nearest of them."""
    return f"app.{domain}"


def cell_domain(cell: str, domain: str) -> str:
    """A cell's own name."""
    return f"{cell}.{app_domain(domain)}"
