"""`audit` on a cell in this process: what is found, what is missing, and where it is read if home is lost."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.audit import answer, files, history, work
from ops.audit.answer import Answer
from ops.audit.place import Place
from ops.audit.question import Question
from ops.audit.times import TimeError
from ops.audit.work import Asked, Source
from ops.drill.calls import DeniedError
from ops.sandbox.physics.world import World
from tests.small_cell import SmallCell, small_cell
from tests.support import ACCOUNT, HOME, RECOVERY
from tests.trail_of import DELIVERY, NAME, PREFIX, trail

KEY = "consultations/a/findings.pdf"
SETTLED = 1200
"""Seconds after which all that was done counts as delivered and copied."""


@pytest.fixture
def cell() -> Iterator[SmallCell]:
    with small_cell() as small:
        trail(small)
        yield small


@pytest.fixture
def world(cell: SmallCell) -> Iterator[World]:
    made = World(cell.account)
    with made.installed():
        made.begin(7)
        yield made


@cache
def session_of(key: str, loader: Any) -> Any:  # noqa: ANN401 - boto3's
    """A person's session, which has read what the cell's has: to make one takes as long as a dozen calls."""
    session: Any = boto3.Session(key, "secret")
    session._session.register_component("data_loader", loader)
    return session


class Audit:
    """Asks, as the command does."""

    def __init__(self, world: World, cell: SmallCell) -> None:
        """Begin to ask about what happens from now on."""
        self.world = world
        self.cell = cell
        self.begun = world.now

    def client(self, service: str, region: str, key: str = "auditor") -> Any:  # noqa: ANN401 - boto3's clients
        loader = self.cell.session._session.get_component("data_loader")
        return self.world.gate.attach(session_of(key, loader).client(service, region_name=region))

    def place(self) -> Place:
        return Place(
            name="sandbox",
            cell="us",
            account=ACCOUNT,
            sides={"home": HOME, "recovery": RECOVERY},
            client=self.client,
            now=self.world.now,
            kept_days=2192,
        )

    def ask(
        self,
        *,
        since: str = "",
        until: str | None = None,
        source: Source = Source.AUTO,
        limit: int | None = None,
        place: Place | None = None,
        **question: Any,  # noqa: ANN401 - as a question's fields
    ) -> Answer:
        asked = Asked(
            cell="us",
            folder=Path(),
            question=Question(**question),
            since=since or f"{self.begun:%Y-%m-%dT%H:%M:%SZ}",
            until=until,
            source=source,
            limit=limit,
            aws=False,
            profile=None,
        )
        return work.gathered(place or self.place(), asked)

    def put(self, key: str = KEY, who: str = "dave") -> None:
        self.client("s3", HOME, who).put_object(Bucket=self.bucket, Key=key, Body=b"findings")

    def get(self, key: str = KEY, who: str = "erin") -> None:
        self.client("s3", HOME, who).get_object(Bucket=self.bucket, Key=key)

    @property
    def bucket(self) -> str:
        return self.cell.manifest.home.buckets["uploads"]

    @property
    def evidence(self) -> Any:  # noqa: ANN401 - moto's bucket
        return self.world.backend("s3", "aws").buckets[self.cell.manifest.home.buckets["audit"]]

    def deliver(self, content: bytes, unique: str = "AAAA") -> str:
        """Put a file among the trail's, as if CloudTrail had."""
        now = self.world.now
        key = f"{PREFIX}/{HOME}/{now:%Y/%m/%d}/{ACCOUNT}_CloudTrail_{HOME}_{now:%Y%m%dT%H%M}Z_{unique}.json.gz"
        self.world.backend("s3", "aws").put_object(self.evidence.name, key, content)
        return key


@pytest.fixture
def audit(world: World, cell: SmallCell) -> Audit:
    return Audit(world, cell)


def did(found: Answer) -> list[tuple[str, str]]:
    return [(event.who, event.name) for event in found.events]


