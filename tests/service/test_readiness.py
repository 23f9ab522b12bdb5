"""What follows from the checks, and that asking often costs little."""

import asyncio
import threading
import time

import httpx
import pytest
from typing_extensions import override

from service import app
from service.config import parse
from service.database import Role
from service.failures import Failure, Reason
from service.page import POLICY, render
from service.readiness import Check, Readiness, Report, Status, judge
from tests.service.test_config import GOOD

FINE = Check(ok=True, milliseconds=1)
FAILED = Check(ok=False, milliseconds=1, reason=Reason.UNREACHABLE)
WRITER = Check(ok=True, milliseconds=1, role=Role.WRITER)
READER = Check(ok=True, milliseconds=1, role=Role.READER)


@pytest.mark.parametrize(
    ("status", "database", "cache"),
    [
        (Status.READY, WRITER, FINE),
        (Status.READ_ONLY, READER, FINE),
        (Status.UNREADY, WRITER, FAILED),
        (Status.UNREADY, READER, FAILED),
        (Status.UNREADY, FAILED, FINE),
    ],
)
def test_everything_must_work_and_a_reader_serves_reads(status: Status, database: Check, cache: Check) -> None:
    assert status == judge({"database": database, "cache": cache})


def test_without_any_check_nothing_is_ready() -> None:
    assert Status.UNREADY == judge({})


def test_many_who_ask_at_once_cost_one_check() -> None:
    asked: list[float] = []

    def probe() -> Role:
        asked.append(time.monotonic())
        time.sleep(0.05)
        return Role.WRITER

    async def ask_often() -> list[Report]:
        readiness = Readiness({"database": probe}, keep_seconds=0.2)
        reports = await asyncio.gather(*(readiness.report() for _ in range(100)))
        await asyncio.sleep(0.25)
        return [*reports, await readiness.report()]

    assert {Status.READY} == {report.status for report in asyncio.run(ask_often())}
    assert 2 == len(asked), "one check for a hundred at once, and another when the result is old"


def test_a_probe_that_hangs_is_a_timeout_and_is_not_started_again() -> None:
    release = threading.Event()
    started: list[int] = []

    def hang() -> None:
        started.append(1)
        release.wait(5)

    async def ask_twice() -> list[Report]:
        readiness = Readiness({"cache": hang}, bound_seconds=0.1, keep_seconds=0)
        reports = [await readiness.report(), await readiness.report()]
        release.set()
        await asyncio.sleep(0.05)
        return [*reports, await readiness.report()]

    reports = asyncio.run(ask_twice())
    assert [Reason.TIMEOUT, Reason.TIMEOUT, None] == [report.checks["cache"].reason for report in reports]
    assert 2 == len(started), "the second asker waits for the first thread"


def test_a_defect_in_one_probe_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    readiness = Readiness({"cache": broken, "database": lambda: Role.WRITER})
    report = asyncio.run(readiness.report())
    assert Reason.FAULT == report.checks["cache"].reason
    assert report.checks["database"].ok
    assert "probe failed" in caplog.text


def test_one_that_is_shutting_down_is_unready_and_asks_nobody() -> None:
    asked: list[int] = []
    readiness = Readiness({"database": lambda: asked.append(1)})
    readiness.stop()
    answer = asyncio.run(get(readiness, "/readyz"))
    assert (503, "unready") == (answer.status_code, answer.json()["status"])
    assert [] == asked
    assert 200 == asyncio.run(get(readiness, "/livez")).status_code


def test_the_log_tells_a_change_once_with_its_detail(caplog: pytest.LogCaptureFixture) -> None:
    def refused() -> None:
        raise Failure(Reason.REFUSED, "OperationalError 1045")

    async def ask_thrice() -> None:
        readiness = Readiness({"database": refused}, keep_seconds=0)
        for _ in range(3):
            await readiness.report()

    with caplog.at_level("INFO", "service.readiness"):
        asyncio.run(ask_thrice())
    assert 1 == len(caplog.records)
    assert "OperationalError 1045" in str(vars(caplog.records[0])["fields"])


def test_a_defect_in_a_handler_answers_500_and_nothing_of_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Readiness):
        @override
        async def report(self) -> Report:
            raise ValueError("hunter2")

    answer = asyncio.run(get(Broken({}), "/"))
    assert (500, {"error": "internal server error"}) == (answer.status_code, answer.json())
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "request failed" in caplog.text


def test_the_page_escapes_whatever_it_is_told() -> None:
    evil = "<script>alert('x')</script>\"&"
    place = dict.fromkeys(("cell", "side", "region", "release"), evil)
    page = render(place, Report(Status.UNREADY, {evil: FAILED}))
    assert "<script" not in page
    assert "alert(&#x27;x&#x27;)" in page
    assert "unsafe" not in POLICY


@pytest.mark.parametrize(
    ("check", "words"), [(WRITER, ("Ready", "Writer")), (READER, ("Read-only", "Reader")), (FAILED, ("Not ready",))]
)
def test_the_page_says_in_words_what_the_report_says(check: Check, words: tuple[str, ...]) -> None:
    checks = {"database": check}
    page = render(dict.fromkeys(("cell", "side", "region", "release"), "x"), Report(judge(checks), checks))
    assert all(f">{word}<" in page for word in words)
    assert "http://" not in page
    assert "https://" not in page, "nothing is loaded from elsewhere"


async def get(readiness: Readiness, path: str) -> httpx.Response:
    """Ask the application without a network."""
    application = app.build(parse(GOOD), readiness, lambda: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://here") as client:
        return await client.get(path)
