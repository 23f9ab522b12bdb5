"""When dead letters are sent back, and when they are left to a person: decided for any history of the functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from functions.repairs import redrive
from functions.repairs.redrive import LOOK_BACK, PAUSE, PERIOD, Sent, Worked, choose
from ops.sandbox.local import local_aws
from tests.support import ACCOUNT, HOME
from tests.test_operations import LETTERS

NOW: Final = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
LONG_AGO: Final = NOW - 2 * LOOK_BACK
TIMES: Final = st.integers(0, int(LOOK_BACK / PERIOD)).map(lambda back: NOW - back * PERIOD)
WORKED: Final = st.builds(
    Worked, st.sampled_from(["convert", "text"]), st.none() | TIMES, st.none() | TIMES, st.just(LONG_AGO) | TIMES
)
SENT: Final = st.builds(
    Sent, TIMES, st.sampled_from(["RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"]), st.just("")
)


def ago(**units: float) -> datetime:
    return NOW - timedelta(**units)


def fared(*, failed: datetime | None, succeeded: datetime | None = None, changed: datetime = LONG_AGO) -> Worked:
    return Worked("convert", failed=failed, succeeded=succeeded, changed=changed)


@given(
    letters=st.integers(0, 9),
    functions=st.lists(WORKED, min_size=1, max_size=3),
    returned=st.none() | TIMES,
    last=st.none() | SENT,
)
def test_letters_never_go_back_without_proof_nor_twice_a_day(
    letters: int, functions: Sequence[Worked], returned: datetime | None, last: Sent | None
) -> None:
    choice = choose(letters, functions, returned=returned, last=last, now=NOW)
    assert choice.reason
    if choice.back:
        assert letters
        assert last is None or (last.at <= NOW - PAUSE and last.status not in ("RUNNING", "CANCELLING"))
        newest = max(moment for moment in (returned, *(one.failed for one in functions)) if moment)
        proofs = [moment for one in functions for moment in (one.succeeded, one.changed) if moment]
        assert max(proofs) > newest, "something is known to be well that came after the newest failure"


@pytest.mark.parametrize(
    "proved", [fared(failed=ago(hours=2), succeeded=ago(hours=1)), fared(failed=ago(hours=2), changed=ago(hours=1))]
)
def test_letters_go_back_once_calls_end_well_or_the_function_was_changed(proved: Worked) -> None:
    assert choose(3, [proved], returned=None, last=None, now=NOW).back


@pytest.mark.parametrize(
    ("function", "returned", "reason"),
    [
        (fared(failed=ago(hours=1), succeeded=ago(hours=2)), None, "convert failed at 2026-01-20 11:00 UTC"),
        (fared(failed=ago(hours=1)), None, "no call has ended well since"),
        (fared(failed=None, succeeded=ago(hours=2)), ago(hours=1), "messages came back at 2026-01-20 11:00 UTC"),
        (fared(failed=None, succeeded=ago(hours=1)), None, "no failure is known"),
    ],
)
def test_silence_proves_nothing(function: Worked, returned: datetime | None, reason: str) -> None:
    choice = choose(1, [function], returned=returned, last=None, now=NOW)
    assert not choice.back
    assert reason in choice.reason


def test_another_function_of_the_same_letters_must_be_well_too() -> None:
    well = fared(failed=ago(hours=2), succeeded=ago(hours=1))
    ill = Worked("text", failed=ago(hours=3), succeeded=None, changed=LONG_AGO)
    assert not choose(1, [well, ill], returned=None, last=None, now=NOW).back
    assert choose(1, [well, ill._replace(failed=None)], returned=None, last=None, now=NOW).back


@pytest.mark.parametrize(("hours", "back"), [(23, False), (25, True)])
def test_what_came_back_is_not_sent_a_second_time_within_a_day(hours: int, *, back: bool) -> None:
    well, last = fared(failed=ago(hours=2), succeeded=ago(hours=1)), Sent(ago(hours=hours), "FAILED", "a reason of SQS")
    choice = choose(1, [well], returned=None, last=last, now=NOW)
    assert back is choice.back
    assert back is not ("(FAILED: a reason of SQS)" in choice.reason)


def test_how_functions_fared_is_read_from_their_own_figures_and_from_what_came_back() -> None:
    name = LETTERS.functions[0]
    told = {"namespace": LETTERS.namespace, "metric": LETTERS.returned, "dimensions": dict(LETTERS.dimensions)}
    with local_aws(ACCOUNT):
        cloudwatch, functions = (boto3.client(service, region_name=HOME) for service in ("cloudwatch", "lambda"))
        role = boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        functions.create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="a.b", Code={"ZipFile": redrive_code()}
        )
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        own = [{"Name": "FunctionName", "Value": name}]
        for metric, minutes in (("Invocations", 40), ("Errors", 40), ("Invocations", 30), ("Invocations", 20)):
            point = {"MetricName": metric, "Dimensions": own, "Value": 1, "Timestamp": now - timedelta(minutes=minutes)}
            cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[point])
        came_back = {
            "MetricName": LETTERS.returned,
            "Dimensions": [{"Name": key, "Value": value} for key, value in LETTERS.dimensions.items()],
            "Value": 2,
            "Timestamp": now - timedelta(minutes=20),
        }
        cloudwatch.put_metric_data(Namespace=LETTERS.namespace, MetricData=[came_back])
        (worked,), returned = redrive._worked({"region": HOME, "functions": [name], "returned": told}, now)
    assert [now - timedelta(minutes=minutes) for minutes in (40, 30, 20)] == [
        worked.failed,
        worked.succeeded,
        returned,
    ], "a call in whose time messages came back has not ended well"
    assert abs(now - PERIOD - worked.changed) < timedelta(minutes=2)


def redrive_code() -> bytes:
    """The smallest archive: one without files."""
    return b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(
    ("message", "another"), [("There is already a task running.", True), ("The queue is no dead-letter queue.", False)]
)
def test_of_two_automations_that_begin_at_once_one_leaves_the_letters_to_the_other(
    message: str, *, another: bool
) -> None:
    sqs = boto3.client("sqs", region_name=HOME, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106 - none
    stub = Stubber(sqs)
    stub.add_client_error("start_message_move_task", "AWS.SimpleQueueService.UnsupportedOperation", message)
    with stub:
        if another:
            assert not redrive._begin(sqs, "arn")
        else:
            with pytest.raises(ClientError, match="no dead-letter queue"):
                redrive._begin(sqs, "arn")
