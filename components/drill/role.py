"""The role that a drill takes on AWS: exactly what a failover, a failback and the parity check do, and no more.

Owns: the role, who may take it, and its policy (`statements`). Does not own: what a drill does, and in which order,
which is `ops.drill`'s and the runbooks'.

Who may take it: people of the account who have proved who they are with a second factor. Identity Center asks for it
when they sign in, and says nothing of it in the session, so its roles are let in by their path, which nobody else can
make roles in. An IAM user says it in the session, and must have done so within the hour. Both must call the session by
their own name, so that what is done in it names a person: nobody runs a drill as somebody else and approves it as
themselves. No workload can take the role: the roles of instances and services are neither. Which of those people may,
the account says in their own policies, as it does who may write approvals, which this role may not.

It lasts two hours, more than a failover and its verification take, so that a drill is not cut in half. AWS holds a role
that was taken from another one, as Identity Center's are, to one hour: such a profile is renewed by the SDK by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from components.drill import rights
from components.drill.rights import DrillSide
from domain import drills

SESSION_SECONDS: Final = 2 * 3600
FACTOR_SECONDS: Final = 3600  # since the second factor was given
_SINGLE_SIGN_ON: Final = "aws-reserved/sso.amazonaws.com"


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
            assume_role_policy=trust(args.account_id),
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        iam.RolePolicy(name, role=role.id, policy=policy.document(*statements(args)), opts=child)
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def trust(account_id: str) -> str:
    """Let people of this account take the role, with a second factor."""
    account = {"AWS": f"arn:aws:iam::{account_id}:root"}
    taking = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
    statements = [
        {
            **taking,
            "Sid": "PeopleOfIdentityCenter",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account_id}:role/{_SINGLE_SIGN_ON}/*"},
                # A session's user id is its role's id, a colon and its name, which Identity Center makes the user's.
                "StringLike": {"aws:userid": "*:${sts:RoleSessionName}"},
            },
        },
        {
            **taking,
            "Sid": "UsersWithSecondFactor",
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": str(FACTOR_SECONDS)},
                "StringEquals": {"sts:RoleSessionName": "${aws:username}"},
            },
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True, separators=(",", ":"))


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
