"""When somebody must look: uploads that wait, letters that are dead, functions that fail or are held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.documents.args import DocumentsArgs
from components.documents.queues import Queues
from components.documents.tasks import TASKS, VISIBILITY_SECONDS, Task
from domain.naming import ALARM

AGE_SECONDS: Final = 2 * VISIBILITY_SECONDS  # a message that waited for a second attempt is not late yet
ERROR_PERCENT: Final = 5
MOST_RETURNED: Final = 10
# What the functions count under: `functions/documents/entry.py`.
NAMESPACE, SERVICE = "Medical", "documents"
_PERIOD_SECONDS: Final = 300
_PERIODS, _BREACHES = 3, 2  # two of three: one bad moment is no alarm, and retries mend it


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """A metric and the value above which somebody must look, at once or if it lasts."""

    suffix: str
    meaning: str
    namespace: str
    metric: str
    dimensions: dict[str, pulumi.Input[str]]
    statistic: str
    threshold: int
    lasting: bool = False


def build_alarms(name: str, args: DocumentsArgs, queues: Queues, opts: pulumi.ResourceOptions) -> None:
    """Make the alarms; they go to operations."""
    for watch in _watches(args, queues):
        cloudwatch.MetricAlarm(
            f"{name}-{watch.suffix}",
            name=args.names.of(f"documents-{watch.suffix}", ALARM),
            alarm_description=watch.meaning,
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions=watch.dimensions,
            statistic=watch.statistic,
            period=_PERIOD_SECONDS,
            evaluation_periods=_PERIODS if watch.lasting else 1,
            datapoints_to_alarm=_BREACHES if watch.lasting else 1,
            comparison_operator="GreaterThanThreshold",
            threshold=watch.threshold,
            # Where nothing is uploaded nothing is reported, and nothing is wrong.
            treat_missing_data="notBreaching",
            alarm_actions=[args.operations_topic],
            ok_actions=[args.operations_topic],
            opts=opts,
        )
    for task in TASKS:
        _build_errors(f"{name}-{task.name}-errors", args, task, opts)


def _watches(args: DocumentsArgs, queues: Queues) -> Iterator[_Watch]:
    yield _Watch(
        suffix="dead-letters",
        meaning="Uploads, texts or erasures were given up. Find the cause, then send the letters back to their queues.",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": queues.dead.name},
        statistic="Maximum",
        threshold=0,
    )
    yield _Watch(
        suffix="returned",
        meaning=f"More than {MOST_RETURNED} messages in {_PERIOD_SECONDS} s were not worked off and are tried again. "
        "The functions' logs say why.",
        namespace=NAMESPACE,
        metric="Returned",
        dimensions={"service": SERVICE},
        statistic="Sum",
        threshold=MOST_RETURNED,
        lasting=True,
    )
    for task in TASKS:
        yield _Watch(
            suffix=f"{task.name}-age",
            meaning=f"For more than {AGE_SECONDS} s something waits for the function that does this: {task.does}.",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queues.by_task[task.name].name},
            statistic="Maximum",
            threshold=AGE_SECONDS,
        )
        yield _Watch(
            suffix=f"{task.name}-throttles",
            meaning=f"Lambda holds back the function that does this: {task.does}. See the account's concurrency.",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions={"FunctionName": args.name_of(task)},
            statistic="Sum",
            threshold=0,
            lasting=True,
        )


def _build_errors(name: str, args: DocumentsArgs, task: Task, opts: pulumi.ResourceOptions) -> None:
    """Calls that end without an answer, out of all. What fails of a batch is told in an answer, and not counted."""
    function = args.name_of(task)
    rate = cloudwatch.MetricAlarmMetricQueryArgs(
        id="rate", expression="100 * errors / calls", label="Failed calls, percent", return_data=True
    )
    cloudwatch.MetricAlarm(
        name,
        name=args.names.of(f"documents-{task.name}-errors", ALARM),
        alarm_description=f"More than {ERROR_PERCENT} % of calls fail of the function that does this: {task.does}.",
        metric_queries=[_count("errors", "Errors", function), _count("calls", "Invocations", function), rate],
        evaluation_periods=_PERIODS,
        datapoints_to_alarm=_BREACHES,
        comparison_operator="GreaterThanThreshold",
        threshold=ERROR_PERCENT,
        treat_missing_data="notBreaching",  # as above
        alarm_actions=[args.operations_topic],
        ok_actions=[args.operations_topic],
        opts=opts,
    )


def _count(id_: str, metric: str, function: str) -> cloudwatch.MetricAlarmMetricQueryArgs:
    counted = cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace="AWS/Lambda",
        metric_name=metric,
        dimensions={"FunctionName": function},
        period=_PERIOD_SECONDS,
        stat="Sum",
    )
    return cloudwatch.MetricAlarmMetricQueryArgs(id=id_, metric=counted, return_data=False)
