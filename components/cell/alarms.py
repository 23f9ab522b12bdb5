"""A cell's alarms as a cell wants them: from what its sides built to the alarms, and the cell's own composite.

Owns the cell's composite; `components.observability` has the rest, and who calls is their parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pulumi

from components.cell.alone import Alone
from components.cell.continuity import Continuity
from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.observability import composites
from components.observability.composites import Signal
from components.observability.monitoring import CELL, Composite, Monitoring, MonitoringArgs, build_composite
from components.observability.watched import Watched, walk
from domain import naming
from domain.continuity import HOME, OTHER, RECOVERY
from settings import Settings

_NOBODY: Final[Mapping[str, Sequence[Signal]]] = {}


def build_monitoring(
    settings: Settings,
    sides: Mapping[str, Side],
    stacks: Mapping[str, RegionalStack],
    parts: Sequence[Mapping[str, pulumi.ComponentResource]],
    ties: Continuity | Alone,
    parent: pulumi.Resource,
    *,
    signals: Mapping[str, Sequence[Signal]] = _NOBODY,
) -> dict[str, Monitoring]:
    """Make each side's alarms and composite, and the cell's. `parts` are what was built, by side, and are walked.

    `signals` are further alarms, by the side in whose region they stand. One in recovery that watches home from there
    has the weight `OTHER`.
    """
    made: dict[str, Monitoring] = {}
    for name, side in sides.items():
        args = MonitoringArgs(
            names=side.names,
            profile=settings.alarm_profile,
            operations_topic=stacks[name].messaging.operations_topic,
            watched=[*(found for part in parts if name in part for found in walk(part[name])), *_tied(ties, name)],
            standing=[ties.switch.raised] if isinstance(ties, Continuity) and name == RECOVERY else [],
            signals=signals.get(name, ()),
        )
        made[name] = Monitoring(f"{name}-alarms", args, side.child_of(parent))
    _build_cell(settings, sides, stacks, made, ties, parent)
    return made


def _tied(ties: Continuity | Alone, side: str) -> Iterator[Watched]:
    """What can be watched on `side` of what is replicated from it, and to it."""
    if isinstance(ties, Continuity):
        yield from walk(ties.replications[side])
        yield from ties.replications[OTHER[side]].arriving


def _build_cell(
    settings: Settings,
    sides: Mapping[str, Side],
    stacks: Mapping[str, RegionalStack],
    made: Mapping[str, Monitoring],
    ties: Continuity | Alone,
    parent: pulumi.Resource,
) -> None:
    """Make the composite that says whether the cell is impaired, where it outlives home if there is such a place."""
    if isinstance(ties, Continuity):
        where = RECOVERY
        rule = composites.cell_rule(
            made[RECOVERY].signals, impaired=made[RECOVERY].impaired, led_away=ties.switch.alarm_name
        )
    else:
        where = HOME
        rule = composites.alarm(made[HOME].impaired)
    composite = Composite(
        name=sides[where].names.of(CELL, naming.ALARM),
        meaning=f"Cell {settings.cell} is impaired: the side that its users depend on does not serve them.",
        rule=rule,
    )
    topic = stacks[where].messaging.operations_topic
    built = build_composite(f"{where}-{CELL}", composite, topic, sides[where].child_of(parent))
    made[where].composites.append(built.arn)
