"""What the cell's stack owns of its account and of its regions, from its settings.

Owns nothing: `components.account` has the components, and who calls is their parent.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.account.account import Account, AccountArgs
from components.account.region import AccountRegion, AccountRegionArgs
from components.side import Side
from domain.continuity import HOME
from settings import Settings


def build(settings: Settings, sides: Mapping[str, Side], parent: pulumi.Resource) -> None:
    """Make what the account has once, and what it has once in the cell's regions, where the stack owns it."""
    if settings.owns_account:
        Account("account", AccountArgs(account_id=settings.account_id), sides[HOME].child_of(parent))
    if settings.owns_regions:
        for name, side in sides.items():
            args = AccountRegionArgs(names=side.names, key_arn=side.key.arn)
            AccountRegion(f"{name}-account", args, side.child_of(parent))


def output(settings: Settings) -> dict[str, pulumi.Input[object]]:
    """The stacks that own what the account has once, and what it has once in the cell's regions."""
    return {
        "account": settings.cell if settings.owns_account else settings.account_owner,
        "regions": settings.cell if settings.owns_regions else settings.region_owner,
    }
