"""From many alarms to one answer: is this side, is this cell impaired? Pure: the rules of composite alarms.

A side is impaired if one signal says for certain that users are turned away, or if users feel something (a symptom)
and a part is in trouble (a cause). A busy processor alone wakes nobody, and neither does one slow quarter of an hour.

A composite alarm sees alarms of its own region and account only. So each side has its own, in its own region, from its
own alarms. The cell's stands in recovery, because it must outlive home, and from there home's alarms cannot be seen.
What can be seen there of home: that its writer is no longer followed (the replica's lag, which is an alarm where
nothing is reported), whether users were led away (the switch's alarm), and whatever watches home from recovery. Hence:

- recovery is impaired, and users depend on it: they were led there, or home's writer is not heard of; or
- home is seen failing from recovery, and users were not led away. Without anything that watches home from there this
  part is empty: a replica that stands still does not say whether home or the way between them is ill.

Nothing of ours watches home from there. A side's canaries stand in its own region and count for that side, whose
composite pages by itself; a second set in recovery would cost as much again, to say what Route 53's health checks act
upon within a minute.

Route 53's own health checks are no signal here: they report in us-east-1 only. A cell of one side is what its side is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.observability.model import Weight

MOST_CHARACTERS: Final = 10_240  # of a rule; source: PutCompositeAlarm in the CloudWatch API reference
MOST_ALARMS: Final = 100  # in a rule; source: as above


@dataclass(frozen=True, kw_only=True)
class Signal:
    """An alarm by its name, of the composite's own region, and what it says of the side."""

    alarm: pulumi.Input[str]
    weight: Weight


def side_rule(signals: Sequence[Signal]) -> pulumi.Output[str]:
    """When a side is impaired.

    Raises:
        ValueError: nothing says so by itself, or more alarms than a rule may have.
    """
    alone, symptoms, causes = (
        [signal.alarm for signal in signals if signal.weight is weight]
        for weight in (Weight.ALONE, Weight.SYMPTOM, Weight.CAUSE)
    )
    count = len(alone) + len(symptoms) + len(causes)
    if count > MOST_ALARMS:
        raise ValueError(f"{count} signals: a composite alarm takes {MOST_ALARMS} at most; give some no weight")
    if not alone:
        raise ValueError("no signal says by itself that a side is impaired; give one of them the weight ALONE")
    parts = [any_of(alone)]
    if symptoms and causes:
        parts.append(pulumi.Output.concat("((", any_of(symptoms), ") AND (", any_of(causes), "))"))
    return _joined(parts, " OR ")


def cell_rule(
    signals: Sequence[Signal], *, impaired: pulumi.Input[str], led_away: pulumi.Input[str]
) -> pulumi.Output[str]:
    """When a cell is impaired, as recovery sees it, by the alarms of recovery's region.

    `impaired` is recovery's own composite and `led_away` the switch's alarm, both by name.
    """
    unheard, failing = (
        [signal.alarm for signal in signals if signal.weight is weight] for weight in (Weight.UNHEARD, Weight.OTHER)
    )
    rule = pulumi.Output.concat("(", alarm(impaired), " AND (", any_of([led_away, *unheard]), "))")
    if not failing:
        return rule
    return pulumi.Output.concat(rule, " OR ((", any_of(failing), ") AND NOT ", alarm(led_away), ")")


def any_of(names: Iterable[pulumi.Input[str]]) -> pulumi.Output[str]:
    """That at least one of these alarms is raised."""
    return _joined([alarm(name) for name in names], " OR ")


def alarm(name: pulumi.Input[str]) -> pulumi.Output[str]:
    """That this alarm is raised."""
    return pulumi.Output.concat('ALARM("', name, '")')


def _joined(parts: Sequence[pulumi.Output[str]], by: str) -> pulumi.Output[str]:
    return pulumi.Output.all(*parts).apply(lambda known: by.join(str(part) for part in known))
