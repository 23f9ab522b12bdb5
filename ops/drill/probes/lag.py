"""How far a replica is behind, asked of CloudWatch.

A lag is known only from a datapoint. A datapoint is judged by the minute that it is of, never by the time of asking:
what is older than the step that it must prove proves nothing, and none at all is neither yes nor no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ops.drill.calls import call
from ops.drill.model import Observation

STOPPED: Final = -1
"""What RDS reports as a replica's lag when replication has stopped."""

LOOK_BACK: Final = timedelta(minutes=15)
_MOST: Final = timedelta(hours=12)  # by the minute, CloudWatch answers a day (1440 datapoints) at most
_MINUTE: Final = 60


@dataclass(frozen=True, kw_only=True)
class Lag:
    """A replica's largest lag in the minute that began at `at`, in seconds."""

    at: datetime
    seconds: float


def lags(
    cloudwatch: Any,  # noqa: ANN401 - boto3's clients have no static type
    identifier: str,
    now: datetime,
    since: datetime | None = None,
) -> list[Lag]:
    """The lags of the replica `identifier` by minute, oldest first: of the last 15 minutes, or from `since` on."""
    begin = max(min(since or now, now - LOOK_BACK), now - _MOST)
    found = call(
        cloudwatch,
        "get_metric_statistics",
        Namespace="AWS/RDS",
        MetricName="ReplicaLag",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": identifier}],
        StartTime=begin,
        EndTime=now + LOOK_BACK,  # also what is of the future by this machine's clock, which would show it wrong
        Period=_MINUTE,
        Statistics=["Maximum"],
    )["Datapoints"]
    return sorted((Lag(at=item["Timestamp"], seconds=item["Maximum"]) for item in found), key=lambda lag: lag.at)


def none_now(cloudwatch: Any, identifier: str, now: datetime) -> Observation:  # noqa: ANN401 - as above
    """Whether the replica's latest lag is zero."""
    found = lags(cloudwatch, identifier, now)
    if not found:
        return _none(identifier, now - LOOK_BACK)
    return Observation(holds=found[-1].seconds == 0, text=_text(identifier, found[-1]), values=_values(found[-1]))


def caught_up(
    cloudwatch: Any,  # noqa: ANN401 - as above
    identifier: str,
    now: datetime,
    after: datetime | None,
) -> Observation:
    """Whether nothing was left to apply in a whole minute that began after `after`, when the source was fenced."""
    if after is None:
        return Observation(holds=None, text="the source is not fenced yet, so no lag of zero would prove anything")
    found = lags(cloudwatch, identifier, now, after)
    future = [lag for lag in found if lag.at > now]
    if future:
        ahead = (future[-1].at - now).total_seconds()
        return Observation(
            holds=None,
            text=f"the lag of {identifier} comes from {ahead:.0f} s ahead: the clock here is wrong, so no datapoint "
            "can be placed; set the clock",
            values={"clock_behind_seconds": ahead},
        )
    found = [lag for lag in found if lag.at >= after]
    if not found:
        return _none(identifier, after)
    zero = next((lag for lag in found if lag.seconds == 0), None)
    shown = zero or found[-1]
    return Observation(holds=zero is not None, text=_text(identifier, shown), values=_values(shown))


def received_applied(
    cloudwatch: Any,  # noqa: ANN401 - as above
    identifier: str,
    now: datetime,
    lost_at: datetime | None,
) -> Observation:
    """Whether the replica of a lost source has applied all that it has received: nothing more will come."""
    if lost_at is None:
        return Observation(holds=None, text="the source is not known to be lost")
    found = lags(cloudwatch, identifier, now, lost_at - LOOK_BACK)
    since = [lag for lag in found if lag.at >= lost_at]
    before = [lag for lag in found if lag.at < lost_at and lag.seconds >= 0]
    last = {"lag_before_seconds": before[-1].seconds if before else None}
    if not since:
        missing = _none(identifier, lost_at)
        return missing.model_copy(update={"values": last})
    shown = since[-1]
    return Observation(holds=shown.seconds in (0, STOPPED), text=_text(identifier, shown), values=_values(shown) | last)


def _none(identifier: str, since: datetime) -> Observation:
    text = f"no datapoint of {identifier}'s lag since {since:%H:%M:%S}, which is no zero"
    return Observation(holds=None, text=text, values={"lag_seconds": None})


def _text(identifier: str, lag: Lag) -> str:
    if lag.seconds < 0:
        return f"{identifier} does not replicate (lag {lag.seconds:.0f} at {lag.at:%H:%M:%S})"
    return f"{identifier} was {lag.seconds:.1f} s behind at {lag.at:%H:%M:%S}"


def _values(lag: Lag) -> dict[str, float]:
    return {"lag_seconds": lag.seconds}
