"""The role of a cell's auditors: they read the evidence, change nothing, and see no patient's document nor secret.

Owns: the role and its policy. Does not own: what it may (`auditor_rights`), nor who may take it (`people`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from components.access import people
from components.access.auditor_rights import AuditedSide, statements
from domain.naming import GLOBAL, Names

ROLE: Final = "auditor"
SESSION_SECONDS: Final = 8 * 3600  # a working day


@dataclass(frozen=True, kw_only=True)
class AuditorArgs:
    """The cell and its account, and what is read of each side."""

    cell: str
    account_id: str
    boundary_arn: pulumi.Input[str]
    sides: Sequence[AuditedSide]


class Auditor(pulumi.ComponentResource):
    """The auditors' role of a cell. It is global; `opts` carry home's provider."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AuditorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the role and its policy."""
        super().__init__("medical:access:Auditor", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            name,
            name=Names(cell=args.cell, place=GLOBAL).of(ROLE),
            description=f"Reads the evidence of cell {args.cell}, and changes nothing",
            assume_role_policy=people.trust(args.account_id),
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        rights = policy.document(*statements(args.cell, args.account_id, args.sides))
        iam.RolePolicy(name, role=role.id, policy=rights, opts=child)
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})
