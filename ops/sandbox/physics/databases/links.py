"""The link between a replica and its source, as moto keeps it on both instances.

moto makes a replica as a copy of its source and never breaks a link: this is where both are put right. Owns nothing of
time; `databases` decides when.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

Key: TypeAlias = tuple[str, str]
"""A region and an identifier."""

_ARN: Final = "arn:"
_LISTS: Final = (
    "_tags",
    "vpc_security_group_ids",
    "enabled_cloudwatch_logs_exports",
    "db_security_groups",
    "domain_memberships",
    "_associated_roles",
)


def key(record: Any) -> Key:  # noqa: ANN401 - moto's instance, loaded later
    """What tells an instance from all others of the account."""
    return str(record.region), str(record.db_instance_identifier)


def source_key(record: Any) -> Key | None:  # noqa: ANN401 - as above
    """The instance that `record` is a replica of, if it is one."""
    if not record.is_replica or not record.source_db_instance_identifier:
        return None
    return _resolved(record.source_db_instance_identifier, record.region)


def forget_lost(record: Any, followers: Iterable[Any]) -> None:  # noqa: ANN401 - as above
    """Leave in the source's list only those of its replicas that are among `followers`."""
    standing = {key(follower) for follower in followers}
    record.replicas = [name for name in record.replicas if _resolved(name, record.region) in standing]


def end(record: Any) -> None:  # noqa: ANN401 - as above
    """Make a replica a primary, on its own side of the link."""
    record.is_replica = False
    record.source_db_instance_identifier = None


def rename(record: Any, new: str, others: Iterable[Any]) -> None:  # noqa: ANN401 - as above
    """Give `record` another identifier, on both sides of its links to `others`."""
    was = key(record)
    old_arn = record.db_instance_arn
    old = record.db_instance_identifier
    record.db_instance_identifier = new
    names = {old_arn: record.db_instance_arn, old: record.db_instance_identifier}
    for other in others:
        if source_key(other) == was:
            other.source_db_instance_identifier = names[other.source_db_instance_identifier]
        other.replicas = [names[name] if _resolved(name, other.region) == was else name for name in other.replicas]


def separate(record: Any) -> None:  # noqa: ANN401 - as above
    """Give an instance lists of its own: moto's replica has its source's, the same objects."""
    for name in _LISTS:
        if hasattr(record, name):
            setattr(record, name, list(getattr(record, name)))


def _resolved(name: str, region: str) -> Key:
    """The instance that a link calls `name`: by ARN, or by its identifier if it is in the same region."""
    if name.startswith(_ARN):
        parts = name.split(":")
        return parts[3], parts[-1]
    return region, name
