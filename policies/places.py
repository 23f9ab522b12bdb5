"""Which jurisdiction a resource belongs to: its provider says so in its default tags. Pure."""

from __future__ import annotations

from domain.jurisdictions import REGIONS_OF
from domain.residency import Jurisdiction
from policies.model import View


def jurisdiction_of(view: View, provider: str) -> Jurisdiction | None:
    """The jurisdiction of what the provider with this URN carries; None if it says none that is known."""
    code = view.tags.get(provider, {}).get("Jurisdiction")
    return Jurisdiction(code) if isinstance(code, str) and code in REGIONS_OF else None
