"""The read gate: the uploads bucket's policy, by which nobody reads what the scanner has not cleared. Pure.

Until an object carries the scanner's tag with its word for clean, nobody reads it but the scanner itself. AWS Backup,
which only its service can act as, copies objects as they are and opens none: what was just uploaded, or is of a kind
that no scanner opens, must not be missing from backups. S3 replication reads by an action of its own, which is not
denied, so that a region's loss takes no document with it, scanned or not; its copies stand behind the same gate.

The tag is worth what its writers are: nobody but the scanner and replication writes any tag of an upload, with the
object or after it, or takes one away. Roles are named by the principal's ARN, which a session's requests carry too, and
not as principals: they need not exist before the bucket does.

So a backup is not restored into this bucket: with the tags that it brings it would be turned away. It is restored into
another one and uploaded from there, to be scanned by what is known of malware then.

Markers of continuity stand outside: they are made and read by the platform itself, hold nothing of a user, and must be
readable at once when a region is lost. No upload may be put there by a user (see `domain.markers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from components import policy
from domain.documents import CLEAN, TAG
from domain.markers import PREFIX
from domain.naming import ROLE, Names

_EVERYBODY: Final = {"AWS": "*"}
_READS: Final = ("s3:GetObject", "s3:GetObjectVersion")
_TAGS: Final = (
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
)
_REPLICATES: Final = ("s3:ReplicateTags",)


def scanner_name(names: Names) -> str:
    """The name of the role that GuardDuty takes on a side."""
    return names.of("documents-scan", ROLE)


def role_arn(account_id: str, name: str) -> str:
    """The ARN of a role of the cell's account."""
    return f"arn:aws:iam::{account_id}:role/{name}"


def statements(
    bucket_arn: str, *, scanner_arn: str, backup_arn: str, replication_arns: Sequence[str]
) -> list[policy.Statement]:
    """The gate of the bucket. `replication_arns` are the roles that replicate into it; none where nothing does."""
    everything = f"{bucket_arn}/*"
    unscanned = {"StringNotEquals": {f"s3:ExistingObjectTag/{TAG}": CLEAN}}
    told = {"Null": {f"s3:RequestObjectTag/{TAG}": "false"}}
    return [
        {
            "Sid": "DenyUnscanned",
            "Effect": "Deny",
            "Principal": _EVERYBODY,
            "Action": list(_READS),
            "NotResource": [f"{bucket_arn}/{PREFIX}*"],
            "Condition": {**unscanned, **_unless(scanner_arn, backup_arn)},
        },
        _deny("DenyTags", _TAGS, everything, _unless(scanner_arn)),
        _deny("DenyReplicatedTags", _REPLICATES, everything, _unless(*replication_arns)),
        # Else an upload could bring its own word for clean along.
        _deny("DenyTagOnUpload", ("s3:PutObject",), everything, told),
    ]


def _deny(
    sid: str, actions: Sequence[str], resource: str, condition: Mapping[str, Mapping[str, object]]
) -> policy.Statement:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": _EVERYBODY,
        "Action": list(actions),
        "Resource": [resource],
    }
    return {**statement, "Condition": condition} if condition else statement


def _unless(*role_arns: str) -> dict[str, dict[str, object]]:
    """A condition that holds for everybody but these roles; with none there is none, and so it is for everybody."""
    return {"ArnNotEquals": {"aws:PrincipalArn": list(role_arns)}} if role_arns else {}
