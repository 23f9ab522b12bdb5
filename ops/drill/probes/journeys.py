"""Whether patients get through: what a side's canaries found, and whether their alarms are quiet.

A journey is back once its canary has walked it again. A walk is judged by the minute in which it began, as CloudWatch
tells it: one of a minute that began before writes were back proves nothing, and none at all is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain import canaries
from domain.manifest import Manifest, SideName
from domain.naming import Names
from domain.regions import region
from ops.drill.calls import call
from ops.drill.model import Observation, Value

AT, MILLISECONDS = "_at", "_ms"
"""What the values of an observation end in: when a journey was walked again, and how long that took."""

_MINUTE: Final = 60
_MOST: Final = timedelta(hours=12)  # by the minute, CloudWatch answers a day (1440 datapoints) at most
_ALL: Final = 100
_RAISED, _UNTOLD = "ALARM", "INSUFFICIENT_DATA"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A side's canaries: the clients of CloudWatch in its region, the side's names, and the journeys."""

    cloudwatch: Any
    names: Names
    journeys: tuple[str, ...]


def place(cloudwatch: Any, manifest: Manifest, side: SideName) -> Place:  # noqa: ANN401 - boto3's clients have no type
    """The canaries of `side`: one for each journey that the manifest has promises of."""
    names = Names(cell=manifest.cell, place=region(manifest.side(side).region).abbreviation)
    return Place(cloudwatch=cloudwatch, names=names, journeys=tuple(manifest.journeys))


def walked(found: Place, since: datetime | None, now: datetime) -> Observation:
    """Whether each journey was walked with success in a minute that began at `since` or later."""
    if since is None:
        return Observation(holds=None, text="nobody has written yet, so no walk could show that the journeys are back")
    values: dict[str, Value] = {}
    words: list[str] = []
    holds: bool | None = True
    for journey in found.journeys:
        runs = _reported(found, journey, canaries.SUCCESS, since, now)
        well = next((at for at, percent in runs if percent >= _ALL), None)
        if well is None:
            # What was not walked is not known to be broken, and what failed is, whatever else is unknown.
            holds = False if runs or holds is False else None
            words.append(f"{journey} {'failed' if runs else 'was not walked'} since {since:%H:%M:%S}")
            continue
        took = dict(_reported(found, journey, canaries.DURATION, since, now)).get(well)
        values |= {f"{journey}{AT}": well.isoformat(), f"{journey}{MILLISECONDS}": took}
        words.append(f"{journey} was walked at {well:%H:%M}")
    return Observation(holds=holds, text="; ".join(words), values=values)


def quiet(sides: Mapping[SideName, Place]) -> Observation:
    """Whether no alarm on a canary of either side is raised. One that has no data, or is not there, is not quiet."""
    raised: list[str] = []
    unknown: list[str] = []
    for found in sides.values():
        names = list(_alarms(found))
        told = call(found.cloudwatch, "describe_alarms", AlarmNames=names)["MetricAlarms"]
        states = {item["AlarmName"]: str(item["StateValue"]) for item in told}
        raised += [name for name in names if states.get(name) == _RAISED]
        unknown += [name for name in names if states.get(name, _UNTOLD) == _UNTOLD]
    if not any(found.journeys for found in sides.values()):
        return Observation(
            holds=None, text="the manifest has no promises of journeys, so it is not known who walks them"
        )
    if raised:
        return Observation(holds=False, text=f"{', '.join(raised)} {'is' if len(raised) == 1 else 'are'} raised")
    if unknown:
        shown = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")  # noqa: PLR2004
        return Observation(holds=None, text=f"{shown}: no canary has told anything yet")
    return Observation(holds=True, text="every journey is walked with success on both sides")


def _alarms(found: Place) -> Iterable[str]:
    for journey in found.journeys:
        yield canaries.alarm(found.names, journey, canaries.SUCCESS_ALARM)
        yield canaries.alarm(found.names, journey, canaries.DURATION_ALARM)


def _reported(found: Place, journey: str, metric: str, since: datetime, now: datetime) -> list[tuple[datetime, float]]:
    """What the canary of `journey` reported in each minute that began at `since` or later, oldest first."""
    whole = since.replace(second=0, microsecond=0)
    first = whole if whole == since else whole + timedelta(seconds=_MINUTE)
    told = call(
        found.cloudwatch,
        "get_metric_statistics",
        Namespace=canaries.NAMESPACE,
        MetricName=metric,
        Dimensions=[{"Name": canaries.DIMENSION, "Value": canaries.name(found.names, journey)}],
        StartTime=max(first, now - _MOST),
        EndTime=max(first, now) + timedelta(seconds=_MINUTE),
        Period=_MINUTE,
        Statistics=["Average"],
    )["Datapoints"]
    return sorted((item["Timestamp"], float(item["Average"])) for item in told)
