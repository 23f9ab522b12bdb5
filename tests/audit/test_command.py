"""`python -m ops audit`: its table and its JSON, its exit status, and what it refuses before it asks anything."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from ops.cli import app
from ops.sandbox.cells import control, process
from ops.sandbox.cells.state import VARIABLE, StateFolder
from ops.sandbox.physics.world import World
from ops.sandbox.remote import LocalWorld
from tests.sandbox.notes import noted
from tests.small_cell import SmallCell, small_cell
from tests.support import ACCOUNT, HOME
from tests.trail_of import NAME, trail

KEY = "consultations/a/\x1b[2Jfindings.pdf"
"""With what would wipe a terminal."""


@pytest.fixture(scope="module")
def cell() -> Iterator[SmallCell]:
    with small_cell() as small:
        trail(small)
        yield small


@pytest.fixture(scope="module")
def url(cell: SmallCell) -> Iterator[str]:
    """The cell, served; dave has uploaded a document in it, erin has read it, and that was delivered."""
    world = World(cell.account)
    with world.installed():
        local = LocalWorld(world)
        local.begin(7)
        server = control.serve(local)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://{server.host}:{server.port}"
        bucket = cell.manifest.home.buckets["uploads"]
        client(address, "dave").put_object(Bucket=bucket, Key=KEY, Body=b"findings")
        client(address, "erin").get_object(Bucket=bucket, Key=KEY)
        world.advance(3600)
        yield address
        server.shutdown()
        thread.join()
        server.server_close()


def client(url: str, key: str) -> Any:  # noqa: ANN401 - boto3's clients
    session: Any = boto3.Session(key, "secret", region_name=HOME)
    return session.client("s3", endpoint_url=url)


@pytest.fixture
def folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> StateFolder:  # noqa: ANN401 - pytest's
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return StateFolder()


@pytest.fixture
def standing(folder: StateFolder, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.note(replace(noted("us"), endpoint_url=url))

    def serves(_pid: int, _instance: str) -> bool:
        return True  # this process does

    monkeypatch.setattr(process, "serves", serves)


def audit(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", *words])


@pytest.mark.usefixtures("standing")
class TestAsked:
    """Of a cell that stands."""

    def test_who_touched_a_document_is_told_in_lines(self) -> None:
        none = audit("us", "--on", "uploads/consultations/a/", "--since", "30m")
        assert "nobody did that" in none.output
        assert 0 == none.exit_code, none.output
        found = audit("us", "--on", "uploads/consultations/a/", "--since", "2h")
        lines = found.output.splitlines()
        (put,) = [line for line in lines if "dave" in line]
        (got,) = [line for line in lines if "erin" in line]
        assert "PutObject" in put
        assert "GetObject" in got
        assert "127.0.0.1" in got
        assert HOME in got
        assert got.rstrip().endswith("ok")

    def test_a_period_from_before_the_trail_is_incomplete_and_ends_with_three(self) -> None:
        found = audit("us", "--who", "dave", "--since", "2h")
        assert 3 == found.exit_code
        assert "INCOMPLETE" in found.output
        assert f"the trail {NAME} logs since" in found.output

    def test_what_steers_a_terminal_is_written_out(self) -> None:
        found = audit("us", "--who", "dave", "--since", "2h")
        assert "\x1b" not in found.output
        assert r"\x1b[2Jfindings.pdf" in found.output

    def test_without_a_question_there_is_a_line_for_each_person(self) -> None:
        found = audit("us", "--since", "2h")
        assert "mostly" in found.output
        assert "GetObject 1" in next(line for line in found.output.splitlines() if line.startswith("erin"))

    def test_machines_are_given_one_object_always_the_same(self) -> None:
        first, second = (audit("us", "--who", "erin", "--since", "2026-01-05T09:00Z", "--json") for _ in range(2))
        found = json.loads(first.output)
        assert found["complete"], found["gaps"]
        assert 0 == first.exit_code
        assert first.output.count("\n") == second.output.count("\n")
        assert found["events"] == json.loads(second.output)["events"]
        (event,) = found["events"]
        assert ("erin", "GetObject", "s3.amazonaws.com", True) == tuple(
            event[name] for name in ("who", "name", "source", "read_only")
        )
        assert sorted(found) == list(found)
        assert ACCOUNT in event["on"][0]

    def test_nonsense_is_refused_with_value_rule_and_way_out(self) -> None:
        for words, rule in (
            (("--since", "yesterday"), "is no time"),
            (("--since", "2031-01-01"), "still to come"),
            (("--since", "1h", "--until", "2h"), "exchange them"),
            (("--since", "2026-01-05T09:00"), "does not say its zone"),
            (("--who", ""), "asks for nothing"),
            (("--limit", "0"), "--limit"),
            (("--source", "rumours"), "rumours"),
            (("--profile", "auditor"), "--aws"),
        ):
            found = audit("us", *words)
            assert 2 == found.exit_code, words
            assert rule in found.output
            assert "Traceback" not in found.output

    def test_a_refusal_is_json_where_json_is_asked_for(self) -> None:
        found = audit("us", "--since", "soon", "--json")
        assert 2 == found.exit_code
        assert "is no time" in json.loads(found.output)["error"]


@pytest.mark.usefixtures("folder")
def test_a_cell_that_does_not_stand_or_does_not_exist_is_refused() -> None:
    found = audit("us")
    assert 2 == found.exit_code
    assert "sandbox up us" in found.output
    assert 2 == audit("nowhere").exit_code
