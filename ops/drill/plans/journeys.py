"""The step in which patients get through again, by what canaries find. Pure."""

from __future__ import annotations

from typing import Final

from domain.manifest import SideName
from ops.drill.model import Phase, Step
from ops.drill.plans.parts import Recipe, probe

CHECK: Final = "journeys"
"""The parity check of the canaries' alarms, which is made where the manifest has promises of journeys."""
JUDGED_SECONDS: Final = 150
"""Bound: an alarm that is new is judged within two minutes."""
_REPORTED_SECONDS: Final = 180
"""Bound: a walk has a minute, and CloudWatch shows it within another two."""


def back(recipe: Recipe, side: SideName, since: str) -> tuple[Step, ...]:
    """Patients get through again, as the side's canaries find. None where the manifest has no promises of journeys.

    It counts from the step `since`, with which the outage begins, and waits for the promise that takes longest: it is
    not below the time to writes and a canary's period together (`settings.conflicts`).
    """
    promised = [promise.rto_seconds for promise in recipe.manifest.journeys.values()]
    if not promised:
        return ()
    step = Step(
        id="journeys-back",
        phase=Phase.VERIFY,
        title=f"the canaries of {side} have walked every patient journey again",
        side=side,
        postcondition=probe("journeys-walked", side=side),
        timeout_seconds=max(promised) + _REPORTED_SECONDS,
        since=since,
        poll_seconds=60,
    )
    return (step,)
