"""Processes that serve a cell: told apart from all others, and ended.

A process number alone proves nothing, because the system gives it to another process once ours has ended. So a cell's
process carries its instance, a random text, in its command line, and nothing is ever ended whose command line lacks it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

MODULE: Final = "ops.sandbox.cells.host"
_PROC: Final = Path("/proc")
_PATIENCE_SECONDS: Final = 5.0  # between the request to end and the force that follows
_POLL_SECONDS: Final = 0.02


class StubbornProcessError(Exception):
    """A process of ours that outlived a kill."""


def serves(pid: int, instance: str) -> bool:
    """Whether process `pid` is alive and is the cell's process that was started as `instance`."""
    words = _command_line(pid)
    return MODULE in words and instance in words


def end(pid: int, instance: str) -> bool:
    """End process `pid` if it is the one that was started as `instance`, and wait until it is gone.

    Whether there was anything to end.

    Raises:
        StubbornProcessError: it is still there, which takes a broken kernel or a debugger.
    """
    if not serves(pid, instance):
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        if serves(pid, instance):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if _gone(pid, instance):
            return True
    raise StubbornProcessError(f"process {pid} does not end; look at it with 'ps -fp {pid}'")


def _gone(pid: int, instance: str) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while serves(pid, instance) or _closing(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _closing(pid: int) -> bool:
    """Whether a process has lost its command line but not yet its files, so that its port may still be open."""
    try:
        threads = len(list((_PROC / str(pid) / "task").iterdir()))
        state = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return threads > 1 or state not in "ZX"


def _command_line(pid: int) -> list[str]:
    """The words of a process's command line; none if it is gone or a zombie."""
    if (_PROC / "self" / "cmdline").exists():
        try:
            content = (_PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return []
        return content.decode(errors="replace").split("\0")
    shown = subprocess.run(  # noqa: S603 - a fixed command with a number
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.split()
