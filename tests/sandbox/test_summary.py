"""What is said about cells at the end of a build."""

from __future__ import annotations

from typing import Any

import pytest

from ops.engine.record import Request, Secret
from ops.sandbox import report, summary
from ops.sandbox.cells.events import Failed, Made, Ready, decode, encode
from ops.sandbox.cells.fleet import Outcome
from ops.sandbox.cloud import CreationError
from tests.sandbox.notes import noted
from tests.support import ACCOUNT

PRIMARY = {"identifier": "a", "arn": "arn:aws:rds:us-east-2:1:db:a", "role": "primary", "source": None}
REPLICA = {"identifier": "b", "arn": "arn:aws:rds:us-west-2:1:db:b", "role": "replica", "source": PRIMARY["arn"]}
FAILED = Failed(resource="home-db", type="aws:rds/instance:Instance", reason="ClientError: no such class")


def side(name: str, database: dict[str, Any] | None = None) -> dict[str, Any]:
    endpoints = {"app": "https://us.app.example.com"}
    return {
        "side": name,
        "region": "us-east-2",
        "resources": 1,
        "recorded": 1,
        "endpoints": endpoints,
        "database": database,
    }


def stands(*sides: dict[str, Any]) -> Outcome:
    content = {
        "cell": "us",
        "account": ACCOUNT,
        "sides": list(sides),
        "replica_linked": True,
        "trail": {"name": "medical-us-use2-trail", "region": "us-east-2", "bucket": "evidence", "logging": True},
        "recorded": [{"type": "aws:x/y:Y", "reason": "moto has none", "count": 1}],
        "peak_memory_mib": 300,
    }
    return Outcome(cell="us", seconds=1.5, report=content, standing=noted("us"))


def test_a_replica_is_linked_if_its_source_is_the_database_of_another_side() -> None:
    assert report.linked([side("home", PRIMARY), side("recovery", REPLICA)])


@pytest.mark.parametrize("recovery", [None, PRIMARY, {**REPLICA, "source": "arn:aws:rds:us-east-2:1:db:elsewhere"}])
def test_no_replica_is_linked_if_there_is_none_or_its_source_is_elsewhere(recovery: dict[str, Any] | None) -> None:
    assert not report.linked([side("home", PRIMARY), side("recovery", recovery)])


def test_machines_are_told_what_stands_and_what_failed() -> None:
    told = summary.as_json([stands(side("home", PRIMARY)), Outcome(cell="eu", seconds=1.0, failed=FAILED)])
    (cell,) = told["cells"]
    assert ("us", ACCOUNT, 1.5) == (cell["cell"], cell["account"], cell["seconds"])
    assert "http://127.0.0.1:9" == cell["endpoint_url"]
    reason = "ClientError: no such class"
    expected = {"cell": "eu", "resource": "home-db", "type": "aws:rds/instance:Instance", "reason": reason}
    assert [expected] == told["failed"]


def test_people_are_told_where_it_stands_what_was_only_recorded_and_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary.show([stands(side("home", PRIMARY)), Outcome(cell="eu", seconds=1.0, failed=FAILED)])
    out, err = capsys.readouterr()
    for text in ("home", "us-east-2", "https://us.app.example.com", "http://127.0.0.1:9", "aws:x/y:Y: moto has none"):
        assert text in out
    assert "the trail medical-us-use2-trail logs into evidence" in out
    assert "eu" not in out
    assert "eu failed and was ended: home-db (aws:rds/instance:Instance): ClientError: no such class" in err


@pytest.mark.parametrize(
    "event", [Made(count=1, resource="vpc"), Ready(report={"a": 1}, endpoint_url="http://x", until="later"), FAILED]
)
def test_an_event_arrives_as_it_was_sent(event: Made | Ready | Failed) -> None:
    line = encode(event)
    assert line.endswith(b"\n")
    assert event == decode(line)


def test_a_refusal_does_not_repeat_a_secret() -> None:
    request = Request(
        urn="urn",
        type="aws:rds/instance:Instance",
        name="home-db",
        parent="",
        custom=True,
        provider="",
        inputs={"password": Secret("hunter2"), "nested": [{"token": Secret("opensesame")}], "empty": Secret("")},
        dependencies=(),
        property_dependencies={},
        protect=False,
        retain_on_delete=False,
        ignore_changes=(),
    )
    error = CreationError(request, "refused: hunter2 and opensesame for 7")
    assert "refused: [secret] and [secret] for 7" == error.reason
    assert "hunter2" not in str(error)
