"""A side's backups as a cell wants them: from its settings and parts to the vault, the plans and the restore tests.

Owns nothing: `components.backup` has the components, and who calls is their parent.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import pulumi

from components.backup.plan import BackupPlan, BackupPlanArgs, Destination, Source
from components.backup.restore import RestoreTests, RestoreTestsArgs
from components.backup.vault import Vault, VaultArgs
from components.cell.regional import RegionalStack
from components.cell.side import Side
from settings import Settings

_UPLOADS: Final = "uploads"
_DOCUMENTS: Final = (_UPLOADS, "derived")
_EVIDENCE: Final = "audit"


def build_vault(settings: Settings, side: Side, stack: RegionalStack, parent: pulumi.Resource) -> Vault:
    """Make the vault of `side`, which tells its operations what happens in it."""
    args = VaultArgs(
        names=side.names,
        account_id=settings.account_id,
        region=side.region,
        key_arn=side.key.arn,
        lock=settings.vault_lock,
        backup_days=settings.backup_days,
        audit_days=settings.audit_days,
        throw_away=settings.throw_away,
        operations_topic=stack.messaging.operations_topic,
    )
    return Vault(f"{side.name}-backups", args, side.child_of(parent))


def build_plan(
    settings: Settings,
    side: Side,
    stack: RegionalStack,
    vault: Vault,
    destination: Destination | None,
    parent: pulumi.Resource,
) -> None:
    """Back `stack` up into `vault`, copy that to `destination`, and restore it every week to see that it can be."""
    buckets = {
        role: Source(name=stack.storage.buckets[role].name, arn=stack.storage.buckets[role].arn)
        for role in (*_DOCUMENTS, _EVIDENCE)
    }
    # Its events are listened to on both sides, whichever is backed up.
    buckets[_UPLOADS] = dataclasses.replace(buckets[_UPLOADS], name=stack.documents.uploads_bucket, announced=True)
    plan = BackupPlanArgs(
        names=side.names,
        account_id=settings.account_id,
        boundary_arn=side.boundary_arn,
        region=side.region,
        vault_name=vault.name,
        destination=destination,
        database_arn=stack.database.arn,
        buckets={role: buckets[role] for role in _DOCUMENTS},
        audit_bucket=buckets[_EVIDENCE],
        backup_days=settings.backup_days,
        audit_days=settings.audit_days,
    )
    BackupPlan(f"{side.name}-backup-plan", plan, side.child_of(parent))
    tests = RestoreTestsArgs(
        names=side.names,
        account_id=settings.account_id,
        boundary_arn=side.boundary_arn,
        region=side.region,
        vault_arn=vault.arn,
        key_arn=side.key.arn,
        database_arn=stack.database.arn,
        database_subnet_group=stack.database.subnet_group,
        database_security_group_id=stack.database.security_group_id,
        bucket_arns=[item.arn for item in buckets.values()],
    )
    RestoreTests(f"{side.name}-restore-tests", tests, side.child_of(parent))
