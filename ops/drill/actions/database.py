"""Changes of the databases: the fence, and the promotion that cannot be undone.

Each does what RDS does at once; that it has come about is for a probe to see.
"""

from __future__ import annotations

from typing import Any, Final

from ops.drill.calls import ActionError, call
from ops.drill.probes.database import FENCE, FENCED, find

# RDS's own default: a replica refuses writes, a primary takes them. A reset of the parameter says the same.
_OPEN: Final = "{TrueIfReplica}"


def fence(rds: Any, parameter_group: str) -> str:  # noqa: ANN401 - boto3's clients have no static type
    """Let nobody write to the instance whose own parameters these are. Takes effect without a reboot."""
    _set(rds, parameter_group, FENCED)
    return f"{parameter_group}: {FENCE}={FENCED}"


def unfence(rds: Any, parameter_group: str) -> str:  # noqa: ANN401 - as above
    """Take the fence away."""
    _set(rds, parameter_group, _OPEN)
    return f"{parameter_group}: {FENCE}={_OPEN}, which lets a primary be written to"


def promote(rds: Any, identifier: str) -> str:  # noqa: ANN401 - as above
    """Make the replica an instance of its own. Its backups are kept as long as before: RDS would set one day.

    Raises:
        ActionError: it is no replica, or RDS refuses, as while it is backing-up.
    """
    instance = find(rds, identifier)
    if instance is None:
        raise ActionError(f"there is no instance {identifier} to promote; read the manifest again, and make a new plan")
    if not instance.source:
        raise ActionError(
            f"{identifier} is a primary, and only a replica is promoted; if it has just been, the step is done: resume"
        )
    days = {"BackupRetentionPeriod": instance.backup_days} if instance.backup_days else {}
    call(rds, "promote_read_replica", DBInstanceIdentifier=identifier, **days)
    kept = (
        f"keeps backups for {instance.backup_days} days" if days else "kept no backups, and keeps them for one day now"
    )
    return f"{identifier} is being promoted, and {kept}"


def _set(rds: Any, parameter_group: str, value: str) -> None:  # noqa: ANN401 - as above
    parameter = {"ParameterName": FENCE, "ParameterValue": value, "ApplyMethod": "immediate"}
    call(rds, "modify_db_parameter_group", DBParameterGroupName=parameter_group, Parameters=[parameter])
