"""The service under load, with its cache and without: a clinic's open slots among a million rows, figures (f).

Everything is real and apart: MariaDB, Valkey or Redis, the service as it runs on an instance (TLS, identities), and its
visitors (`bench.load`), each a process. Without its cache is what the service does when the cache is lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from moto.server import ThreadedMotoServer

from bench.figure import Figure
from bench.process import BenchError, median
from ops.engine.project import ROOT
from service.journeys import schema
from service.journeys.shelf import REST_SECONDS
from tests.service import drills
from tests.service.certificates import Authority
from tests.service.drills import Sts
from tests.service.journeys import clinic
from tests.service.running import Service
from tests.service.servers import Aws, MariaDb, Valkey, wait_until
from tests.service.settings import configuration

ROWS: Final = 1_000_000
CLINICS: Final = 40
PRACTITIONERS: Final = 20
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


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands while it is measured."""

    cache: Valkey
    visit: Callable[[], Seen]
    visiting: Callable[[], subprocess.Popen[bytes]]


def figures() -> list[Figure]:
    """All figures of the service."""
    with tempfile.TemporaryDirectory() as folder, _standing(Path(folder)) as stand:
        pairs = [_pair(stand) for _ in range(PAIRS)]
        lost = _losing(stand)
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
        detail=f"{both('median')}, p99 {both('p99')}, {PAIRS} pairs, {VISITORS} visitors, {ROWS:,} rows",
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


def _pair(stand: Standing) -> tuple[Seen, Seen]:
    """With the cache, which is there for a while, and then without it."""
    stand.cache.start()
    time.sleep(REST_SECONDS + 1)
    cached = stand.visit()
    stand.cache.stop()
    return cached, stand.visit()


def _losing(stand: Standing) -> Seen:
    """A run in which the cache dies half-way."""
    stand.cache.start()
    time.sleep(REST_SECONDS + 1)
    process = stand.visiting()
    time.sleep(SECONDS / 2)
    stand.cache.stop()
    return _seen(process)


@contextmanager
def _standing(folder: Path) -> Generator[Standing]:
    """Start everything, a million rows included, and end it."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    people = [clinic(f"clinic-{number}") for number in range(CLINICS)]
    with ExitStack() as ends:
        moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        moto.start()
        ends.callback(moto.stop)
        host, port = moto.get_host_and_port()
        aws, authority = Aws(f"http://{host}:{port}"), Authority(folder, "authority")
        (folder / "db").mkdir()
        (folder / "cache").mkdir()
        database = MariaDb(folder / "db", authority, "--innodb-buffer-pool-size=512M")
        ends.callback(database.stop)
        database.install()
        cache = Valkey(folder / "cache", authority)
        ends.callback(cache.stop)
        cache.start()
        sts = ends.enter_context(Sts(*people))
        told = configuration(aws, authority, database, cache)
        service = Service(folder, told, authority.certificate, aws.endpoint, sts.endpoint)
        ends.callback(service.stop)
        service.start()
        _seed(database)

        def visiting() -> subprocess.Popen[bytes]:
            spec = {
                "port": service.port,
                "authority": str(authority.certificate),
                "path": "/journeys/slots",
                "claims": [drills.header(who, seconds=900) for who in people],
                "visitors": VISITORS,
                "seconds": SECONDS,
            }
            file = folder / "load.json"
            file.write_text(json.dumps(spec), encoding="utf-8")
            command = [sys.executable, "-m", "bench.load", str(file)]
            return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own

        yield Standing(cache=cache, visit=lambda: _seen(visiting()), visiting=visiting)


def _seed(database: MariaDb) -> None:
    last = f"SELECT COUNT(*) FROM information_schema.tables WHERE table_name = '{schema.TABLES[-1]}'"  # noqa: S608 - our own
    wait_until(lambda: database.ask(last) == 1, "the tables")
    database.sql(_SEED, f"ANALYZE TABLE medical.{schema.SLOTS}")


def _seen(process: subprocess.Popen[bytes]) -> Seen:
    output, error = process.communicate()
    if process.returncode != 0:
        raise BenchError(f"the load ended with {process.returncode}:\n{error.decode()[-2000:]}")
    return Seen(**json.loads(output))
