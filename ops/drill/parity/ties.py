"""Whether what ties the sides together works: replication, health checks, the switch, the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.budget import LAG_ALARM_SECONDS
from domain.manifest import Manifest, ManifestError, SideName
from ops.drill.calls import ActionError, call
from ops.drill.model import Observation
from ops.drill.probes import buckets, database, declared, lag, routing

REPLICATED: Final = ("audit", "derived", "uploads")
"""The buckets whose rules are compared, by role: the drill role may ask of these alone."""

ENDPOINTS: Final = ("home", "recovery")
"""The health checks that checkers report on: the others are worked out by Route 53 itself."""

PENDING_BYTES: Final = 112_500_000_000
"""What S3's replication time control moves in its 15 minutes at a gigabit a second: the alarm on backlog has it too."""

# Route 53 calls an endpoint healthy if more than 18 % of its checkers do. Source: Route 53 developer guide.
_HEALTHY_SHARE: Final = 0.18
_SUCCESS: Final = "Success"
_ON: Final = "Enabled"
_UNTOLD: Final = "INSUFFICIENT_DATA"


def replica_lag(cloudwatch: Any, identifier: str, now: datetime) -> Observation:  # noqa: ANN401 - boto3 has no types
    """Whether the replica is no further behind than raises its alarm. Without a datapoint there is no answer."""
    seen = lag.none_now(cloudwatch, identifier, now)
    seconds = seen.values.get("lag_seconds")
    if seen.holds is None or not isinstance(seconds, int | float):
        return seen
    return seen.model_copy(update={"holds": 0 <= seconds <= LAG_ALARM_SECONDS})


def replication_rules(clients: Mapping[SideName, Any], manifest: Manifest) -> Observation:
    """Whether what is replicated one way is replicated the other way too: whole, with deletions, under the right key.

    S3 takes a rule with a wrong key, and then silently does not replicate. `clients` are those of S3, by side.
    """
    wrong: list[str] = []
    roles: dict[SideName, set[str]] = {}
    for side, s3 in clients.items():
        source, target = manifest.side(side), manifest.side("recovery" if side == "home" else "home")
        rules = {role: _rules(s3, source.buckets[role]) for role in REPLICATED if role in source.buckets}
        roles[side] = {role for role, found in rules.items() if found}
        wrong += [
            f"{source.buckets[role]}: {flaw}"
            for role, found in rules.items()
            for rule in found
            for flaw in _flaws(rule, target.buckets[role], target.key)
        ]
    both = set.union(*roles.values()) if roles else set()
    wrong += [f"{role} is not replicated from {side}" for side, found in roles.items() for role in sorted(both - found)]
    if not both:
        wrong.append("no bucket is replicated")
    return Observation(holds=not wrong, text="; ".join(wrong) or f"{', '.join(sorted(both))} go both ways")


def replication_backlog(cloudwatch: Any, manifest: Manifest, now: datetime) -> Observation:  # noqa: ANN401 - as above
    """Whether no more waits to be copied to recovery than S3 moves in 15 minutes; no answer if S3 does not say."""
    found = buckets.total(cloudwatch, manifest.home.buckets.values(), now)
    if found is None:
        return Observation(holds=None, text="S3 reports no backlog of any bucket, which is no zero")
    text = f"{found.objects:.0f} objects and {found.size:.0f} bytes wait to be copied to {manifest.recovery.region}"
    values = {"pending_objects": found.objects, "pending_bytes": found.size}
    return Observation(holds=found.size <= PENDING_BYTES, text=text, values=values)


def health_checks(route53: Any, checks: Mapping[str, str]) -> Observation:  # noqa: ANN401 - as above
    """Whether Route 53's checkers find both sides well. It tells so of checks of endpoints alone."""
    wrong: list[str] = []
    unknown: list[str] = []
    for name in ENDPOINTS:
        found = call(route53, "get_health_check_status", HealthCheckId=checks[name])["HealthCheckObservations"]
        said = [str(item.get("StatusReport", {}).get("Status", "")) for item in found]
        if not any(said):
            unknown.append(name)
        elif sum(status.startswith(_SUCCESS) for status in said) / len(said) <= _HEALTHY_SHARE:
            wrong.append(f"{name} is unhealthy: {said[0]}")
    if unknown and not wrong:
        return Observation(holds=None, text=f"no checker has reported on {' and '.join(unknown)}")
    return Observation(holds=not wrong, text="; ".join(wrong) or "both sides are healthy")


def switch(cloudwatch: Any, manifest: Manifest) -> Observation:  # noqa: ANN401 - as above
    """Whether the switch leads users to the side that writes. One that nobody has ever told anything is off.

    Its alarm ignores missing data, so that it has none only until the first value: see `domain.switch`.
    """
    on = manifest.writer == "recovery"
    seen = routing.switch(cloudwatch, manifest.switch, on=on)
    if seen.values.get("state") != _UNTOLD:
        return seen
    return seen.model_copy(update={"holds": not on, "text": f"{seen.text}: it was never turned on, and so is off"})


def manifests(
    clients: Mapping[SideName, Any], rds: Mapping[SideName, Any], manifest: Manifest, now: datetime
) -> Observation:
    """Whether both regions keep this manifest, and the databases are what it says. `clients` are those of SSM, by side.

    It has no age of its own at which it is too old: it is, once what it says of the databases is no longer true.
    """
    wrong: list[str] = []
    values: dict[str, int] = {}
    for side, ssm in clients.items():
        try:
            found = declared.kept(ssm, manifest.cell)
        except (ManifestError, ActionError) as error:
            wrong.append(f"{manifest.side(side).region} keeps no manifest that can be read: {error}")
            continue
        if found.manifest != manifest:
            wrong.append(f"the manifest in {manifest.side(side).region} is another one")
        if found.written <= now:  # the local cloud's own clock is ahead of a drill's
            values[f"age_days_{side}"] = (now - found.written).days
    for side, client in rds.items():
        place = manifest.side(side).database
        instance = database.find(client, place.identifier)
        if instance is None:
            wrong.append(f"the manifest names {place.identifier}, which does not stand")
        elif side == manifest.writer and instance.source:
            wrong.append(f"the manifest says that {side} writes, and {place.identifier} is a replica")
        elif side != manifest.writer and not instance.source and not instance.identifier.endswith("-aside"):
            wrong.append(f"the manifest says that {manifest.writer} writes, and {place.identifier} is no replica")
    return Observation(holds=not wrong, text="; ".join(wrong) or "both regions keep the same manifest", values=values)


def _rules(s3: Any, bucket: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - as above
    try:
        found = call(s3, "get_bucket_replication", Bucket=bucket)
    except ActionError as error:
        if error.code == "ReplicationConfigurationNotFoundError":
            return []
        raise
    return list(found["ReplicationConfiguration"]["Rules"])


def _flaws(rule: Mapping[str, Any], bucket: str, key: str) -> list[str]:
    destination = rule["Destination"]
    encryption = destination.get("EncryptionConfiguration", {})
    sources = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {})
    rules = (
        (rule["Status"] == _ON, "its rule is not enabled"),
        (rule.get("DeleteMarkerReplication", {}).get("Status") == _ON, "delete markers are not replicated"),
        (sources.get("Status") == _ON, "objects encrypted with a key are not replicated"),
        (destination["Bucket"].rpartition(":")[2] == bucket, f"its rule does not lead to {bucket}"),
        (encryption.get("ReplicaKmsKeyID") == key, "its replicas are not encrypted with the other side's key"),
    )
    return [text for right, text in rules if not right]
