"""One event of the trail, as an auditor asks about it: who did what, when, from where, on what, and what came of it.

Pure. Reads CloudTrail's records as AWS writes them, each version of the format that has these parts. A record that
lacks them is no record, and whoever reads it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_MOST_DEPTH: Final = 6
_MOST_TARGETS: Final = 40
# Parameters that name what a call is about; the others say how it is to be done.
_NAMING: Final = re.compile(r"arn|bucket|group|host|id|key|name|path|prefix|resource|role|user", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event. `who` is the name to show, `names` all by which its maker can be asked for; `on` what it is about."""

    id: str
    at: datetime
    region: str
    who: str
    kind: str
    names: frozenset[str]
    address: str
    agent: str
    source: str
    name: str
    on: tuple[str, ...]
    read_only: bool
    error: str
    message: str
    category: str

    def as_json(self) -> dict[str, Any]:
        """All of it for machines."""
        return {
            "id": self.id,
            "at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}",
            "region": self.region,
            "who": self.who,
            "identity": self.kind,
            "names": sorted(self.names),
            "from": self.address,
            "agent": self.agent,
            "source": self.source,
            "name": self.name,
            "on": list(self.on),
            "read_only": self.read_only,
            "error": self.error or None,
            "message": self.message or None,
            "category": self.category,
        }


def read(record: Mapping[str, Any]) -> Event:
    """The event that a record of CloudTrail's tells of.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no such record.
    """
    identity: Mapping[str, Any] = record["userIdentity"]
    who, names = _who(identity)
    return Event(
        id=str(record["eventID"]),
        at=_time(record["eventTime"]),
        region=str(record["awsRegion"]),
        who=who,
        kind=str(identity.get("type", "")),
        names=names,
        address=str(record.get("sourceIPAddress", "")),
        agent=str(record.get("userAgent") or ""),
        source=str(record["eventSource"]),
        name=str(record["eventName"]),
        on=_targets(record),
        read_only=bool(record.get("readOnly", False)),
        error=str(record.get("errorCode") or ""),
        message=str(record.get("errorMessage") or ""),
        category=str(record.get("eventCategory") or ""),
    )


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)


def _who(identity: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """The name to show, and all names: a user's, a session's, its role's, ARNs, and the key's id."""
    issuer: Mapping[str, Any] = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    arn, role = str(identity.get("arn") or ""), str(issuer.get("userName") or "")
    session = arn.rpartition("/")[2] if ":assumed-role/" in arn else ""
    kind = str(identity.get("type", ""))
    user = str(identity.get("userName") or "")
    told = [user, session, role, arn, str(issuer.get("arn") or ""), str(identity.get("accessKeyId") or "")]
    told += [str(identity.get("principalId") or ""), str(identity.get("invokedBy") or "")]
    if kind == "Root":
        told.append("root")
    if session:
        role = role or arn.split("/")[1]
        who = session if session == role else f"{session} ({role})"
    else:
        last = arn or str(identity.get("invokedBy") or identity.get("principalId") or kind)
        who = "root" if kind == "Root" else user or last
    return who, frozenset(name for name in told if name)


def _targets(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What an event is about, the most telling first: its resources, then what its parameters name."""
    asked = record.get("requestParameters") or {}
    found: dict[str, None] = {}
    if asked.get("bucketName"):
        found[f"{asked['bucketName']}/{asked['key']}" if asked.get("key") else str(asked["bucketName"])] = None
    for resource in record.get("resources") or ():
        found[str(resource.get("ARN") or resource.get("ARNPrefix") or "")] = None
    for text in _named(asked, 0):
        if len(found) >= _MOST_TARGETS:
            break
        found[text] = None
    return tuple(name for name in found if name)


def _named(value: Any, depth: int, name: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The texts in parameters whose names say that they name something."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item, depth + 1, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, depth + 1, name)
    elif isinstance(value, str) and _NAMING.search(name):
        yield value
