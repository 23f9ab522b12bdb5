"""The process of one cell: builds it in a local AWS of its own and serves that over HTTP until it is ended.

Started by `fleet`, as a module. Events leave through standard output. Once the cell stands, the process
waits for a line on standard input before it stays: whoever started it has noted it by then. If the starter dies
instead, so does this process, and nothing half-made is left behind.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pulumi

from ops.engine import project, runner
from ops.engine.project import ProjectError, Stack
from ops.engine.record import Program, Registration
from ops.engine.runner import ProgramError
from ops.sandbox import report
from ops.sandbox.cells import control
from ops.sandbox.cells.events import Event, Failed, Made, Ready, encode
from ops.sandbox.cells.polling import waits_let_go
from ops.sandbox.cloud import Cloud, CreationError
from ops.sandbox.creators import RECORDED
from ops.sandbox.hush import Hush, Hushed
from ops.sandbox.local import local_aws
from ops.sandbox.physics.world import World
from ops.sandbox.remote import LocalWorld
from ops.sandbox.updates.update import Standing

KEEP: Final = "keep\n"  # what the starter says when it has noted that the cell stands
_NOTE_CHECK_SECONDS: Final = 2.0  # and so long, at most, the clock may lag while nobody calls
_KIB_IN_MIB: Final = 1024
_MAXRSS_UNIT_KIB: Final = 1 / 1024 if sys.platform == "darwin" else 1


class Channel:
    """The way to the starter, on what was standard output; what the program prints goes to the log instead."""

    def __init__(self) -> None:
        """Take standard output."""
        self._file = os.dup(1)
        os.dup2(2, 1)

    def tell(self, event: Event) -> None:
        """Send `event`.

        Raises:
            BrokenPipeError: the starter is gone.
        """
        line = encode(event)
        while line:
            line = line[os.write(self._file, line) :]

    def close(self) -> None:
        """Let go of every pipe to the starter, so that whoever reads its output is not kept waiting."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.close(self._file)


def main() -> int:
    """Build, report, and serve if asked to."""
    arguments = _arguments()
    channel, hush = Channel(), Hush()
    sys.stdout = sys.stderr = Hushed(sys.stderr, hush)  # which is the log
    # The build keeps nearly all it allocates, so that looking for garbage meanwhile costs a third of its time.
    gc.disable()
    try:
        stack = project.load(arguments.cell, folder=arguments.stacks)
        account = stack.config[f"{stack.project}:accountId"]
        world = World(account, start=datetime.now(UTC).replace(microsecond=0))
        with local_aws(account), world.installed():
            cloud = Cloud(hush)
            program, facts = build(stack, cloud, channel.tell)
            if arguments.keep_hours is None:
                channel.tell(Ready(report=facts, endpoint_url="", until=""))
                return 0
            standing = Standing(
                cloud,
                program,
                lambda settings: project.load(arguments.cell, folder=arguments.stacks, overrides=settings),
                lock=world.lock,
            )
            world.beside = standing
            local = LocalWorld(world, standing.apply)
            with waits_let_go(local):
                return _serve(facts, local, arguments, channel)
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 - whatever it is, the starter has to hear of it
        channel.tell(failure(error, hush))
        return 1


def build(stack: Stack, cloud: Cloud, tell: Callable[[Event], None]) -> tuple[Program, dict[str, Any]]:
    """Make everything that `stack` declares in `cloud`; give the record of it and the report. Use inside `local_aws`.

    Raises:
        CreationError: a resource was refused.
        ProgramError: the program asked for something that the engine refuses.
    """
    count = 0

    def made(item: Registration) -> None:
        nonlocal count
        if item.provider and item.type not in RECORDED:
            count += 1
            tell(Made(count=count, resource=item.name))

    program = runner.run(stack, cloud, observer=made)
    return program, {**report.describe(program, cloud), "peak_memory_mib": _peak_memory_mib()}


def failure(error: Exception, hush: Hush) -> Failed:
    """What to tell about `error`, without secrets; the traceback goes to the log if it is none that was foreseen."""
    if isinstance(error, CreationError):
        return Failed(resource=error.name, type=error.type, reason=error.reason)
    if isinstance(error, (ProgramError, ProjectError, pulumi.RunError)):
        return Failed(reason=hush(str(error)))
    traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Failed(reason=hush(f"{type(error).__name__}: {error} ({where.filename}, line {where.lineno})"))


def _serve(facts: dict[str, Any], world: LocalWorld, arguments: argparse.Namespace, channel: Channel) -> int:
    gc.enable()
    gc.freeze()
    server = control.serve(world)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seconds = arguments.keep_hours * 3600
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    deadline = time.monotonic() + seconds
    channel.tell(
        Ready(
            report=facts, endpoint_url=f"http://{control.LOCALHOST}:{server.port}", until=f"{until:%Y-%m-%dT%H:%M:%SZ}"
        )
    )
    if sys.stdin.readline() != KEEP:
        return 1
    channel.close()
    # Somebody else's signal ends it sooner, and so does the loss of its note: no command would ever find it again.
    while (left := deadline - time.monotonic()) > 0:
        if not _is_noted(arguments.note, arguments.instance):
            _say("it is noted no more, so it ends")
            return 0
        _catch_up(world)
        threading.Event().wait(min(left, _NOTE_CHECK_SECONDS))
    _say("its time is over, as --keep-hours said")
    return 0


def _catch_up(world: LocalWorld) -> None:
    """Let happen what is due; what goes wrong is told in the log, and the cell goes on serving."""
    try:
        world.catch_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the cell
        traceback.print_exception(error)


def _is_noted(note: Path, instance: str) -> bool:
    """Whether `note` is there and about this process; if that cannot be told at the moment, yes."""
    try:
        return instance.encode() in note.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}", flush=True)  # noqa: T201 - the log


def _peak_memory_mib() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT_KIB
    return round(used / _KIB_IN_MIB)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--stacks", required=True, type=Path)
    parser.add_argument("--instance", required=True, help="a text that tells this process from all others")
    parser.add_argument("--keep-hours", type=float, help="end after this time; do not serve at all without it")
    parser.add_argument("--note", type=Path, help="the file that notes this process; end when it does not any more")
    arguments = parser.parse_args()
    if arguments.keep_hours is not None and arguments.note is None:
        parser.error("--keep-hours needs --note")
    return arguments


if __name__ == "__main__":
    _status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status)  # taking a whole AWS apart in order takes a second, and nobody needs it
