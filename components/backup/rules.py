"""What may be done to a vault, and when what is backed up for how long. Pure, but for the types of its rules."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import backup

from components import policy
from domain import windows

DAILY: Final = "daily"
MONTHLY: Final = "monthly"

# Minutes. A job that has not started by then is given up; one that has may last a week, as the first of a large bucket
# does, of which later ones copy only what changed.
_START_WINDOW: Final = 120
_COMPLETION_WINDOW: Final = 7 * 24 * 60
_TEST_PAUSE: Final = 6  # hours from the start of backups to the start of restore tests
_DAY: Final = 24

# The actions that would end a recovery point, or its vault, before its time.
_ENDINGS: Final = ("backup:DeleteBackupVault", "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")
_OPENINGS: Final = ("backup:DeleteBackupVaultAccessPolicy", "backup:PutBackupVaultAccessPolicy")


def keep(account_id: str) -> list[policy.Statement]:
    """The policy of a vault: it allows nothing, and denies everybody to end what lies in it.

    Expiry is no request, so retention still ends. The policy itself yields to the account's root user alone: whoever
    steals an administrator's role, and with it the right to lift a governance lock, still deletes no backup, and yet
    there is a way out.
    """
    root = f"arn:aws:iam::{account_id}:root"
    return [
        _deny("DenyEnding", _ENDINGS),
        {**_deny("DenyOpening", _OPENINGS), "Condition": {"ArnNotEquals": {"aws:PrincipalArn": root}}},
    ]


def _deny(sid: str, actions: tuple[str, ...]) -> policy.Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": "*",  # in a vault's policy: this vault, and what lies in it
    }


def daily(region: str) -> str:
    """Every night."""
    return f"cron(0 {windows.snapshot_hour(region)} * * ? *)"


def monthly(region: str) -> str:
    """The night of each month's first day, at the hour of the daily one.

    Where two rules of a plan meet, AWS Backup takes one backup, and keeps it for the longer of the two retentions.
    """
    return f"cron(0 {windows.snapshot_hour(region)} 1 * ? *)"


def weekly_test(region: str) -> str:
    """Every Sunday, some hours after the night's backups began."""
    return f"cron(0 {(windows.snapshot_hour(region) + _TEST_PAUSE) % _DAY} ? * SUN *)"


def rule(
    name: str,
    schedule: str,
    days: int,
    *,
    vault_name: pulumi.Input[str],
    destination_vault_arn: pulumi.Input[str] | None,
) -> backup.PlanRuleArgs:
    """Back up into the vault on `schedule`, copy into the other one if there is one, and keep all for `days` days.

    Not continuously: what is continuous cannot be copied to another region, and RDS has point-in-time recovery of its
    own.
    """
    copies = None
    if destination_vault_arn is not None:
        kept = backup.PlanRuleCopyActionLifecycleArgs(delete_after=days)
        copies = [backup.PlanRuleCopyActionArgs(destination_vault_arn=destination_vault_arn, lifecycle=kept)]
    return backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=vault_name,
        schedule=schedule,
        start_window=_START_WINDOW,
        completion_window=_COMPLETION_WINDOW,
        lifecycle=backup.PlanRuleLifecycleArgs(delete_after=days),
        copy_actions=copies,
    )
