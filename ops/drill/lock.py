"""The lock of a drill on its cell: a parameter in the recovery region, which only one writer can put.

Does not own the lock among the processes of one machine: `ops.drill.runs` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, ValidationError

from domain import drills
from ops.drill.calls import ActionError, call
from ops.drill.model import Observation, Part
from ops.refusal import RefusalError

SECONDS: Final = 2 * 24 * 3600
"""How long a lock says that it is good for: longer than any drill, so that one that was given up can be told.

Bound: a failback, which waits a day for home's region, twice six hours for a replica, and hours for a person.
"""
_TAKEN: Final = "ParameterAlreadyExists"
_MISSING: Final = "ParameterNotFound"


class Held(Part):
    """Who holds the lock of a cell, for which run, since when and until when."""

    run: str
    holder: str
    since: AwareDatetime
    until: AwareDatetime


def parameter_name(cell: str) -> str:
    """Where the lock of `cell` is kept in the recovery region."""
    return drills.lock_parameter(cell)


def read(ssm: Any, cell: str) -> Held | None:  # noqa: ANN401 - boto3's clients have no static type
    """Who holds the lock of `cell`; None if nobody does.

    Raises:
        RefusalError: the parameter is not what a drill writes.
        UnreachableError, ActionError: it cannot be read.
    """
    name = parameter_name(cell)
    try:
        text = call(ssm, "get_parameter", Name=name)["Parameter"]["Value"]
    except ActionError as error:
        if error.code == _MISSING:
            return None
        raise
    try:
        return Held.model_validate_json(text)
    except ValidationError:
        raise RefusalError(
            f"parameter {name} is no lock of a drill; see who has written it with 'aws ssm get-parameter-history "
            f"--name {name}', and delete it if no drill runs"
        ) from None


def take(ssm: Any, cell: str, run: str, holder: str, now: datetime) -> Held:  # noqa: ANN401 - as above
    """Take the lock of `cell` for `run`, or keep it if `run` holds it already.

    Raises:
        RefusalError: another run holds it; the message says who, since when, and what to do.
        UnreachableError, ActionError: it cannot be written.
    """
    held = Held(run=run, holder=holder, since=now, until=now + timedelta(seconds=SECONDS))
    try:
        call(
            ssm,
            "put_parameter",
            Name=parameter_name(cell),
            Description=f"The drill that is at work on cell {cell}",
            Value=held.model_dump_json(),
            Type="String",
        )
    except ActionError as error:
        if error.code != _TAKEN:
            raise
    else:
        return held
    found = read(ssm, cell)
    if found is None:  # given back in this moment
        return take(ssm, cell, run, holder, now)
    if found.run == run:
        return found
    raise refused(cell, found, now)


def release(ssm: Any, cell: str, run: str) -> bool:  # noqa: ANN401 - as above
    """Give the lock of `cell` back if `run` holds it, and say whether it did.

    Raises:
        RefusalError, UnreachableError, ActionError: as `read` does.
    """
    found = read(ssm, cell)
    if found is None or found.run != run:
        return False
    call(ssm, "delete_parameter", Name=parameter_name(cell))
    return True


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The lock that `run` has taken, for whoever watches it."""

    ssm: Any
    cell: str
    run: str

    def held(self) -> Observation:
        """Whether it is still this run's."""
        try:
            found = read(self.ssm, self.cell)
        except RefusalError as error:
            return Observation(holds=False, text=error.message)
        if found is None:
            return Observation(holds=False, text=f"the lock of cell {self.cell} is gone")
        if found.run == self.run:  # without its name, which is no part of what the same seed gives again
            return Observation(holds=True, text=f"this run holds the lock of cell {self.cell}")
        return Observation(holds=False, text=f"{found.run} holds the lock of cell {self.cell}")


def refused(cell: str, found: Held, now: datetime) -> RefusalError:
    """What a drill is told that finds `cell` locked: by whom, since when, whether still, and what to do."""
    since = f"{found.since:%Y-%m-%d %H:%M:%S} UTC"
    if now < found.until:
        state, rule = f"is running on cell {cell} since {since}", "one drill at a time on a cell"
        way_out = "wait until it has ended"
    else:
        state, rule = f"was begun on cell {cell} at {since} and never ended", "an expired lock is not taken over"
        way_out = "see what it has left with 'python -m ops drill status'"
    message = (
        f"drill {found.run} of {found.holder} {state}: {way_out}, or end it with 'python -m ops drill resume "
        f"{found.run}' or 'python -m ops drill abort {found.run}'; if its record is lost and nobody is at work on the "
        f"cell, 'aws ssm delete-parameter --name {parameter_name(cell)}' in the recovery region"
    )
    return RefusalError(message, [{"key": "lock", "value": found.run, "rule": rule}])
