"""How a person decides to go on with a drill on AWS: by typing the cell's name while the drill waits for it."""

from __future__ import annotations

import select
import sys

from ops.drill.model import Plan
from ops.drill.ports import Decision, undecided


def decision(plan: Plan, who: str) -> Decision:
    """Who decides on `plan`: in the local cloud nobody; on AWS `who`, by typing the cell's name and Enter.

    Without a terminal nobody can, and the step that waits for it runs out of time.
    """
    if plan.simulated or not sys.stdin.isatty():
        return undecided
    asked = False

    def decided() -> str:
        nonlocal asked
        if not asked:
            asked = True
            print(f"To go on, type {plan.cell} and Enter; to stop, Ctrl-C.", file=sys.stderr, flush=True)  # noqa: T201 - a question to a person
        nothing: list[int] = []
        ready, _, _ = select.select([sys.stdin], nothing, nothing, 0)
        return who if ready and sys.stdin.readline().strip() == plan.cell else ""

    return decided
