"""Sends dead letters back once the fault is mended. SSM Automation runs this file by itself: it imports boto3 alone.

It is started when an alarm on the functions ends, and that alone proves nothing: a function that nobody calls has no
errors either. So letters go back only where calls have ended well since the newest failure, or the function has been
changed since; once a day, so that a letter that kills its function comes back to a person and not to the function; and
never while a former task runs. Whatever it does with letters or leaves, it says in one line to operations.

SQS sends a letter back to the queue that gave it up. One that a rule or a topic could not deliver came from no queue:
it stays, and is for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import boto3

PAUSE = timedelta(days=1)
LOOK_BACK = timedelta(days=14)  # as long as SQS keeps a dead letter
PERIOD = timedelta(minutes=1)  # the shortest that Lambda reports
A_SECOND = 5  # so that what comes back does not crowd out what is new
RUNBOOK = "Open docs/runbooks/alarms.md#queues."


# Tuples, for dataclasses look their module up among the loaded ones, where whoever runs this may not have put it.
class Worked(NamedTuple):
    """How a function has fared: when a call last failed, when one last ended well, and when it was last changed."""

    name: str
    failed: datetime | None
    succeeded: datetime | None
    changed: datetime

    def well_since(self, moment: datetime) -> bool:
        """Whether it has proved itself after `moment`."""
        return self.changed > moment or (self.succeeded is not None and self.succeeded > moment)


class Sent(NamedTuple):
    """When letters were last sent back, how that ended in SQS's words, and why if it failed."""

    at: datetime
    status: str
    why: str


class Choice(NamedTuple):
    """Whether to send the letters back, and why."""

    back: bool
    reason: str


def choose(
    letters: int, functions: Sequence[Worked], *, returned: datetime | None, last: Sent | None, now: datetime
) -> Choice:
    """Whether to send `letters` back to the queues that `functions` work off.

    `returned` is when messages last came back to their queues without their call having failed; whose they were, the
    functions do not count. `last` is the newest task, None if SQS remembers none.
    """
    if letters == 0:
        return Choice(back=False, reason="there is none")
    if last and last.status in ("RUNNING", "CANCELLING"):
        return Choice(back=False, reason=f"the task of {_told(last.at)} is not over")
    if last and last.at > now - PAUSE:
        ended = f" ({last.status}: {last.why})" if last.why else ""
        reason = f"they were sent back at {_told(last.at)}{ended}, once a day: what comes back needs a person"
        return Choice(back=False, reason=reason)
    failures = [moment for moment in (returned, *(function.failed for function in functions)) if moment]
    if not failures:
        return Choice(back=False, reason="no failure is known that could have been mended since")
    unproved = _unproved(functions, returned)
    if unproved:
        return Choice(back=False, reason=f"{unproved}, and no call has ended well since")
    return Choice(back=True, reason=f"nothing has failed since {_told(max(failures))}, and calls end well")


def _unproved(functions: Sequence[Worked], returned: datetime | None) -> str:
    """Which failure nothing proves to be mended, in words; empty if there is none."""
    for function in functions:
        if function.failed and not function.well_since(function.failed):
            return f"{function.name} failed at {_told(function.failed)}"
    if returned and not any(function.well_since(returned) for function in functions):
        return f"messages came back at {_told(returned)}"
    return ""


def handler(events: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Look at the dead letters and the functions, and send back if that may be; if there are any, tell operations."""
    region, source = str(events["region"]), str(events["dead_letters"])
    sqs: Any = boto3.client("sqs", region_name=region)
    now = datetime.now(UTC)
    name = source.rpartition(":")[2]
    address = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    count = "ApproximateNumberOfMessages"
    letters = int(sqs.get_queue_attributes(QueueUrl=address, AttributeNames=[count])["Attributes"][count])
    functions, returned = _worked(events, now)
    choice = choose(letters, functions, returned=returned, last=_last(sqs, source), now=now)
    if choice.back and not _begin(sqs, source):
        choice = Choice(back=False, reason="another task began at the same moment")
    if choice.back:
        line = f"Repair, in {region}: {letters} dead letters of {name} are sent back to their queues: {choice.reason}."
    else:
        line = f"Repair, in {region}: of {letters} dead letters of {name} none is sent back: {choice.reason}. {RUNBOOK}"
    if letters:  # else the alarm has said all that there is to say
        boto3.client("sns", region_name=region).publish(TopicArn=str(events["topic"]), Message=line)
    return {"sent": str(letters if choice.back else 0), "line": line}


def _begin(sqs: Any, source: str) -> bool:  # noqa: ANN401 - boto3's clients have no static type
    """Begin a task, unless one runs: where two alarms end at once, two automations may look before either begins."""
    try:
        sqs.start_message_move_task(SourceArn=source, MaxNumberOfMessagesPerSecond=A_SECOND)
    except sqs.exceptions.ClientError as error:
        if "already a task running" not in str(error):  # SQS has no code of its own for it
            raise
        return False
    return True


def _last(sqs: Any, source: str) -> Sent | None:  # noqa: ANN401 - boto3's clients have no static type
    tasks = sqs.list_message_move_tasks(SourceArn=source, MaxResults=10).get("Results", [])
    found = [
        Sent(
            at=datetime.fromtimestamp(task["StartedTimestamp"] / 1000, UTC),
            status=task["Status"],
            why=task.get("FailureReason", ""),
        )
        for task in tasks
    ]
    return max(found, default=None)


def _worked(events: Mapping[str, Any], now: datetime) -> tuple[list[Worked], datetime | None]:
    """How each function has fared, and when messages last came back.

    A period counts as one that ended well if calls were made in it, none failed, and no message came back.
    """
    region, names = str(events["region"]), list(events["functions"])
    told = events["returned"]
    queries = [_query("returned", told["namespace"], told["metric"], told["dimensions"])]
    queries += [
        _query(f"{metric.lower()}{place}", "AWS/Lambda", metric, {"FunctionName": name})
        for place, name in enumerate(names)
        for metric in ("Errors", "Invocations")
    ]
    seen = _seen(boto3.client("cloudwatch", region_name=region), queries, now)
    functions: Any = boto3.client("lambda", region_name=region)
    back = seen["returned"]
    worked = []
    for place, name in enumerate(names):
        failed = seen[f"errors{place}"]
        well = seen[f"invocations{place}"] - failed - back
        changed = datetime.fromisoformat(functions.get_function_configuration(FunctionName=name)["LastModified"])
        worked.append(
            Worked(
                name,
                failed=max(failed, default=None),
                succeeded=max(well, default=None),
                # A failure is known by the beginning of its period: what was changed within that may be what failed.
                changed=changed - PERIOD,
            )
        )
    return worked, max(back, default=None)


def _query(id_: str, namespace: str, metric: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named},
            "Period": int(PERIOD.total_seconds()),
            "Stat": "Sum",
        },
    }


def _seen(cloudwatch: Any, queries: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, set[datetime]]:  # noqa: ANN401 - as above
    """The periods, by their beginnings, in which each query counted anything."""
    seen: dict[str, set[datetime]] = {query["Id"]: set() for query in queries}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), StartTime=now - LOOK_BACK, EndTime=now
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            seen[result["Id"]] |= {
                moment for moment, value in zip(result["Timestamps"], result["Values"], strict=True) if value > 0
            }
    return seen


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
