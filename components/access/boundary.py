"""The permissions boundary of a cell: a managed policy that every role of the platform carries.

Owns: the policy. Does not own: what it says (`limits`), nor the roles, which stand with what they are for; whoever
makes one takes the boundary's ARN, so that no role can stand before its boundary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from components.access import limits
from domain.naming import GLOBAL, Names

ROLE: Final = "boundary"


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    """The cell, its account, and the regions of its sides."""

    cell: str
    account_id: str
    regions: Sequence[str]


class Boundary(pulumi.ComponentResource):
    """The boundary of a cell's roles. It is global; `opts` carry home's provider."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the policy."""
        super().__init__("medical:access:Boundary", name, None, opts)
        made = iam.Policy(
            name,
            name=Names(cell=args.cell, place=GLOBAL).of(ROLE),
            description=f"The limits of every role of cell {args.cell}",
            policy=policy.document(*limits.statements(args.cell, args.account_id, args.regions)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})
