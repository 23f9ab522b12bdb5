"""The alarms on work that is put off: the outbox, queues, dead letters, functions. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.observability.model import (
    Alarm,
    Comparison,
    Metric,
    Silence,
    Threshold,
    Treatment,
    Unit,
)
from components.observability.watched import Conversion, DeadLetters, Function, Outbox, Queue, Rotator
from domain import instances
from domain.alarms import Profile

_FIVE_MINUTES: Final = timedelta(minutes=5)
_OF_TIMEOUT_PERCENT: Final = 80
_MILLISECOND: Final = timedelta(milliseconds=1)
_BAD, _OF = 2, 3  # periods: one bad moment is no alarm, and retries mend it
_NOTHING_WAITS: Final = Silence(Treatment.FINE, "SQS reports nothing of a queue that has been empty for hours")
_NOT_CALLED: Final = Silence(Treatment.FINE, "a function that nobody calls reports nothing, and nothing is wrong")


def outbox(it: Outbox, _: Profile) -> Iterator[Alarm]:
    """Whether what was committed is told, which takes a second or two."""
    age = Metric(
        namespace=instances.NAMESPACE,
        name=instances.OUTBOX_AGE,
        dimensions={"Cell": it.cell, "Side": it.side},
        statistic="Maximum",
        period=_FIVE_MINUTES,
    )
    yield Alarm(
        owner=it.key,
        key="age",
        metrics={"age": age},
        comparison=Comparison.ABOVE,
        threshold=Threshold(int(_FIVE_MINUTES.total_seconds()), Unit.SECONDS),
        breaches=1,
        of=1,
        silence=Silence(Treatment.FINE, "the starter alone reports it, where the database takes writes"),
        meaning="Events are committed and not told: a topic cannot be reached, or refuses them.",
        section="queues",
    )


def queue(it: Queue, _: Profile) -> Iterator[Alarm]:
    """Whether what waits is worked off."""
    age = Metric(
        namespace="AWS/SQS",
        name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": it.name},
        statistic="Maximum",
        period=_FIVE_MINUTES,
    )
    yield Alarm(
        owner=it.key,
        key="age",
        metrics={"age": age},
        comparison=Comparison.ABOVE,
        threshold=Threshold(int(it.late.total_seconds()), Unit.SECONDS),
        breaches=1,
        of=1,
        silence=_NOTHING_WAITS,
        meaning=f"Messages of {it.key} wait too long: nobody works them off, or too slowly.",
        section="queues",
    )


def dead_letters(it: DeadLetters, _: Profile) -> Iterator[Alarm]:
    """Whether anything was given up."""
    visible = Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": it.name},
        statistic="Maximum",
        period=_FIVE_MINUTES,
    )
    yield Alarm(
        owner=it.key,
        key="dead-letters",
        metrics={"visible": visible},
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=1,
        of=1,
        silence=_NOTHING_WAITS,
        meaning=f"Messages of {it.key} were given up. Find the cause, then send them back to their queue.",
        section="queues",
    )


def function(it: Function, profile: Profile) -> Iterator[Alarm]:
    """Whether calls end with an answer, are held back, or come near the end of their time."""
    calls = {"errors": _metric(it, "Errors"), "calls": _metric(it, "Invocations")}
    yield _of_function(
        it,
        "errors",
        calls,
        Threshold(profile.errors_percent, Unit.PERCENT),
        f"Calls fail of the function that does this: {it.does}.",
        "100 * errors / calls",
    )
    yield from _in_time(it)


def rotator(it: Rotator, _: Profile) -> Iterator[Alarm]:
    """Whether every rotation is done: the function fails where one is overdue, too."""
    yield Alarm(
        owner=it.key,
        key="errors",
        metrics={"errors": _metric(it, "Errors")},
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.FINE, "most of the time nothing is rotated, and nothing is wrong"),
        meaning="A rotation failed or is overdue. Nobody is shut out: what was in use still is.",
        section="rotation",
    )
    yield from _in_time(it)


def conversion(it: Conversion, profile: Profile) -> Iterator[Alarm]:
    """Whether uploads come back again and again, which only the functions themselves count."""
    returned = Metric(
        namespace=it.namespace,
        name=it.metric,
        dimensions=it.dimensions,
        statistic="Sum",
        period=_FIVE_MINUTES,
    )
    yield Alarm(
        owner=it.key,
        key="returned",
        metrics={"returned": returned},
        comparison=Comparison.ABOVE,
        threshold=Threshold(profile.returned_count, Unit.COUNT),
        breaches=_BAD,
        of=_OF,
        silence=Silence(Treatment.FINE, "where nothing is uploaded nothing is reported, and nothing is wrong"),
        meaning="Messages were not worked off and are tried again. The functions' logs say why.",
        section="functions",
    )


def _in_time(it: Function) -> Iterator[Alarm]:
    yield _of_function(
        it,
        "throttles",
        {"throttles": _metric(it, "Throttles")},
        Threshold(0, Unit.COUNT),
        f"Lambda holds back the function that does this: {it.does}. See the account's concurrency.",
    )
    yield _of_function(
        it,
        "duration",
        {"longest": _metric(it, "Duration", "Maximum")},
        Threshold(it.timeout / _MILLISECOND * _OF_TIMEOUT_PERCENT / 100, Unit.MILLISECONDS),
        f"The function is near its time-out that does this: {it.does}.",
    )


def _metric(it: Function, name: str, statistic: str = "Sum") -> Metric:
    dimensions = {"FunctionName": it.name}
    return Metric(namespace="AWS/Lambda", name=name, dimensions=dimensions, statistic=statistic, period=_FIVE_MINUTES)


def _of_function(
    it: Function, key: str, metrics: dict[str, Metric], threshold: Threshold, meaning: str, formula: str = ""
) -> Alarm:
    return Alarm(
        owner=it.key,
        key=key,
        metrics=metrics,
        formula=formula,
        comparison=Comparison.ABOVE,
        threshold=threshold,
        breaches=_BAD,
        of=_OF,
        silence=_NOT_CALLED,
        meaning=meaning,
        section="functions",
    )
