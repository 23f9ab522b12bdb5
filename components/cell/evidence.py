"""A cell's audit trail as a cell wants it: from its settings and sides to the trail.

Owns nothing: `components.audit` has the components, and who calls is their parent.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.audit import rules as trails
from components.audit.trail import Trail, TrailArgs
from components.cell.ownership import Claims
from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.storage import rules
from domain.continuity import HOME
from settings import Settings


def build_trail(
    settings: Settings,
    sides: Mapping[str, Side],
    stacks: Mapping[str, RegionalStack],
    claims: Claims,
    parent: pulumi.Resource,
) -> Trail:
    """Make the trail of a cell."""
    home = sides[HOME]
    args = TrailArgs(
        names=home.names,
        account_id=settings.account_id,
        boundary_arn=home.boundary_arn,
        region=home.region,
        key_arn=home.key.arn,
        bucket=stacks[HOME].storage.buckets[rules.AUDIT].name,
        sides={side.region: side.names for side in sides.values()},
        log_days=settings.log_days,
        management=settings.owns_account,
        claim=claims.account,
    )
    return Trail("trail", args, home.child_of(parent))


def output(trail: Trail, *, management: bool) -> dict[str, pulumi.Input[object]]:
    """Where somebody who asks who did what finds the answer."""
    return {
        "trail": trail.arn,
        "bucket": trail.bucket,
        "prefix": f"{trails.PREFIX}/",
        "log_group": trail.log_group,
        "management": management,
    }
