"""What the cell's stack owns of its account and of its regions, from its settings.

Owns nothing: `components.account` has the components, and who calls is their parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.account.account import Account, AccountArgs
from components.account.region import AccountRegion, AccountRegionArgs
from components.cell.side import Side
from domain.continuity import HOME
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What the stack has claimed, and what it owns waits for: its account, if it owns that, and its regions by side."""

    account: pulumi.Resource | None
    regions: Mapping[str, pulumi.Resource]


def build(settings: Settings, sides: Mapping[str, Side], parent: pulumi.Resource) -> Claims:
    """Make what the account has once, and what it has once in the cell's regions, where the stack owns it."""
    account, regions = None, dict[str, pulumi.Resource]()
    if settings.owns_account:
        made = Account("account", AccountArgs(account_id=settings.account_id), sides[HOME].child_of(parent))
        account = made.claim
    if settings.owns_regions:
        for name, side in sides.items():
            args = AccountRegionArgs(names=side.names, key_arn=side.key.arn)
            regions[name] = AccountRegion(f"{name}-account", args, side.child_of(parent)).claim
    return Claims(account=account, regions=regions)


def output(settings: Settings) -> dict[str, pulumi.Input[object]]:
    """The stacks that own what the account has once, and what it has once in the cell's regions."""
    return {
        "account": settings.cell if settings.owns_account else settings.account_owner,
        "regions": settings.cell if settings.owns_regions else settings.region_owner,
    }
