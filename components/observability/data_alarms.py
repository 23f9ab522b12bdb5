"""The alarms on what keeps data: database, cache, backups. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.observability.model import (
    Alarm,
    Comparison,
    Metric,
    Severity,
    Silence,
    Threshold,
    Treatment,
    Unit,
    Weight,
)
from components.observability.watched import CacheNode, Database, Vault
from domain import sizes
from domain.alarms import Profile

_FIVE_MINUTES: Final = timedelta(minutes=5)
_HOUR: Final = timedelta(hours=1)
_GIB: Final = 1024**3
# RDS begins to grow storage at ten percent. Source: RDS user guide, "Managing capacity automatically with Amazon RDS
# storage autoscaling", read November 2026.
_LEFT_PERCENT: Final = 5
_LITTLE_MEMORY_PERCENT: Final = 5
LAG_SECONDS: Final = 60  # a replica further behind than this is an alarm
_LAG_MINUTES: Final = 3
_NOT_REPLICATING_SECONDS: Final = 86400
_BEHIND_SECONDS: Final = 30  # of a cache's replica; what it lacks is lost if it takes over
_DOWN: Final = Silence(
    Treatment.UNKNOWN, "an instance that restarts reports nothing: it shows as unknown; users' side of it has alarms"
)


def database(it: Database, profile: Profile) -> Iterator[Alarm]:
    """Whether an instance has room: for work, for connections, for data, and in memory."""

    def alarm(
        key: str, name: str, comparison: Comparison, threshold: Threshold, meaning: str, severity: Severity
    ) -> Alarm:
        measured = Metric(
            namespace="AWS/RDS",
            name=name,
            dimensions={"DBInstanceIdentifier": it.identifier},
            statistic="Average",
            period=_FIVE_MINUTES,
        )
        return Alarm(
            owner=it.key,
            key=key,
            metrics={"measured": measured},
            comparison=comparison,
            threshold=threshold,
            breaches=3,
            of=3,
            silence=_DOWN,
            severity=severity,
            weight=Weight.NONE if it.aside else Weight.CAUSE,
            meaning=meaning,
            section="database",
        )

    memory = sizes.database_memory_gib(it.instance_class) * _GIB
    connections = sizes.database_connections(it.instance_class) * profile.used_percent // 100
    storage, little = it.storage_gib * _GIB * _LEFT_PERCENT // 100, memory * _LITTLE_MEMORY_PERCENT // 100
    above, below, ticket = Comparison.ABOVE, Comparison.BELOW, Severity.TICKET
    used = Threshold(profile.used_percent, Unit.PERCENT)
    yield alarm("cpu", "CPUUtilization", above, used, f"The database {it.identifier} has little time left.", ticket)
    yield alarm(
        "connections",
        "DatabaseConnections",
        above,
        Threshold(connections, Unit.COUNT),
        f"The database {it.identifier} will soon refuse connections.",
        ticket,
    )
    yield alarm(
        "storage",
        "FreeStorageSpace",
        below,
        Threshold(storage, Unit.BYTES),
        f"The database {it.identifier} is almost full, though RDS ought to have grown it. Full, it stops.",
        Severity.PAGE,
    )
    yield alarm(
        "memory",
        "FreeableMemory",
        below,
        Threshold(little, Unit.BYTES),
        f"The database {it.identifier} has little memory left and will swap.",
        ticket,
    )
    if it.replica:
        yield _replica_lag(it)


def _replica_lag(it: Database) -> Alarm:
    lag = Metric(
        namespace="AWS/RDS",
        name="ReplicaLag",
        dimensions={"DBInstanceIdentifier": it.identifier},
        statistic="Maximum",
    )
    return Alarm(
        owner=it.key,
        key="replica-lag",
        metrics={"lag": lag},
        # RDS reports -1 where replication has stopped, which is no small lag.
        formula=f"IF(lag < 0, {_NOT_REPLICATING_SECONDS}, lag)",
        comparison=Comparison.ABOVE,
        threshold=Threshold(LAG_SECONDS, Unit.SECONDS),
        breaches=_LAG_MINUTES,
        of=_LAG_MINUTES,
        silence=Silence(Treatment.BREACHING, "a replica that is not heard of must be taken for one that lags"),
        severity=Severity.PAGE,
        weight=Weight.UNHEARD,
        meaning=f"The replica {it.identifier} is behind its source, or does not replicate. What it lacks would be lost "
        "in a failover.",
        section="database",
    )


def cache_node(it: CacheNode, profile: Profile) -> Iterator[Alarm]:
    """Whether a node holds what it is given. The service lives without a cache, slower, so none of it is a page."""

    def alarm(key: str, name: str, statistic: str, threshold: Threshold, silence: Silence, meaning: str) -> Alarm:
        measured = Metric(
            namespace="AWS/ElastiCache",
            name=name,
            dimensions={"CacheClusterId": it.node},
            statistic=statistic,
            period=_FIVE_MINUTES,
        )
        return Alarm(
            owner=it.key,
            key=key,
            metrics={"measured": measured},
            comparison=Comparison.ABOVE,
            threshold=threshold,
            breaches=3,
            of=3,
            silence=silence,
            weight=Weight.CAUSE,
            meaning=meaning,
            section="cache",
        )

    used = Threshold(profile.used_percent, Unit.PERCENT)
    gone = Silence(Treatment.UNKNOWN, "a node that is replaced reports nothing: it shows as unknown")
    primary = Silence(Treatment.FINE, "only a replica reports it, and either node may be the primary")
    evicted = Threshold(profile.evictions_count, Unit.COUNT)
    yield alarm("cpu", "EngineCPUUtilization", "Average", used, gone, f"The cache's node {it.node} is busy.")
    yield alarm(
        "memory",
        "DatabaseMemoryUsagePercentage",
        "Maximum",
        used,
        gone,
        f"The cache's node {it.node} is almost full and will drop what was used longest ago.",
    )
    yield alarm(
        "evictions",
        "Evictions",
        "Sum",
        evicted,
        gone,
        f"The cache's node {it.node} drops what is still wanted: it is too small for what is read.",
    )
    behind = Threshold(_BEHIND_SECONDS, Unit.SECONDS)
    yield alarm(
        "behind",
        "ReplicationLag",
        "Maximum",
        behind,
        primary,
        f"The cache's replica {it.node} is behind its primary.",
    )


def vault(it: Vault, _: Profile) -> Iterator[Alarm]:
    """Whether a backup, or the copy of one to the other side, has failed."""
    for key, name, what in (
        ("failed", "NumberOfBackupJobsFailed", "A backup has failed"),
        ("copies-failed", "NumberOfCopyJobsFailed", "A backup was not copied to the other side"),
    ):
        failed = Metric(
            namespace="AWS/Backup",
            name=name,
            dimensions={"BackupVaultName": it.name},
            statistic="Sum",
            period=_HOUR,
        )
        yield Alarm(
            owner=it.key,
            key=key,
            metrics={"failed": failed},
            comparison=Comparison.ABOVE,
            threshold=Threshold(0, Unit.COUNT),
            breaches=1,
            of=1,
            silence=Silence(Treatment.FINE, "a failure is an event: where none is told of, none was"),
            meaning=f"{what}: until the next one, more would be lost than is meant to be.",
            section="backups",
        )