def test_who_put_and_who_read_a_patients_document_is_told(audit: Audit) -> None:
    audit.put()
    audit.get()
    audit.put("consultations/other.pdf", "frank")
    audit.world.advance(SETTLED)
    found = audit.ask(on=f"uploads/{KEY}")
    assert [("dave", "PutObject"), ("erin", "GetObject")] == [
        item for item in did(found) if "replication" not in item[0]
    ]
    assert found.complete, found.gaps
    assert all(event.address for event in found.events)
    assert [] == audit.ask(on="uploads/nothing").events


def test_a_person_is_found_by_name_and_so_is_all_they_did(audit: Audit) -> None:
    audit.put()
    audit.get()
    audit.world.advance(2)
    audit.client("kms", RECOVERY, "erin").list_keys()
    audit.world.advance(SETTLED)
    found = audit.ask(who="erin")
    assert [("erin", "GetObject"), ("erin", "ListKeys")] == did(found)
    assert {HOME, RECOVERY} == {event.region for event in found.events}
    assert [] == audit.ask(who="nobody").events


def test_without_a_name_there_is_a_line_for_each_person(audit: Audit) -> None:
    audit.put()
    for _ in range(3):
        audit.get()
    with pytest.raises(ClientError):
        audit.get("nothing")
    audit.world.advance(SETTLED)
    people = {person.who: person for person in audit.ask().people}
    assert (4, 0, 1) == (people["erin"].events, people["erin"].changes, people["erin"].errors)
    assert (1, 1, 0) == (people["dave"].events, people["dave"].changes, people["dave"].errors)
    assert "GetObject 4" == people["erin"].mostly


def test_errors_and_changes_and_calls_narrow_what_is_told(audit: Audit) -> None:
    audit.put()
    with pytest.raises(ClientError):
        audit.get("nothing")
    audit.world.advance(SETTLED)
    assert [("erin", "GetObject")] == did(audit.ask(errors=True))
    assert ["NoSuchKey"] == [event.error for event in audit.ask(errors=True).events]
    assert ("dave", "PutObject") in did(audit.ask(changes=True))
    assert ("erin", "GetObject") not in did(audit.ask(changes=True))
    assert [("dave", "PutObject")] == did(audit.ask(who="dave", what="s3:Put*"))


def test_a_period_leaves_out_what_was_before_and_after(audit: Audit) -> None:
    audit.put("k/1")
    audit.world.advance(600)
    middle = f"{audit.world.now:%Y-%m-%dT%H:%M:%SZ}"
    audit.put("k/2")
    audit.world.advance(SETTLED)
    assert ["k/2"] == [event.on[0].partition("/")[2] for event in audit.ask(since=middle, who="dave").events]
    assert ["k/1"] == [event.on[0].partition("/")[2] for event in audit.ask(until=middle, who="dave").events]
    with pytest.raises(TimeError):
        audit.ask(since=middle, until=f"{audit.begun:%Y-%m-%dT%H:%M:%SZ}")


def test_what_is_not_delivered_yet_comes_from_event_history_once_and_files_alone_do_not_know_it(audit: Audit) -> None:
    audit.client("kms", HOME, "dave").list_keys()
    audit.world.advance(90)
    assert [("dave", "ListKeys")] == did(audit.ask(who="dave"))
    assert [] == did(audit.ask(who="dave", source=Source.BUCKET))
    audit.world.advance(DELIVERY)
    assert [("dave", "ListKeys")] == did(audit.ask(who="dave")), "in a file and in event history, and told once"


def test_an_end_that_deliveries_have_not_reached_makes_an_answer_incomplete(audit: Audit) -> None:
    audit.put()
    audit.world.advance(DELIVERY + 30)
    found = audit.ask(until=f"{audit.world.now:%Y-%m-%dT%H:%M:%SZ}")
    assert not found.complete
    assert "ask again after" in " ".join(found.gaps)
    audit.world.advance(SETTLED)
    assert audit.ask(until="16m").complete


def test_event_history_alone_is_never_complete_for_it_knows_no_objects(audit: Audit) -> None:
    audit.put()
    audit.client("kms", HOME, "dave").list_keys()
    audit.world.advance(SETTLED)
    found = audit.ask(source=Source.EVENTS, who="dave")
    assert [("dave", "ListKeys")] == did(found)
    assert "no data events" in " ".join(found.gaps)


