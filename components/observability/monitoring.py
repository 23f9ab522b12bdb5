"""The alarms of a side, made from what the walk found, and the composite that says whether the side is impaired.

Owns: the alarms and the side's composite. Does not own: what is watched, which each component says of itself
(`watched`); the thresholds (`catalog`, `domain.alarms`); the topic that hears of it, and who subscribes to that.

Whoever has an alarm of their own that says something of the side gives it as a `Signal`, by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.observability.catalog import Raised, alarms_of
from components.observability.composites import Signal, side_rule
from components.observability.model import GUIDE, Severity
from components.observability.register import build_alarm
from components.observability.watched import Watched
from domain import naming
from domain.alarms import PROFILES
from domain.naming import Names

SIDE: Final = "side-impaired"
CELL: Final = "cell-impaired"


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What a side's alarms are made from: what was found, and further `signals` for its composite.

    `standing` has alarms of the side that were made elsewhere, from the same values, because others had to follow them.
    """

    names: Names
    profile: str
    operations_topic: pulumi.Input[str]
    watched: Sequence[Watched]
    standing: Sequence[Raised] = ()
    signals: Sequence[Signal] = ()


class Monitoring(pulumi.ComponentResource):
    """The alarms of a side.

    `raised` has them by what they watch; `signals` by name, with what was given; `impaired` is the composite's name.
    `composites` has it by its ARN and, where the cell's own stands in the same region, that one too.
    """

    raised: tuple[Raised, ...]
    signals: tuple[Signal, ...]
    impaired: pulumi.Output[str]
    composites: list[pulumi.Output[str]]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the alarms, and the composite above them."""
        super().__init__("medical:observability:Monitoring", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        found = alarms_of(args.watched, PROFILES[args.profile])
        made = (
            Signal(
                alarm=build_alarm(
                    f"{name}-{alarm.role}", alarm, names=args.names, topic=args.operations_topic, opts=child
                ).name,
                weight=alarm.weight,
            )
            for item in found
            for alarm in item.alarms
        )
        self.signals = (*made, *args.signals)
        self.raised = (*found, *args.standing)
        composite = build_composite(
            f"{name}-{SIDE}",
            Composite(
                name=args.names.of(SIDE, naming.ALARM),
                meaning=f"The side {args.names.place} of cell {args.names.cell} is impaired: users are turned away, "
                "or feel what is wrong with a part of it.",
                rule=side_rule(self.signals),
            ),
            args.operations_topic,
            child,
        )
        self.impaired, self.composites = composite.alarm_name, [composite.arn]
        self.register_outputs({"impaired": self.impaired})


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A composite alarm: its physical name, what it means, and its rule. It is always a page."""

    name: str
    meaning: str
    rule: pulumi.Input[str]


def build_composite(
    name: str, composite: Composite, topic: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> cloudwatch.CompositeAlarm:
    """Make a composite alarm that tells `topic`."""
    return cloudwatch.CompositeAlarm(
        name,
        alarm_name=composite.name,
        alarm_description=f"{Severity.PAGE}: {composite.meaning} What to do: {GUIDE}#impaired",
        alarm_rule=composite.rule,
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        opts=opts,
    )
