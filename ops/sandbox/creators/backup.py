"""Creators for backup vaults and plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.sandbox.creator import Creator, Values

_SPELLINGS: Final = {
    "completionWindow": "CompletionWindowMinutes",
    "deleteAfter": "DeleteAfterDays",
    "schedule": "ScheduleExpression",
    "startWindow": "StartWindowMinutes",
    "targetVaultName": "TargetBackupVaultName",
    "destinationVaultArn": "DestinationBackupVaultArn",
}


def _spelled(value: Any) -> Any:  # noqa: ANN401 - a rule is any JSON
    """`value` with the names that AWS Backup's API has."""
    if isinstance(value, Mapping):
        return {_SPELLINGS.get(key, key): _spelled(item) for key, item in value.items()}
    return [_spelled(item) for item in value] if isinstance(value, list) else value


def _plan(values: Values) -> dict[str, Any]:
    return {**values, "rules": _spelled(values["rules"])}


def _events(values: Values) -> dict[str, Any]:
    """EventBridge is told of by a part of the configuration that is there, and empty."""
    return {"bucket": values["bucket"], "told": {"EventBridgeConfiguration": {}} if values.get("eventbridge") else {}}


CREATORS: Final = {
    "aws:backup/vault:Vault": Creator(
        service="backup",
        operation="create_backup_vault",
        id="BackupVaultName",
        params={
            "BackupVaultName": "{name}",
            "EncryptionKeyArn": "{kmsKeyArn}",
        },
        outputs={"arn": "BackupVaultArn"},
        dropped={"forceDestroy": "says what happens at deletion, which only the provider does"},
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Creator(
        service="backup",
        operation="put_backup_vault_lock_configuration",
        id="{backupVaultName}",
        outputs={"backupVaultArn": "arn:aws:backup:{region}:{account}:backup-vault:{backupVaultName}"},
    ),
    "aws:backup/plan:Plan": Creator(
        service="backup",
        operation="create_backup_plan",
        id="BackupPlanId",
        prepare=_plan,
        params={"BackupPlan": {"BackupPlanName": "{name}", "Rules": "{rules}"}},
        outputs={"arn": "BackupPlanArn", "version": "VersionId"},
    ),
    "aws:s3/bucketNotification:BucketNotification": Creator(
        service="s3",
        operation="put_bucket_notification_configuration",
        id="{bucket}",
        prepare=_events,
        params={"Bucket": "{bucket}", "NotificationConfiguration": "{told}"},
    ),
}

_NO_ANSWER: Final = "moto's AWS Backup has vaults, locks and plans, but does not answer the calls for"
RECORDED: Final = {
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": f"{_NO_ANSWER} restore testing",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": f"{_NO_ANSWER} restore testing",
    "aws:backup/selection:Selection": f"{_NO_ANSWER} a plan's selections",
    "aws:backup/vaultNotifications:VaultNotifications": f"{_NO_ANSWER} a vault's notifications",
    "aws:backup/vaultPolicy:VaultPolicy": f"{_NO_ANSWER} a vault's policy",
}