def test_when_home_is_lost_recoverys_copy_answers_and_says_what_it_lacks(audit: Audit) -> None:
    audit.put()
    audit.client("kms", RECOVERY, "dave").list_keys()
    audit.world.advance(SETTLED)
    known = audit.ask(who="dave")
    audit.world.faults.inject("region-dark", HOME)
    audit.client("kms", RECOVERY, "erin").list_keys()
    audit.world.advance(SETTLED)
    found = audit.ask(who="dave")
    assert did(known) == did(found)
    assert not found.complete
    assert f"of {HOME}" in " ".join(found.gaps)
    assert "recovery's copy" in " ".join(found.notes)
    assert found.covered < audit.world.now
    assert ("erin", "ListKeys") in did(audit.ask(who="erin")), "by recovery's own event history"
    audit.world.faults.lift("region-dark", HOME)
    audit.world.advance(SETTLED)
    after = audit.ask(who="erin")
    assert after.complete, after.gaps


def test_when_neither_side_answers_nothing_is_claimed(audit: Audit) -> None:
    audit.put()
    audit.world.advance(SETTLED)
    for region in (HOME, RECOVERY):
        audit.world.faults.inject("region-dark", region)
    found = audit.ask(who="dave")
    assert not found.complete
    assert "no side" in " ".join(found.gaps)
    assert [] == found.events


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(audit: Audit) -> None:
    audit.put()
    audit.world.advance(SETTLED)
    assert audit.ask(who="dave").complete
    bad = [
        audit.deliver(b"no gzip", "NOTGZIP"),
        audit.deliver(gzip.compress(b'{"Records": [')[:-12], "CUT"),
        audit.deliver(gzip.compress(b"[1, 2]"), "NOLIST"),
        audit.deliver(gzip.compress(json.dumps({"Records": [{"eventID": "x"}, 7]}).encode()), "NORECORDS"),
        audit.deliver(gzip.compress(b'{"Records": 7}'), "NUMBER"),
    ]
    found = audit.ask(who="dave")
    assert [("dave", "PutObject")] == did(found)
    assert not found.complete
    assert all(any(key in gap for gap in found.gaps) for key in bad)


def test_a_file_that_would_fill_the_memory_is_told_of_instead(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 100_000)
    key = audit.deliver(gzip.compress(b" " * 10_000_000))
    audit.world.advance(SETTLED)
    assert [f"{key}: holds more than 100000 bytes"] == [gap for gap in audit.ask().gaps if key in gap]


def test_evidence_that_somebody_has_written_over_or_hidden_is_read_and_told_of(audit: Audit) -> None:
    audit.put()
    audit.world.advance(SETTLED)
    s3 = audit.world.backend("s3", "aws")
    (name,) = [name for name in audit.evidence.keys if f"/{HOME}/" in name]
    s3.put_object(audit.evidence.name, name, gzip.compress(b'{"Records":[]}', mtime=0))
    found = audit.ask(who="dave")
    assert [("dave", "PutObject")] == did(found), "by the version that CloudTrail wrote"
    assert "has 2 versions" in " ".join(found.gaps)
    s3.delete_object(audit.evidence.name, name)
    found = audit.ask(who="dave")
    assert [("dave", "PutObject")] == did(found)
    assert "delete marker" in " ".join(found.gaps)


def test_a_trail_that_was_stopped_leaves_a_gap_that_is_told(audit: Audit) -> None:
    audit.world.advance(60)
    cloudtrail = audit.client("cloudtrail", HOME, "mallory")
    cloudtrail.stop_logging(Name=NAME)
    audit.world.advance(600)
    assert f"the trail {NAME} is stopped" in " ".join(audit.ask().gaps)
    cloudtrail.start_logging(Name=NAME)
    audit.world.advance(SETTLED)
    found = audit.ask(what="StopLogging")
    assert [("mallory", "StopLogging")] == did(found)
    assert "having been stopped" in " ".join(found.gaps)


def test_what_was_before_the_trail_is_not_known(audit: Audit) -> None:
    audit.world.advance(SETTLED)
    assert "what was before is not in it" in " ".join(audit.ask(since="3d").gaps)
    assert audit.ask().complete


