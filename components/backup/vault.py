"""A side's vault: where its backups lie, and copies of the other side's.

Owns: the vault under the side's key, its lock, its policy, and whom it tells. Does not own: what is backed up into it
and when, which is the plan's, nor the topic's policy and the key's, which must let AWS Backup publish.

Two locks say how a person may undo one:

- `governance`: whoever holds the right may lift it. The vault's policy then still keeps what lies in it.
- `compliance`: three days after it is made nobody can lift it any more, nor change its retention, AWS included.

A throw-away stack has neither lock nor policy, because it could never be destroyed with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import backup

from components import policy
from components.backup import rules
from components.observability import watched
from domain.naming import BACKUP, Names

GOVERNANCE, COMPLIANCE = "governance", "compliance"
LOCKS: Final = (GOVERNANCE, COMPLIANCE)
LONGEST_DAYS: Final = 36500  # that a lock takes; source: PutBackupVaultLockConfiguration in its API reference
GRACE_DAYS: Final = 3  # until a compliance lock sets; the least that AWS offers

EVENTS: Final = (
    "BACKUP_JOB_COMPLETED",  # which failed and expired ones are too
    "COPY_JOB_FAILED",
    "RESTORE_JOB_COMPLETED",
    "S3_BACKUP_OBJECT_FAILED",
    "S3_RESTORE_OBJECT_FAILED",
)


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    """What a side's vault is made from.

    Nothing may be put in that would be kept for fewer than `backup_days` or more than `audit_days`. What happens in it
    is told to `operations_topic`, if there is one.

    Raises:
        ValueError: values that AWS refuses, or that contradict each other.
    """

    names: Names
    account_id: str
    region: str
    key_arn: pulumi.Input[str]
    lock: str
    backup_days: int
    audit_days: int
    throw_away: bool
    operations_topic: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what would fail at AWS, or could never be undone by mistake."""
        if self.lock not in LOCKS:
            raise ValueError(f"lock {self.lock!r}: must be one of {', '.join(LOCKS)}")
        if not 1 <= self.backup_days <= self.audit_days <= LONGEST_DAYS:
            raise ValueError(
                f"backups kept for {self.backup_days} and audit data for {self.audit_days} days: give at least 1, "
                f"at most {LONGEST_DAYS}, and no fewer for audit data than for the others"
            )
        if self.throw_away and self.lock == COMPLIANCE:
            raise ValueError(
                "a throw-away stack with a compliance lock could never be thrown away; set vaultLock to governance"
            )


class Vault(pulumi.ComponentResource):
    """A backup vault. Whoever takes `name` waits until it is locked."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    watched: tuple[watched.Watched, ...]

    def __init__(self, name: str, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the vault, and close it unless it is to be thrown away."""
        super().__init__("medical:backup:Vault", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        vault = backup.Vault(
            name,
            name=args.names.of("backup", BACKUP),
            kms_key_arn=args.key_arn,
            force_destroy=args.throw_away,
            opts=pulumi.ResourceOptions(parent=self, protect=not args.throw_away),
        )
        if args.operations_topic is not None:
            self._tell(vault, args.operations_topic)
        self.name = vault.name if args.throw_away else self._lock(self._keep(vault))
        self.arn = vault.arn
        self.watched = (watched.Vault(key="backup", name=self.name),)
        self.register_outputs({"arn": self.arn})

    def _keep(self, vault: backup.Vault) -> pulumi.Output[str]:
        """Deny deletion; give the vault's name on."""
        return backup.VaultPolicy(
            self._name,
            backup_vault_name=vault.name,
            policy=policy.document(*rules.keep(self._args.account_id)),
            opts=self._child,
        ).backup_vault_name

    def _lock(self, vault_name: pulumi.Output[str]) -> pulumi.Output[str]:
        """Lock the vault; give its name on."""
        args = self._args
        if args.lock == COMPLIANCE:
            pulumi.log.warn(
                f"compliance lock in {args.region}: {GRACE_DAYS} days after it is made nobody, AWS included, can lift "
                f"it, shorten its {args.backup_days} or lengthen its {args.audit_days} days, or delete a backup before "
                "its time; until then set vaultLock to governance to take it back",
                self,
            )
        return backup.VaultLockConfiguration(
            self._name,
            backup_vault_name=vault_name,
            changeable_for_days=GRACE_DAYS if args.lock == COMPLIANCE else None,
            min_retention_days=args.backup_days,
            max_retention_days=args.audit_days,
            opts=self._child,
        ).backup_vault_name

    def _tell(self, vault: backup.Vault, topic_arn: pulumi.Input[str]) -> None:
        backup.VaultNotifications(
            self._name,
            backup_vault_name=vault.name,
            sns_topic_arn=topic_arn,
            backup_vault_events=list(EVENTS),
            opts=self._child,
        )
