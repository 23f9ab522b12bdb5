"""A full failover and failback of a cell in the local cloud: real time of the drill itself, and its memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.figure import Figure
from bench.process import median, run

ROUNDS = 2
_DRILL = ["-m", "ops", "drill", "run", "failover", "--cell", "us", "--execute", "us", "--standing", "--json"]


def figures() -> list[Figure]:
    """Both figures. The cell is up before the clock runs: what that takes is another figure."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MEDICAL_SANDBOX_DIR": f"{folder}/sandbox", "MEDICAL_DRILLS_DIR": f"{folder}/drills"}
        Path(f"{folder}/sandbox").mkdir()
        try:
            used = [_drilled() for _ in range(ROUNDS)]
        finally:
            run(["-m", "ops", "sandbox", "down"])
            del os.environ["MEDICAL_SANDBOX_DIR"], os.environ["MEDICAL_DRILLS_DIR"]
    seconds, memory = zip(*used, strict=True)
    return [
        Figure(
            name="(d) failover and failback of a standing cell",
            measured=median(seconds),
            goal=20,
            unit="s",
            detail=f"{ROUNDS} runs, about an hour of virtual time each",
        ),
        Figure(
            name="(d) peak memory of the drill's own process",
            measured=median(memory),
            goal=250,
            unit="MiB",
            detail=f"{ROUNDS} runs; the cell's process is another",
        ),
    ]


def _drilled() -> tuple[float, float]:
    """Seconds and MiB of one drill on a cell that is built anew, and left normal by the failback."""
    run(["-m", "ops", "sandbox", "up", "us", "--json"])
    used = run([*_DRILL, "--then", "failback"])
    return used.wall_seconds, used.peak_mib
