"""The lock of a drill on its cell, in the local cloud's Parameter Store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from ops.drill import lock
from ops.drill.lock import Lock
from ops.refusal import RefusalError
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.local import local_aws
from tests.support import ACCOUNT, RECOVERY

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=lock.SECONDS)


@pytest.fixture
def ssm() -> Iterator[Any]:
    with local_aws(ACCOUNT, managed_policies=False):
        yield boto3.Session(**CREDENTIALS).client("ssm", region_name=RECOVERY)


def test_a_lock_names_its_run_its_holder_and_its_end(ssm: Any) -> None:  # noqa: ANN401 - boto3's clients
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    found = lock.read(ssm, "us")
    assert found
    assert ("us-failover-001", "ada", NOW, LATER) == (found.run, found.holder, found.since, found.until)
    kept = ssm.get_parameter(Name="/medical/us/continuity/drill-lock")["Parameter"]
    assert "String" == kept["Type"]


def test_a_second_run_is_refused_with_who_and_since_when_and_what_to_do(ssm: Any) -> None:  # noqa: ANN401 - as above
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    with pytest.raises(RefusalError) as refused:
        lock.take(ssm, "us", "us-failover-002", "bob", NOW + timedelta(minutes=5))
    for part in ("us-failover-001 of ada is running", "since 2026-01-05 09:00:00 UTC", "drill resume us-failover-001"):
        assert part in refused.value.message
    assert "us-failover-001" == refused.value.problems[0]["value"]
    found = lock.read(ssm, "us")
    assert found
    assert "us-failover-001" == found.run, "the first one keeps it"


def test_an_expired_lock_is_told_apart_and_not_taken_over(ssm: Any) -> None:  # noqa: ANN401 - as above
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    with pytest.raises(RefusalError, match=r"was begun on cell us at .* and never ended"):
        lock.take(ssm, "us", "us-failover-002", "bob", LATER)


def test_a_run_that_is_resumed_keeps_its_lock(ssm: Any) -> None:  # noqa: ANN401 - as above
    first = lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    assert first == lock.take(ssm, "us", "us-failover-001", "ada", LATER)


def test_cells_are_locked_one_by_one(ssm: Any) -> None:  # noqa: ANN401 - as above
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    assert "eu-failover-001" == lock.take(ssm, "eu", "eu-failover-001", "bob", NOW).run


def test_only_its_own_run_gives_a_lock_back(ssm: Any) -> None:  # noqa: ANN401 - as above
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    assert not lock.release(ssm, "us", "us-failover-002")
    assert lock.read(ssm, "us")
    assert lock.release(ssm, "us", "us-failover-001")
    assert lock.read(ssm, "us") is None
    assert not lock.release(ssm, "us", "us-failover-001")


def test_a_lock_that_is_lost_is_seen(ssm: Any) -> None:  # noqa: ANN401 - as above
    mine = Lock(ssm=ssm, cell="us", run="us-failover-001")
    assert mine.held().holds is False
    lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    assert mine.held().holds
    other = Lock(ssm=ssm, cell="us", run="us-failover-002")
    assert other.held().holds is False


def test_what_is_no_lock_is_refused_without_repeating_it(ssm: Any) -> None:  # noqa: ANN401 - as above
    ssm.put_parameter(Name=lock.parameter_name("us"), Value="s3cret", Type="String")
    with pytest.raises(RefusalError, match="is no lock of a drill") as refused:
        lock.take(ssm, "us", "us-failover-001", "ada", NOW)
    assert "s3cret" not in refused.value.message
    assert Lock(ssm=ssm, cell="us", run="us-failover-001").held().holds is False
