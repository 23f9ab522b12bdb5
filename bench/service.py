"""The service under load, with its cache and without: a clinic's open slots among a million rows, figures (f).

Everything is real and apart: MariaDB, Valkey or Redis, the service as it runs on an instance (TLS, identities), and its
visitors (`bench.load`), each a process. Without the cache each request asks the database (`bench.uncached`), though
the database keeps the rows in its memory; and no request waits for another's answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figure import Figure
from bench.process import BenchError, median
from bench.stand import Stand, standing
from ops.engine.project import ROOT
from service.journeys import schema
from tests.service import drills
from tests.service.journeys import clinic
from tests.service.running import Service

ROWS: Final = 1_000_000
CLINICS: Final = 40
PEOPLE: Final = [clinic(f"clinic-{number}") for number in range(CLINICS)]
PRACTITIONERS: Final = 20
_ROOM: Final = "--innodb-buffer-pool-size=512M"
VISITORS: Final = 8
SECONDS: Final = 4.0
PAIRS: Final = 3
GOAL: Final = 0.25
"""A quarter of the time, and four times as many: the same ratio, read from either side."""

# A clinic's practitioners each have 32 quarters of an hour a day, from tomorrow at eight; three of five are taken.
_SEED: Final = f"""
INSERT INTO medical.{schema.SLOTS}
SELECT CONCAT('clinic-', seq % {CLINICS}), LPAD(HEX(seq), 32, '0'),
  CONCAT('dr-', seq DIV {CLINICS} % {PRACTITIONERS}),
  UTC_DATE() + INTERVAL 1 DAY + INTERVAL 8 HOUR
    + INTERVAL (seq DIV {CLINICS * PRACTITIONERS} DIV 32) DAY
    + INTERVAL (seq DIV {CLINICS * PRACTITIONERS} % 32) * 15 MINUTE,
  15, seq DIV {CLINICS} % 5 < 3, UTC_TIMESTAMP(3)
FROM medical.seq_0_to_{ROWS - 1}
"""  # noqa: S608 - our own numbers


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the visitors met in one run: seconds, and requests a second."""

    median: float
    p99: float
    rate: float
    errors: int


class Uncached(Service):
    """The service that keeps no answer ready."""

    module = "bench.uncached"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What stands while it is measured: a million rows, and two services on them."""

    stand: Stand
    cached: Service
    bare: Service

    def visit(self, service: Service) -> Seen:
        """What visitors of a service meet."""
        return _seen(self.visiting(service))

    def visiting(self, service: Service) -> subprocess.Popen[bytes]:
        """Visitors of a service, on their way."""
        spec = {
            "port": service.port,
            "authority": str(self.stand.authority.certificate),
            "path": "/journeys/slots",
            "claims": [drills.header(who, seconds=900) for who in PEOPLE],
            "visitors": VISITORS,
            "seconds": SECONDS,
        }
        file = self.stand.folder / "load.json"
        file.write_text(json.dumps(spec), encoding="utf-8")
        command = [sys.executable, "-m", "bench.load", str(file)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own


def figures() -> list[Figure]:
    """All figures of the service."""
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder), PEOPLE, _ROOM) as stand:
        measured = Measured(stand=stand, cached=stand.start(), bare=stand.start(Uncached))
        stand.database.sql(_SEED, f"ANALYZE TABLE medical.{schema.SLOTS}")
        pairs = [(measured.visit(measured.cached), measured.visit(measured.bare)) for _ in range(PAIRS)]
        lost = _losing(measured)
    return [
        _ratio("(f) open slots, median latency with the cache, against without", pairs),
        _throughput(pairs),
        Figure(
            name="(f) errors as the cache is lost under load, and without it",
            measured=lost.errors + sum(bare.errors + cached.errors for cached, bare in pairs),
            goal=0,
            unit="errors",
            detail=f"median {lost.median * 1e3:.1f} ms, p99 {lost.p99 * 1e3:.1f} ms over the loss, "
            f"{lost.rate:.0f} requests/s",
        ),
    ]


def _ratio(name: str, pairs: list[tuple[Seen, Seen]]) -> Figure:
    cached, bare = zip(*pairs, strict=True)

    def both(key: str) -> str:
        ours, theirs = (median([getattr(seen, key) * 1e3 for seen in side]) for side in (cached, bare))
        return f"{ours:.2f} ms against {theirs:.2f} ms"

    return Figure(
        name=name,
        measured=median([ours.median / theirs.median for ours, theirs in pairs]),
        goal=GOAL,
        unit="times",
        detail=f"{both('median')}, p99 {both('p99')}, {PAIRS} pairs, {VISITORS} visitors, {ROWS:,} rows, "
        f"the machine's load {os.getloadavg()[1]:.0f}",
    )


def _throughput(pairs: list[tuple[Seen, Seen]]) -> Figure:
    cached, bare = (median([seen.rate for seen in side]) for side in zip(*pairs, strict=True))
    return Figure(
        name="(f) open slots, requests a second without the cache, against with it",
        measured=median([theirs.rate / ours.rate for ours, theirs in pairs]),
        goal=GOAL,
        unit="times",
        detail=f"{bare:.0f}/s against {cached:.0f}/s: {median([a.rate / b.rate for a, b in pairs]):.1f} times as many",
    )


def _losing(measured: Measured) -> Seen:
    """A run in which the cache dies half-way: the service then asks the database, once for all who ask together."""
    process = measured.visiting(measured.cached)
    time.sleep(SECONDS / 2)
    measured.stand.cache.stop()
    return _seen(process)


def _seen(process: subprocess.Popen[bytes]) -> Seen:
    output, error = process.communicate()
    if process.returncode != 0:
        raise BenchError(f"the load ended with {process.returncode}:\n{error.decode()[-2000:]}")
    return Seen(**json.loads(output))
