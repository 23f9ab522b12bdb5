"""The role that a drill takes on AWS: exactly what a failover, a failback and the parity check do, and no more.

Owns: the role, who may take it, and its policy (`statements`). Does not own: what a drill does, and in which order,
which is `ops.drill`'s and the runbooks'.

Who may take it: people of the account, as `components.access.people` says, so that nobody runs a drill as somebody else
and approves it as themselves. The account's own policies say who may write approvals, which this role may not.

It lasts two hours, more than a failover and its verification take, so that a drill is not cut in half. AWS holds a role
that was taken from another one, as Identity Center's are, to one hour: such a profile is renewed by the SDK by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from components.access import people
from components.drill import rights
from components.drill.rights import DrillSide
from domain import drills

SESSION_SECONDS: Final = 2 * 3600


@dataclass(frozen=True, kw_only=True)
class DrillRoleArgs:
    """What the role is made from: the cell, its two sides, and the ids of its health checks."""

    cell: str
    account_id: str
    boundary_arn: pulumi.Input[str]
    home: DrillSide
    recovery: DrillSide
    health_check_ids: Sequence[pulumi.Input[str]]


class DrillRole(pulumi.ComponentResource):
    """The role for drills of a cell. It is global; `opts` carry home's provider."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: DrillRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the role and its policy."""
        super().__init__("medical:drill:DrillRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            name,
            name=drills.role_name(args.cell),
            description=f"Drills of cell {args.cell}: failover, failback and parity check",
            assume_role_policy=people.trust(args.account_id),
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        iam.RolePolicy(name, role=role.id, policy=policy.document(*statements(args)), opts=child)
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def statements(args: DrillRoleArgs) -> list[policy.Statement]:
    """The statements of the role's policy, what it may change first."""
    sides = (args.home, args.recovery)
    return [
        *rights.changes(args.account_id, sides, args.recovery.region),
        *rights.notes(args.cell, args.account_id, sides),
        *rights.markers(sides),
        *rights.views(args.cell, args.account_id, sides, args.health_check_ids),
        *rights.refusals(args.cell, args.account_id, sides),
    ]
