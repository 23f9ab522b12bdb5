"""What is backed up, when, for how long, and where the copy goes. Stands on the side that writes.

Owns: a plan for patient data and one for audit data, what each selects, the role that AWS Backup takes, and the events
without which it does not see what changed in a bucket. Does not own: the vaults, and the resources that are selected.

A selection applies to all rules of its plan; hence two plans, because audit data alone is also kept for years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import pulumi
from pulumi_aws import backup, s3

from components.backup import rules
from components.backup.role import BACK_UP, BackupRole, build_role
from domain.naming import BACKUP, Names
from domain.residency import Copy, Dataset, Mechanism

PATIENT, AUDIT = "patient", "audit"
ROLE_NAME: Final = "backup"
_REGION: Final = 3  # the part of an ARN that is its region


@dataclass(frozen=True, kw_only=True)
class Source:
    """A bucket that is backed up: versioned, or AWS Backup refuses it.

    `announced` says that its events go to EventBridge already, once there is a `name`.
    """

    name: pulumi.Input[str]
    arn: pulumi.Input[str]
    announced: bool = False


@dataclass(frozen=True, kw_only=True)
class Destination:
    """The vault that backups are copied into, and the copy as it was admitted."""

    vault_arn: pulumi.Input[str]
    copy: Copy[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class BackupPlanArgs:
    """What the plans are made from.

    `buckets` are those of patient data by role. Backups lie in the vault `vault_name` of `region`, and their copies
    in that of `destination`, which is None in a cell of one region: daily ones for `backup_days`, monthly ones of audit
    data for `audit_days`.

    Raises:
        ResidencyError: `destination` admits something else, or a copy from another region.
        ValueError: a retention that the vaults' locks refuse.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    vault_name: pulumi.Input[str]
    destination: Destination | None
    database_arn: pulumi.Input[str]
    buckets: Mapping[str, Source]
    audit_bucket: Source
    backup_days: int
    audit_days: int

    def __post_init__(self) -> None:
        """Refuse a copy that was not admitted, and retentions that make no sense."""
        if self.destination:
            copy = self.destination.copy
            copy.require(Dataset.BACKUPS, mechanism=Mechanism.BACKUP_COPY, source_region=self.region)
            if copy.destination_region == self.region:
                raise ValueError(
                    f"backups of {self.region} are copied to {self.region}: a copy outlives another region"
                )
        if not 1 <= self.backup_days <= self.audit_days:
            raise ValueError(
                f"backups kept for {self.backup_days} and audit data for {self.audit_days} days: give at least 1, and "
                "no fewer for audit data than for the others"
            )


class BackupPlan(pulumi.ComponentResource):
    """The plans of the side that writes."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the plans with what they select."""
        super().__init__("medical:backup:BackupPlan", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._destination = _vault_of(args.destination)
        role = build_role(
            name,
            ROLE_NAME,
            "Lets AWS Backup read what it backs up, and copy it",
            BACK_UP,
            names=args.names,
            account_id=args.account_id,
            boundary_arn=args.boundary_arn,
            opts=self._child,
        )
        daily = self._rule(rules.DAILY, rules.daily(args.region), args.backup_days)
        monthly = self._rule(rules.MONTHLY, rules.monthly(args.region), args.audit_days)
        documents = [self._announce(key, source) for key, source in args.buckets.items()]
        evidence = [self._announce(AUDIT, args.audit_bucket)]
        self._select(self._build_plan(PATIENT, [daily]), PATIENT, role, [args.database_arn, *documents])
        self._select(self._build_plan(AUDIT, [daily, monthly]), AUDIT, role, evidence)
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})

    def _rule(self, name: str, schedule: str, days: int) -> backup.PlanRuleArgs:
        return rules.rule(
            name, schedule, days, vault_name=self._args.vault_name, destination_vault_arn=self._destination
        )

    def _build_plan(self, role: str, plan_rules: list[backup.PlanRuleArgs]) -> backup.Plan:
        return backup.Plan(
            f"{self._name}-{role}",
            name=self._args.names.of(f"backup-{role}", BACKUP),
            rules=plan_rules,
            opts=self._child,
        )

    def _announce(self, key: str, source: Source) -> pulumi.Output[str]:
        """Send a bucket's events to EventBridge, by which AWS Backup learns what changed; give its ARN on.

        A bucket has one such setting for all purposes, which whoever first wants to hear of its objects makes.
        """
        name = source.name
        if not source.announced:
            opts = self._child
            name = s3.BucketNotification(f"{self._name}-{key}", bucket=name, eventbridge=True, opts=opts).bucket
        return pulumi.Output.all(source.arn, name).apply(lambda found: str(found[0]))

    def _select(self, plan: backup.Plan, role: str, taken: BackupRole, arns: Sequence[pulumi.Input[str]]) -> None:
        backup.Selection(
            f"{self._name}-{role}",
            name=self._args.names.of(f"backup-{role}", BACKUP),
            plan_id=plan.id,
            iam_role_arn=taken.arn,
            resources=list(arns),
            # No input leads to what the role may do, and a job that starts before would fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(taken.attachments)),
        )


def _vault_of(destination: Destination | None) -> pulumi.Output[str] | None:
    """The vault to copy into, once it is seen to lie where the copy was admitted to."""
    if destination is None:
        return None
    return pulumi.Output.from_input(destination.vault_arn).apply(partial(_only_in, destination.copy.destination_region))


def _only_in(region: str, vault_arn: str) -> str:
    """`vault_arn`, which must lie in `region`: the copy was admitted for no other."""
    found = vault_arn.split(":")[_REGION]
    if found != region:
        raise pulumi.RunError(f"backups may be copied to {region} and the vault {vault_arn} lies in {found}")
    return vault_arn
