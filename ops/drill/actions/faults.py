"""Faults, made to happen and ended, as far as the site can."""

from __future__ import annotations

from collections.abc import Mapping

from ops.drill.calls import ActionError
from ops.drill.site import Site, SiteError
from ops.sandbox.physics.faults import UnknownFaultError


def inject(site: Site, fault: str, region: str, parameters: Mapping[str, float]) -> str:
    """Make `fault` happen in `region`; an empty one is of no region.

    Raises:
        ActionError: the site cannot.
    """
    try:
        site.inject(fault, region, parameters)
    except (SiteError, UnknownFaultError) as error:
        raise ActionError(str(error)) from error
    return f"{fault} begins{_where(region)}"


def lift(site: Site, fault: str, region: str) -> str:
    """End `fault` in `region`.

    Raises:
        ActionError: the site cannot.
    """
    try:
        site.lift(fault, region)
    except (SiteError, UnknownFaultError) as error:
        raise ActionError(str(error)) from error
    return f"{fault} ends{_where(region)}"


def _where(region: str) -> str:
    return f" in {region}" if region else ""
