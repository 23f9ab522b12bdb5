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
from components.observability.watched import DeadLetters, Function, Outbox, Queue
from domain import instances
from domain.alarms import Profile

_FIVE_MINUTES: Final = timedelta(minutes=5)
_OF_TIMEOUT_PERCENT: Final = 80
_MILLISECOND: Final = timedelta(milliseconds=1)
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

    def metric(name: str, statistic: str = "Sum") -> Metric:
        return Metric(
            namespace="AWS/Lambda",
            name=name,
            dimensions={"FunctionName": it.name},
            statistic=statistic,
            period=_FIVE_MINUTES,
        )

    def alarm(key: str, metrics: dict[str, Metric], threshold: Threshold, meaning: str, formula: str = "") -> Alarm:
        return Alarm(
            owner=it.key,
            key=key,
            metrics=metrics,
            formula=formula,
            comparison=Comparison.ABOVE,
            threshold=threshold,
            breaches=2,  # of three: one bad moment is no alarm, and retries mend it
            of=3,
            silence=_NOT_CALLED,
            meaning=meaning,
            section="functions",
        )

    if not it.own_errors:
        yield alarm(
            "errors",
            {"errors": metric("Errors"), "calls": metric("Invocations")},
            Threshold(profile.errors_percent, Unit.PERCENT),
            f"Calls fail of the function that does this: {it.does}.",
            "100 * errors / calls",
        )
    yield alarm(
        "throttles",
        {"throttles": metric("Throttles")},
        Threshold(0, Unit.COUNT),
        f"Lambda holds back the function that does this: {it.does}. See the account's concurrency.",
    )
    yield alarm(
        "duration",
        {"longest": metric("Duration", "Maximum")},
        Threshold(it.timeout / _MILLISECOND * _OF_TIMEOUT_PERCENT / 100, Unit.MILLISECONDS),
        f"The function is near its time-out that does this: {it.does}.",
    )
