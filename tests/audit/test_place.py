"""Where an audit is asked: on AWS the account is checked first, and then the same answer is found by the same code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.audit import place, work
from ops.audit.question import Question
from ops.audit.work import Asked, Source
from ops.engine.project import ROOT
from ops.refusal import RefusalError
from ops.sandbox.physics.world import World
from tests.small_cell import SmallCell, small_cell
from tests.support import ACCOUNT, HOME, RECOVERY
from tests.trail_of import trail


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "auditor")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


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


@pytest.mark.usefixtures("cell")
def test_a_cells_account_is_found_with_its_sides_and_its_buckets() -> None:
    found = place.find("us", folder=ROOT, aws=True, profile=None)
    assert ("aws", ACCOUNT, {"home": HOME, "recovery": RECOVERY}) == (found.name, found.account, found.sides)
    assert f"medical-us-use2-audit-{ACCOUNT}" == found.bucket("home")
    assert (f"medical-us-use2-uploads-{ACCOUNT}", f"medical-us-usw2-uploads-{ACCOUNT}") == found.buckets["uploads"]


@pytest.mark.usefixtures("cell")
def test_credentials_of_another_account_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    with pytest.raises(RefusalError, match="choose its profile"):
        place.find("us", folder=ROOT, aws=True, profile=None)


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(RefusalError, match="--profile"):
        place.find("us", folder=ROOT, aws=True, profile="nobody-of-that-name")


def test_a_cell_that_is_none_is_refused() -> None:
    with pytest.raises(RefusalError):
        place.find("nowhere", folder=ROOT, aws=True, profile=None)


def test_on_aws_the_same_code_finds_who_read_a_document(world: World, cell: SmallCell) -> None:
    s3 = world.gate.attach(cell.client("s3", HOME))
    bucket = cell.manifest.home.buckets["uploads"]
    s3.put_object(Bucket=bucket, Key="consultations/a.pdf", Body=b"findings")
    s3.get_object(Bucket=bucket, Key="consultations/a.pdf")
    world.advance(1200)
    asked = Asked(
        cell="us",
        folder=ROOT,
        question=Question(on="uploads/consultations/a.pdf", who="sandbox"),
        since="2026-01-05T09:00Z",
        until="2026-01-05T10:00Z",
        source=Source.AUTO,
        limit=None,
        aws=True,
        profile=None,
    )
    found = work.answer(asked)
    assert ["PutObject", "GetObject"] == [event.name for event in found.events] or ["GetObject", "PutObject"] == [
        event.name for event in found.events
    ]
    assert "aws" == found.place
