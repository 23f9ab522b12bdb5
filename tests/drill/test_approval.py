"""A second person's approval, against botocore's Stubber: the local cloud does not say who has written a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from domain import drills
from ops.drill import approval
from ops.refusal import RefusalError
from ops.sandbox.cloud import CREDENTIALS
from tests.support import ACCOUNT, RECOVERY

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HASH = "ab" * 32
OTHER = "cd" * 32
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
BOB = f"arn:aws:sts::{ACCOUNT}:assumed-role/{drills.role_name('us')}/bob"
NAME = approval.parameter_name("us", HASH)


@contextmanager
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.Session(**CREDENTIALS).client("ssm", region_name=RECOVERY)
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def version(number: int, by: str, text: str, at: datetime = NOW) -> dict[str, Any]:
    return {"Name": NAME, "Version": number, "LastModifiedUser": by, "LastModifiedDate": at, "Value": text}


def checked(*versions: dict[str, Any], caller: str = BOB, now: datetime = NOW) -> approval.Approval:
    with stubbed() as (client, stub):
        stub.add_response("get_parameter_history", {"Parameters": list(versions)}, {"Name": NAME})
        return approval.check(client, "us", HASH, caller, now)


def text(hours: float = 4, plan: str = HASH) -> str:
    return approval.text(plan, NOW + timedelta(hours=hours))


def test_an_approval_by_a_second_person_stands_and_names_them() -> None:
    found = checked(version(1, ADA, text()))
    assert (HASH, ADA, NOW + timedelta(hours=4)) == (found.plan, found.by, found.expires)
    assert f"/medical/us/continuity/approvals/{HASH}" == NAME


def test_the_latest_version_is_the_one_that_counts() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:user/bob"
    assert ADA == checked(version(2, ADA, text()), version(1, own, text())).by
    with pytest.raises(RefusalError, match="have somebody else approve it"):
        checked(version(1, ADA, text()), version(2, own, text()))


def test_somebody_signed_in_through_identity_center_approves_and_runs() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Operator_0123456789abcdef"
    found = checked(version(1, f"{session}/cy@example.com", text()), caller=f"{session}/di@example.com")
    assert f"{session}/cy@example.com" == found.by


@pytest.mark.parametrize("role", [drills.role_name("us"), "operator"])
def test_a_session_that_may_be_called_anything_approves_nothing(role: str) -> None:
    with pytest.raises(RefusalError, match="not written through the drill's role"):
        checked(version(1, f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/ada", text()))


@pytest.mark.parametrize("role", [drills.role_name("eu"), "operator"])
def test_a_session_of_another_role_than_the_cells_own_runs_nothing(role: str) -> None:
    with pytest.raises(RefusalError, match="or through medical-us-global-drill"):
        checked(version(1, ADA, text()), caller=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/bob")


@pytest.mark.parametrize(
    "by",
    [
        f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Approver_0123456789abcdef/bob",
        f"arn:aws:iam::{ACCOUNT}:user/bob",
        f"arn:aws:iam::{ACCOUNT}:user/people/Bob",
    ],
)
def test_whoever_runs_the_drill_does_not_approve_it_in_whatever_role(by: str) -> None:
    with pytest.raises(RefusalError, match="runs the drill"):
        checked(version(1, by, text()))


@pytest.mark.parametrize(
    ("by", "caller"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/x/botocore-session-1790000000", BOB),
        (ADA, f"arn:aws:sts::{ACCOUNT}:assumed-role/x/botocore-session-1790000000"),
    ],
)
def test_a_session_without_a_name_is_nobody(by: str, caller: str) -> None:
    with pytest.raises(RefusalError, match="set role_session_name"):
        checked(version(1, by, text()), caller=caller)


@pytest.mark.parametrize("by", ["", "N/A"])
def test_who_is_not_named_by_an_arn_has_not_approved(by: str) -> None:
    with pytest.raises(RefusalError, match="names nobody"):
        checked(version(1, by, text()))


def test_an_expired_approval_is_refused() -> None:
    assert checked(version(1, ADA, text(hours=1)), now=NOW + timedelta(minutes=59))
    with pytest.raises(RefusalError, match="expired at 2026-01-05 10:00 UTC"):
        checked(version(1, ADA, text(hours=1)), now=NOW + timedelta(hours=1))


def test_an_approval_without_a_near_end_is_refused() -> None:
    assert checked(version(1, ADA, text(hours=7 * 24)))
    with pytest.raises(RefusalError, match="within 7 days"):
        checked(version(1, ADA, text(hours=7 * 24 + 1)))


def test_an_approval_for_another_plan_is_refused_under_this_ones_name() -> None:
    with pytest.raises(RefusalError, match=f"is for plan '{OTHER[:12]}'"):
        checked(version(1, ADA, text(plan=OTHER)))


@pytest.mark.parametrize("value", ["", "yes", "{}", '{"plan": "x"}', '{"plan": "x", "expires": "2026-01-05T10:00:00"}'])
def test_what_is_no_approval_is_refused(value: str) -> None:
    with pytest.raises(RefusalError, match="is no approval"):
        checked(version(1, ADA, value))


@pytest.mark.parametrize("others", [[], [{"Name": f"{approval.folder('us')}/{OTHER}", "LastModifiedDate": NOW}]])
def test_a_plan_that_nobody_has_approved_is_refused_with_the_command_to_do_so(others: list[dict[str, Any]]) -> None:
    with stubbed() as (client, stub):
        stub.add_client_error("get_parameter_history", "ParameterNotFound", http_status_code=400)
        stub.add_response("get_parameters_by_path", {"Parameters": others}, {"Path": approval.folder("us")})
        with pytest.raises(RefusalError, match="is not approved") as refused:
            approval.check(client, "us", HASH, BOB, NOW)
    assert f"aws ssm put-parameter --region {RECOVERY}" in refused.value.message
    assert (f"for plan {OTHER[:12]}" in refused.value.message) == bool(others)
