"""Proof that backups can be restored: every week AWS Backup restores the latest, times it, and deletes what it made.

Owns: the restore-testing plan, what it selects, and the role that it takes. Does not own: the backups.

What is restored is patient data again. So databases go into the isolated subnets, and buckets under the side's key:
by itself AWS Backup would take the account's default VPC and S3's own keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import backup

from components.backup import rules
from components.backup.role import RESTORE, BackupRole, build_role
from domain.naming import BACKUP, Names

_START_HOURS: Final = 8
_LATEST_DAYS: Final = 7
_VALIDATION_HOURS: Final = 1  # for whoever looks into what was restored, before it is deleted
_MOST_ARNS: Final = 30  # of one selection; source: RestoreTestingSelectionForCreate in the API reference


@dataclass(frozen=True, kw_only=True)
class RestoreTestsArgs:
    """What the tests are made from: the side's vault and key, and the resources whose backups are restored.

    A restored database lies in `database_subnet_group`, behind `database_security_group_id`.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    vault_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    database_arn: pulumi.Input[str]
    database_subnet_group: pulumi.Input[str]
    database_security_group_id: pulumi.Input[str]
    bucket_arns: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse.

        Raises:
            ValueError: no bucket, or more than one selection takes.
        """
        if not 1 <= len(self.bucket_arns) <= _MOST_ARNS:
            raise ValueError(f"{len(self.bucket_arns)} buckets: give 1 to {_MOST_ARNS}")


class RestoreTests(pulumi.ComponentResource):
    """The weekly restore tests of a side."""

    plan_name: pulumi.Output[str]

    def __init__(self, name: str, args: RestoreTestsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the plan and what it restores."""
        super().__init__("medical:backup:RestoreTests", name, None, opts)
        self._name = name
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        self._role = build_role(
            name,
            "restore",
            "Lets AWS Backup restore backups, to prove that they can be restored",
            RESTORE,
            names=args.names,
            account_id=args.account_id,
            boundary_arn=args.boundary_arn,
            opts=child,
        )
        self._plan = self._build_plan(child)
        self._select("RDS", [args.database_arn], self._database())
        self._select("S3", args.bucket_arns, {"encryptionType": "SSE-KMS", "kmsKey": args.key_arn})
        self.plan_name = self._plan.name
        self.register_outputs({"plan_name": self.plan_name})

    def _build_plan(self, opts: pulumi.ResourceOptions) -> backup.RestoreTestingPlan:
        return backup.RestoreTestingPlan(
            self._name,
            name=_plain(self._args.names.of("restore", BACKUP)),
            schedule_expression=rules.weekly_test(self._args.region),
            start_window_hours=_START_HOURS,
            recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[self._args.vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=_LATEST_DAYS,
            ),
            opts=opts,
        )

    def _database(self) -> dict[str, pulumi.Input[str]]:
        group = pulumi.Output.from_input(self._args.database_security_group_id)
        return {
            "dbSubnetGroupName": self._args.database_subnet_group,
            "vpcSecurityGroupIds": group.apply(lambda id_: json.dumps([id_])),
        }

    def _select(
        self, kind: str, arns: Sequence[pulumi.Input[str]], overrides: Mapping[str, pulumi.Input[str]]
    ) -> backup.RestoreTestingSelection:
        role: BackupRole = self._role
        return backup.RestoreTestingSelection(
            f"{self._name}-{kind.lower()}",
            name=_plain(self._args.names.of(f"restore-{kind.lower()}", BACKUP)),
            restore_testing_plan_name=self._plan.name,
            protected_resource_type=kind,
            protected_resource_arns=list(arns),
            restore_metadata_overrides=overrides,
            validation_window_hours=_VALIDATION_HOURS,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(role.attachments)),
        )


def _plain(name: str) -> str:
    """`name` in letters, digits and underscores, which is all that restore testing takes."""
    return name.replace("-", "_")
