"""The roles that AWS Backup takes: one may read and copy, the other may make anew. Neither can do the other's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from domain.naming import Names

# AWS's own: what the service needs for a kind of resource changes with the service, and these policies with it.
_MANAGED: Final = "arn:aws:iam::aws:policy"
BACK_UP: Final = (
    f"{_MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup",
    f"{_MANAGED}/AWSBackupServiceRolePolicyForS3Backup",
)
RESTORE: Final = (
    f"{_MANAGED}/service-role/AWSBackupServiceRolePolicyForRestores",
    f"{_MANAGED}/AWSBackupServiceRolePolicyForS3Restore",
)


@dataclass(frozen=True, kw_only=True)
class BackupRole:
    """A role, and the attachments to wait for before it is used."""

    arn: pulumi.Output[str]
    attachments: Sequence[iam.RolePolicyAttachment]


def build_role(
    name: str,
    physical_role: str,
    description: str,
    policies: Sequence[str],
    *,
    names: Names,
    account_id: str,
    boundary_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> BackupRole:
    """Make the role, for AWS Backup in this account only."""
    role = iam.Role(
        name,
        name=names.of(physical_role),
        description=description,
        assume_role_policy=policy.trust("backup.amazonaws.com", account_id=account_id),
        permissions_boundary=boundary_arn,
        opts=opts,
    )
    attachments = [
        iam.RolePolicyAttachment(
            f"{name}-{arn.rpartition('For')[2].lower()}", role=role.name, policy_arn=arn, opts=opts
        )
        for arn in policies
    ]
    return BackupRole(arn=role.arn, attachments=attachments)
