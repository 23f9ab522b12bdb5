"""What a cell's settings say of the ways in to a side: users' through the firewall, and people's by Session Manager."""

from __future__ import annotations

import pulumi

from components.waf.args import WafArgs
from components.web.sessions import SessionsArgs
from domain.naming import Names
from settings import Settings


def firewall(settings: Settings, *, region: str, key_arn: pulumi.Input[str]) -> WafArgs:
    """The firewall of a side."""
    return WafArgs(
        account_id=settings.account_id,
        region=region,
        key_arn=key_arn,
        log_days=settings.log_days,
        mode=settings.waf_mode,
        rate_limit=settings.waf_rate_limit,
    )


def sessions(settings: Settings, *, region: str, names: Names, key_arn: pulumi.Input[str]) -> SessionsArgs:
    """The preferences of sessions in a side's region, which belong to whoever owns the region."""
    owner = settings.cell if settings.owns_regions else settings.region_owner
    return SessionsArgs(
        names=Names(cell=owner, place=names.place),
        account_id=settings.account_id,
        region=region,
        owned=settings.owns_regions,
        key_arn=key_arn,
        log_days=settings.log_days,
    )
