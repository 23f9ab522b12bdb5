"""What is seen of a database from outside: its logs, and the reports on what it runs on.

RDS writes the reports to the log group `RDSOSMetrics`, one for all instances of a region: it is the account's, not a
cell's.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import cloudwatch, iam

from components import policy
from components.database.args import DatabaseArgs
from components.logs import log_group
from domain.residency import Dataset

LOGS: Final = ("audit", "error", "slowquery")
_WITH_STATEMENTS: Final = frozenset({"audit", "slowquery"})  # which repeat the values that were written
INTERVAL_SECONDS: Final = 60

_REPORTING = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


def build_log_groups(
    name: str, args: DatabaseArgs, identifier: str, opts: pulumi.ResourceOptions
) -> list[cloudwatch.LogGroup]:
    """The groups that RDS exports logs to. Made before the instance, which would make them open and kept for ever."""
    return [
        log_group(
            f"{name}-{log}",
            path=f"/aws/rds/instance/{identifier}/{log}",
            days=args.log_days,
            key_arn=args.key_arn,
            dataset=Dataset.PATIENT_RECORDS if log in _WITH_STATEMENTS else Dataset.LOGS,
            opts=opts,
        )
        for log in LOGS
    ]


def build_role(
    name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions
) -> tuple[iam.Role, iam.RolePolicyAttachment]:
    """The role through which the side's instances report on their operating system, and its policy's attachment."""
    role = iam.Role(
        f"{name}-monitoring",
        name=args.names.of("db-monitoring"),
        description="Lets RDS report on the operating system of the database",
        assume_role_policy=policy.trust(
            "monitoring.rds.amazonaws.com",
            account_id=args.account_id,
            source_arn=f"arn:aws:rds:{args.region}:{args.account_id}:db:{args.names.of('db')}-*",
        ),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    attachment = iam.RolePolicyAttachment(f"{name}-monitoring", role=role.name, policy_arn=_REPORTING, opts=opts)
    return role, attachment