def test_without_a_trail_nothing_is_complete(audit: Audit) -> None:
    audit.client("cloudtrail", HOME).delete_trail(Name=NAME)
    audit.world.advance(SETTLED)
    assert "no trail delivers" in " ".join(audit.ask().gaps)


def test_management_events_of_an_account_that_another_stack_owns_come_from_event_history(audit: Audit) -> None:
    audit.client("cloudtrail", HOME).delete_trail(Name=NAME)
    trail(audit.cell, management=False)
    begun = f"{audit.world.now:%Y-%m-%dT%H:%M:%SZ}"
    audit.put()
    audit.client("kms", HOME, "dave").list_keys()
    audit.client("iam", HOME, "dave").list_users()
    audit.world.advance(SETTLED)
    found = audit.ask(who="dave", since=begun)
    assert {"PutObject", "ListKeys", "ListUsers"} == {event.name for event in found.events}
    assert "owns the account" in " ".join(audit.ask(who="dave", source=Source.BUCKET).gaps)


def test_the_latest_are_kept_and_a_cut_is_told_unless_it_was_asked_for(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        audit.put(f"k/{number}")
        audit.world.advance(5)
    audit.world.advance(SETTLED)
    found = audit.ask(who="dave", limit=2)
    assert (5, ["k/3", "k/4"]) == (found.matched, [event.on[0].partition("/")[2] for event in found.events])
    assert found.complete
    monkeypatch.setattr(work, "LIMIT", 2)
    assert "5 events match and the latest 2 are shown" in " ".join(audit.ask(who="dave").gaps)


def test_evidence_from_before_what_is_kept_is_said_to_be_gone(audit: Audit) -> None:
    audit.world.advance(SETTLED)
    place = replace(audit.place(), kept_days=1)
    assert "evidence is kept for 1 days" in " ".join(audit.ask(since="2d", place=place).gaps)


def test_event_history_that_goes_on_is_given_up_and_that_is_told(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_PAGES", 1)
    monkeypatch.setattr(history, "_PAGE", 2)
    kms = audit.client("kms", HOME, "dave")
    for _ in range(5):
        kms.list_keys()
    audit.world.advance(SETTLED)
    assert "has more than was read" in " ".join(audit.ask(source=Source.EVENTS).gaps)


def test_whoever_may_not_read_evidence_is_told_which_permission_is_missing(audit: Audit) -> None:
    def refuse(**_: object) -> None:
        said = {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(said, "ListObjectVersions")  # type: ignore[arg-type]

    audit.put()
    audit.world.advance(SETTLED)
    s3 = audit.client("s3", HOME)
    s3.meta.events.register_first("before-call.s3.ListObjectVersions", refuse)
    place = replace(audit.place(), client=lambda name, region: s3 if name == "s3" else audit.client(name, region))
    with pytest.raises(DeniedError, match="s3:ListObjectVersions"):
        audit.ask(place=place)


def test_a_cell_without_recovery_is_asked_at_home_alone(audit: Audit) -> None:
    audit.put()
    audit.world.advance(SETTLED)
    found = audit.ask(who="dave", place=replace(audit.place(), sides={"home": HOME}))
    assert [("dave", "PutObject")] == did(found)
    assert found.complete, found.gaps


def test_an_answer_is_the_same_each_time_it_is_asked(audit: Audit) -> None:
    audit.put()
    audit.get()
    audit.world.advance(SETTLED)
    assert [event.as_json() for event in audit.ask(on=KEY).events] == [
        event.as_json() for event in audit.ask(on=KEY).events
    ]


def test_people_are_counted_without_end_and_kept_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    from ops.audit.times import Period  # noqa: PLC0415
    from tests.audit.test_question import event, user  # noqa: PLC0415

    monkeypatch.setattr(answer, "_MOST_PEOPLE", 2)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    whole = Period(since=at, until=at.replace(day=2), open=False)
    found = Answer(cell="us", place="aws", period=whole, question=Question(), limit=1, covered=at)
    for number in range(5):
        assert found.take(event(eventID=str(number), userIdentity=user(f"user-{number}")))
    assert not found.take(event(eventID="4")), "it was taken"
    assert [("(others)", 3), ("user-0", 1), ("user-1", 1)] == [(person.who, person.events) for person in found.people]
