"""`make bench`: figures, as ratios where there is something to compare with, printed and kept in docs/benchmarks.md.

(a) One stack's program as a whole process beside its floor (`bench.floor`): time and peak memory.
(b) Three cells up on the local cloud.
(c) Twelve generated cells against three.
(d) A failover and failback in the local cloud (`bench.drill`).
(f) The service under load with its cache and without (`bench.service`); `python -m bench service` measures it alone.
Then pictures converted beside bare Pillow (`bench.images`), and what a cold start imports (`bench.imports`).
Each figure is the median of several runs; what is compared is run in turn, so that a slow moment meets both.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import cells, drill, images, service
from bench.figure import Figure
from bench.imports import cold_imports
from bench.process import Usage, median, run
from ops.engine.project import ROOT

PAIRS = 5
ROUNDS = 2
FEW, MANY = 3, 12
REPORT = ROOT / "docs" / "benchmarks.md"


def program_beside_floor() -> list[Figure]:
    """Figure (a)."""
    with tempfile.TemporaryDirectory() as folder:
        work = str(Path(folder) / "work.json")
        run(["-m", "bench.program", "us", work])  # compiles what is not compiled yet
        run(["-m", "bench.floor", work])
        pairs = [(run(["-m", "bench.program", "us", work]), run(["-m", "bench.floor", work])) for _ in range(PAIRS)]
    return [
        _ratio("(a) time of one stack's program, against its floor", pairs, "wall_seconds", "s"),
        _ratio("(a) peak memory of one stack's program, against its floor", pairs, "peak_mib", "MiB"),
    ]


def _ratio(name: str, pairs: list[tuple[Usage, Usage]], key: str, unit: str) -> Figure:
    program = [getattr(a, key) for a, _ in pairs]
    floor = [getattr(b, key) for _, b in pairs]
    ratio = median([a / b for a, b in zip(program, floor, strict=True)])
    detail = f"{median(program):.2f} {unit} against {median(floor):.2f} {unit}, {len(pairs)} pairs"
    return Figure(name=name, measured=ratio, goal=1.5, unit="times", detail=detail)


def sandbox_up() -> list[Figure]:
    """Figures (b) and (c)."""
    up = ["-m", "ops", "sandbox", "up", "--once", "--json"]
    shipped = [run([*up, "us", "eu", "apac"]).wall_seconds for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        names = cells.write(Path(folder), MANY)
        generated = [*up, "--stacks", folder]
        pairs = [
            (run([*generated, *names]).wall_seconds, run([*generated, *names[:FEW]]).wall_seconds)
            for _ in range(ROUNDS)
        ]
    return [
        Figure(
            name="(b) three cells up on the local cloud",
            measured=median(shipped),
            goal=30,
            unit="s",
            detail=f"{ROUNDS} runs",
        ),
        Figure(
            name=f"(c) {MANY} generated cells against {FEW}",
            measured=median([many / few for many, few in pairs]),
            goal=4.2,
            unit="times",
            detail=f"{median([many for many, _ in pairs]):.1f} s against {median([few for _, few in pairs]):.1f} s",
        ),
    ]


def alone(figures: list[Figure]) -> str:
    """The page that is kept, with these figures' rows, dated, in the place of those that they had."""
    began = tuple(f"| {item.name} |" for item in figures)
    kept = [line for line in REPORT.read_text(encoding="utf-8").splitlines() if not line.startswith(began)]
    return "\n".join([*kept, *(_row(item, f", {datetime.now(UTC):%Y-%m-%d}") for item in figures)]) + "\n"


def _row(item: Figure, measured: str = "") -> str:
    value = f"{item.measured:.2f} {item.unit}"
    return f"| {item.name} | {value} | {item.goal:g} | {item.verdict} | {item.detail}{measured} |"


def report(figures: list[Figure]) -> str:
    """The figures as the page that is kept."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    rows = "\n".join(map(_row, figures))
    return (
        "# Benchmarks\n\n"
        "Written by `make bench`. Whole processes, medians; what is compared is run in turn. The floor of (a) is\n"
        "the least that any program of this size costs: the same provider modules loaded and as many bare\n"
        "registrations.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}\n\n"
        "| figure | measured | goal, at most | verdict | of which |\n| --- | --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def main() -> None:
    """Measure everything, or the service alone; print, keep."""
    if sys.argv[1:] == ["service"]:
        text = alone(service.figures())
    else:
        others = [*drill.figures(), *images.figures(), *cold_imports(), *service.figures()]
        text = report([*program_beside_floor(), *sandbox_up(), *others])
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
