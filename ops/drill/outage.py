"""How long a client was without something, from its visits and from the steps that went on meanwhile. Pure.

Two ways to count. In a loss that came unasked, time runs from the loss until the gaining side first serves. In whatever
is planned, the longest interruption counts, from the last visit that was served to the next one: never less than it
truly was, and too long by no more than the interval of the visits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ops.drill.measures import Recovery
from ops.drill.model import Phase
from ops.drill.taken import Taken
from ops.drill.traffic import Try

Served: TypeAlias = Callable[[Try], bool]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A time without service. `back` is None if it had not come back; `last` is the last visit within."""

    began: datetime
    back: datetime | None
    last: datetime

    @property
    def seconds(self) -> float:
        """How long it was, or had been when the client last tried."""
        return between(self.began, self.back or self.last)


def after_loss(tries: Sequence[Try], served: Served, steps: Sequence[Taken], loss: datetime, gaining: str) -> Recovery:
    """From `loss` until `gaining` serves. An answer of the losing side, under way when it was lost, does not count."""
    how = f"from the loss to the first visit that {gaining} served, by a client that goes through DNS"
    later = [seen for seen in tries if seen.at > loss]
    failed = [seen for seen in later if not served(seen)]
    back = next((seen.at for seen in later if served(seen) and seen.side in {gaining, ""}), None)
    if back is None:
        waited = between(loss, failed[-1].at) if failed else None
        return Recovery(began=loss, waited_seconds=waited, tries=len(later), failed=len(failed), how=how)
    again = gaps([seen for seen in later if seen.at >= back], served)
    return Recovery(
        seconds=between(loss, back),
        began=loss,
        back=back,
        by_phase=by_phase(steps, loss, back),
        tries=len(later),
        failed=len(failed),
        again_seconds=round(sum(gap.seconds for gap in again), 3),
        how=how,
    )


def longest(tries: Sequence[Try], served: Served, steps: Sequence[Taken]) -> Recovery:
    """The longest interruption, or the one that has not ended; 0 seconds if every visit was served."""
    how = "the longest interruption, from the last visit served before it to the first one after, through DNS"
    if not tries:
        return Recovery(how=how)
    failed = sum(not served(seen) for seen in tries)
    found = gaps(tries, served)
    if not found:
        return Recovery(seconds=0, tries=len(tries), how=how)
    worst = found[-1] if found[-1].back is None else max(found, key=lambda gap: gap.seconds)
    if worst.back is None:
        return Recovery(began=worst.began, waited_seconds=worst.seconds, tries=len(tries), failed=failed, how=how)
    return Recovery(
        seconds=worst.seconds,
        began=worst.began,
        back=worst.back,
        by_phase=by_phase(steps, worst.began, worst.back),
        tries=len(tries),
        failed=failed,
        again_seconds=round(sum(gap.seconds for gap in found) - worst.seconds, 3),
        how=how,
    )


def gaps(tries: Sequence[Try], served: Served) -> list[Gap]:
    """The times without service, in order."""
    found: list[Gap] = []
    good = last = began = None
    for seen in tries:
        if not served(seen):
            began, last = began or good or seen.at, seen.at
            continue
        if began and last:
            found.append(Gap(began=began, back=seen.at, last=last))
        good, last, began = seen.at, None, None
    if began and last:
        found.append(Gap(began=began, back=None, last=last))
    return found


def by_phase(steps: Sequence[Taken], began: datetime, back: datetime) -> Mapping[Phase, float]:
    """The time from `began` to `back`, each moment given to the step that ended next, so that nothing is left over."""
    spent: defaultdict[Phase, float] = defaultdict(float)
    reached = began
    ended = sorted(((step.ended, step.phase) for step in steps if step.ended), key=lambda pair: pair[0])
    for end, phase in ended:
        if reached < (until := min(end, back)):
            spent[phase] += between(reached, until)
            reached = until
    if reached < back and steps:
        spent[steps[-1].phase] += between(reached, back)
    return {phase: round(spent[phase], 3) for phase in Phase if phase in spent}


def between(began: datetime, ended: datetime) -> float:
    """Seconds from one to the other, to the millisecond."""
    return round((ended - began).total_seconds(), 3)
