"""What the commands of the sandbox do. Each gives its exit status."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, NoReturn, ParamSpec

from ops import refusal
from ops.engine import project
from ops.refusal import RefusalError
from ops.sandbox import plan
from ops.sandbox.cells import process
from ops.sandbox.cells.state import UNSET, BusyError, Standing, StateError, StateFolder
from ops.sandbox.remote import RemoteWorld, WorldError

FAILED: Final = 1
INTERRUPTED: Final = 130
DRILLS: Final = "drill"  # the folder, inside the state folder, of the cells that drills have built for themselves
_SERVE_POLL_SECONDS: Final = 0.5

if TYPE_CHECKING:
    from ops.sandbox.uploads.command import Errand

_P = ParamSpec("_P")


@dataclass(frozen=True, kw_only=True)
class Build:
    """Which cells to build, and how. They are ended at once if `keep_hours` is None."""

    cells: Sequence[str]
    stacks: Path | None
    jobs: int
    keep_hours: float | None

    def orders(self) -> list[plan.Order]:
        """The cells, checked.

        Raises:
            RefusalError: one of them cannot be built.
        """
        return plan.orders(self.cells, self.stacks or project.ROOT)


def _command(work: Callable[Concatenate[StateFolder, _P], int]) -> Callable[_P, int]:
    """Give `work` the state folder; make one message and an exit status of what goes wrong."""

    @wraps(work)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> int:
        # SIGINT too: a shell script's background job inherits it as ignored.
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, _interrupt) for number in numbers}
        as_json = bool(kwargs.get("as_json"))
        try:
            return work(StateFolder(), *args, **kwargs)
        except (RefusalError, StateError) as error:
            refusal.show(error if isinstance(error, RefusalError) else RefusalError(str(error)), as_json=as_json)
            return refusal.STATUS
        except BrokenPipeError:
            raise  # who read the answer has left; the command line knows what to do
        except (BusyError, process.StubbornProcessError, OSError) as error:
            refusal.show(RefusalError(str(error)), as_json=as_json)
            return FAILED
        except KeyboardInterrupt:
            refusal.show(RefusalError("interrupted; what this command started was ended"), as_json=as_json)
            return INTERRUPTED
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    return run


@_command
def up(folder: StateFolder, build: Build, *, as_json: bool) -> int:
    """Build cells, say what became of them, and leave them standing."""
    return _up(folder, build, build.orders(), as_json=as_json)


def _up(folder: StateFolder, build: Build, orders: Sequence[plan.Order], *, as_json: bool) -> int:
    from ops.sandbox import summary  # noqa: PLC0415 - rich is slow to load, and most commands need none
    from ops.sandbox.cells.fleet import Fleet  # noqa: PLC0415 - as above
    from ops.sandbox.progress import watching  # noqa: PLC0415 - as above

    kept = build.keep_hours is not None
    names = [order.cell for order in orders]
    with folder.locked(names) if kept else nullcontext():
        for standing in end_all(folder, names) if kept else ():
            _say(f"{standing.cell}: stood since {standing.since}; ended, to be built anew")
        with watching() as observer, Fleet(folder, observer, jobs=build.jobs, keep_hours=build.keep_hours) as fleet:
            outcomes = fleet.build(orders)
            for standing in (outcome.standing for outcome in outcomes if outcome.standing):
                _begin(standing)
    if as_json:
        _answer(summary.as_json(outcomes))
    else:
        summary.show(outcomes)
    return FAILED if any(outcome.failed for outcome in outcomes) else 0


@_command
def serve(folder: StateFolder, build: Build) -> int:
    """Bring up what does not stand, tell how to reach it, and stay; end what was brought up."""
    orders = build.orders()
    before = folder.standing()
    missing = [order for order in orders if order.cell not in before]
    status = _up(folder, build, missing, as_json=False) if missing else 0
    after = folder.standing()
    wanted = [after[order.cell] for order in orders if order.cell in after]
    mine = [item for item in wanted if item.cell not in before]
    try:
        if not status:
            _stay(wanted, mine)
    finally:
        for item in mine:
            _end(folder, item)
            _say(f"{item.cell}: ended")
    return status


def _stay(standing: Sequence[Standing], mine: Sequence[Standing]) -> None:
    """Print how to reach what stands, and return on Ctrl-C or when nothing of it is there any more."""
    try:
        for item in standing:
            print(f"# {item.cell}\n{_exports(item)}", flush=True)  # noqa: T201 - the answer
        _say("serving; Ctrl-C ends " + (", ".join(item.cell for item in mine) or "this command only"))
        while any(item.alive for item in standing):
            time.sleep(_SERVE_POLL_SECONDS)
    except KeyboardInterrupt:
        _say("")
    else:
        _say("every cell was ended from elsewhere")


@_command
def env(folder: StateFolder, cell: str, *, as_json: bool) -> int:
    """Print how to reach a cell."""
    found = _standing(folder, cell, as_json=as_json)
    if found is None:
        return FAILED
    if as_json:
        _answer({**found.environment(), "unset": list(UNSET)})
    else:
        print(_exports(found))  # noqa: T201 - the answer
    return 0


@_command
def status(folder: StateFolder, *, as_json: bool) -> int:
    """List what stands."""
    standing = list(folder.standing().values())
    if as_json:
        _answer({"cells": [asdict(item) for item in standing]})
        return 0
    rows = [("cell", "pid", "url", "since", "until", "resources")]
    rows += [(item.cell, item.pid, item.endpoint_url, item.since, item.until, item.resources) for item in standing]
    if standing:
        widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            line = "  ".join(f"{value:<{width}}" for value, width in zip(row, widths, strict=True))
            print(line.rstrip())  # noqa: T201 - the answer
    else:
        print("no cell stands; 'python -m ops sandbox up' brings them up")  # noqa: T201 - the answer
    return 0


@_command
def upload(folder: StateFolder, errand: Errand, *, as_json: bool) -> int:
    """Upload a file to a cell that stands, and say what became of it."""
    found = _standing(folder, errand.cell, as_json=as_json)
    if found is None:
        return FAILED
    from ops.sandbox.uploads import command as upload_command  # noqa: PLC0415 - slow to load: boto3, and what functions need

    return upload_command.carry_out(found, errand, as_json=as_json)


@_command
def down(folder: StateFolder, cells: Sequence[str]) -> int:
    """End cells."""
    _refuse_unknown(folder, cells)
    names = list(dict.fromkeys(cells)) or folder.cells()
    with folder.locked(names):
        gone = end_all(folder, names)
    gone += _end_drills(folder, names if cells else None)
    lines = [f"{item.cell}: ended (process {item.pid}, {item.endpoint_url})" for item in gone]
    ended = {item.cell for item in gone}
    lines += [f"{name}: did not stand" for name in dict.fromkeys(cells) if name not in ended]
    print("\n".join(lines) or "nothing stood")  # noqa: T201 - the answer
    return 0


def _begin(standing: Standing) -> None:
    """Have time pass in a cell, as by the wall clock: what takes time in AWS happens, and what is uploaded is read."""
    world = RemoteWorld(standing.endpoint_url)
    try:
        world.follow()
    except WorldError as error:
        raise ConnectionError(f"{standing.cell}: {error}") from None
    finally:
        world.close()


def end_all(folder: StateFolder, names: Sequence[str]) -> list[Standing]:
    """End those of `names` that stand, and forget those that ended by themselves; those that were ended here."""
    noted = folder.noted()
    return [noted[name] for name in names if name in noted and _end(folder, noted[name])]


def _end_drills(folder: StateFolder, names: Sequence[str] | None) -> list[Standing]:
    """End what drills have left standing of the cells `names`, or of all."""
    if not (folder.path / DRILLS).is_dir():
        return []
    drills = StateFolder(folder.path / DRILLS)
    chosen = [name for name in drills.cells() if names is None or name in names]
    with drills.locked(chosen):
        return end_all(drills, chosen)


def _end(folder: StateFolder, standing: Standing) -> bool:
    was_ours = process.end(standing.pid, standing.instance)
    folder.forget(standing)
    return was_ours


def _standing(folder: StateFolder, cell: str, *, as_json: bool) -> Standing | None:
    """A cell that stands; None, and a word about it, if it does not."""
    _refuse_unknown(folder, [cell])
    found = folder.standing().get(cell)
    if found is None:
        message = f"cell {cell!a} does not stand; 'python -m ops sandbox up {cell}' brings it up"
        refusal.show(RefusalError(message), as_json=as_json)
    return found


def _refuse_unknown(folder: StateFolder, cells: Sequence[str]) -> None:
    """Refuse a name that has no stack file in the project and never stood: it is misspelt."""
    known = sorted({*folder.cells(), *project.cells()})
    unknown = [cell for cell in cells if cell not in known]
    if unknown:
        raise RefusalError(f"no cell {', '.join(map(ascii, unknown))}; the cells here are {', '.join(known) or 'none'}")


def _exports(standing: Standing) -> str:
    lines = [f"export {key}={shlex.quote(value)}" for key, value in standing.environment().items()]
    return "\n".join([*lines, f"unset {' '.join(UNSET)}"])


def _answer(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2))  # noqa: T201 - the answer


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - beside the answer


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
