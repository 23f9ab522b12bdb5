"""Backups cannot be deleted before their time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.names import VAULT
from policies.simple import lasting
from policies.values import below

_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"


def _check(view: View) -> Iterator[Breach]:
    for vault in view.of(VAULT):
        locks = view.parts(vault, _LOCK, "backupVaultName")
        if all(below(lock.at("minRetentionDays"), 1) for lock in locks):
            yield Breach(vault.urn, "whoever may write backups may delete them")


RULE: Final = Rule(
    name="no-unlocked-vault",
    title="Backup vaults are locked",
    severity=Severity.HIGH,
    controls=hipaa("308(a)(7)(ii)(A)", "312(c)(1)"),
    types=(VAULT, _LOCK),
    way_out="give the vault a VaultLockConfiguration with minRetentionDays",
    check=lasting(_check),
)
