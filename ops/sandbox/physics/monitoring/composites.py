"""Composite alarms: in which order they are judged, and how. Pure, but for moto's alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ops.sandbox.physics.monitoring import rules
from ops.sandbox.physics.monitoring.alarms import Judgement, State
from ops.sandbox.physics.monitoring.rules import Rule


def in_order(alarms: Mapping[str, Any]) -> Iterator[Any]:
    """The composite alarms among `alarms`, each after those that its rule names; one that names itself, never."""
    waiting = {name: alarm for name, alarm in sorted(alarms.items()) if alarm.rule is not None}
    while ready := [name for name, alarm in waiting.items() if not set(_rule(alarm.rule).names) & set(waiting)]:
        for name in ready:
            yield waiting.pop(name)


def judge(alarm: Any, alarms: Mapping[str, Any]) -> Judgement:  # noqa: ANN401 - moto's own
    """The state of the composite `alarm` by those of `alarms`; one that was deleted is in none, so no rule finds it."""
    rule = _rule(alarm.rule)

    def state_of(name: str) -> State:
        state: State = alarms[name].state_value if name in alarms else "INSUFFICIENT_DATA"
        return state

    told = ", ".join(f"{name} is {state_of(name)}" for name in rule.names if state_of(name) == "ALARM")
    state: State = "ALARM" if rule.holds(state_of) else "OK"
    return Judgement(
        state=state, reason=f"The rule {'holds' if state == 'ALARM' else 'does not hold'}: {told or 'none is ALARM'}."
    )


@cache
def _rule(text: str) -> Rule:
    return rules.parse(text)
