"""Runs a command as a whole process and takes the operating system's account of it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ops.engine.project import ROOT


class BenchError(Exception):
    """A measured command failed, so its figures mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one process took: wall and processor seconds, and peak memory of the largest single process in MiB."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(arguments: Sequence[str]) -> Usage:
    """Run `python arguments...` to its end in the project's folder, with its output thrown away.

    Raises:
        BenchError: it ended with a status other than 0.
    """
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    error = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode != 0:
        raise BenchError(f"{' '.join(arguments)} ended with {process.returncode}:\n{error.decode()[-2000:]}")
    return Usage(
        wall_seconds=time.perf_counter() - began,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mib=used.ru_maxrss / 1024,
    )


def median(values: Sequence[float]) -> float:
    """The median, which a single disturbed run does not move."""
    return statistics.median(values)
