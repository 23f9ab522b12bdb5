"""Functions that work off queues: Lambda looks for messages, and runs what an event source mapping says.

Owns: when a queue is looked at, the batch that a function is given, and what becomes of its messages: those done with
are deleted, those that failed are back after the queue's visibility time-out, and end as dead letters by its own rule.
Does not own: how a function is run (`lambdas`), and what Lambda and SQS report (`reports`). In a dark region nothing
runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.physics.functions import changes
from ops.sandbox.physics.functions.letters import Letters
from ops.sandbox.physics.functions.reports import Reports

if TYPE_CHECKING:  # the world imports its laws
    from collections.abc import Iterator, Sequence

    from ops.sandbox.physics.functions.lambdas import Lambdas
    from ops.sandbox.physics.world import World

POLL_SECONDS: Final = 2
"""Assumption: Lambda waits at the queue by long polling, so that a message is taken about as soon as it is there."""

_PARTLY: Final = "ReportBatchItemFailures"


class Functions:
    """The event source mappings of all regions."""

    def __init__(self, world: World) -> None:
        """Take the mappings as they stand at each moment."""
        self._world = world
        self._letters = Letters(world)
        self._reports = Reports(world)
        changes.stand(world)
        self._lambdas: Lambdas | None = None
        self._due = world.clock.elapsed

    def step(self) -> None:
        """Look at the queues, if that is due."""
        self._reports.step()
        if self._world.clock.elapsed < self._due:
            return
        self._due = self._world.clock.elapsed + POLL_SECONDS
        if self._lambdas is not None:
            self._lambdas.step()
        for region, mapping in self._mappings():
            self._poll(region, mapping)

    def _mappings(self) -> Iterator[tuple[str, Any]]:
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        backends = get_backend("lambda")[self._world.account]
        for region in sorted(backends):
            for mapping in list(backends[region]._event_source_mappings.values()):  # noqa: SLF001 - moto's own
                if mapping.enabled:
                    yield region, mapping

    def _poll(self, region: str, mapping: Any) -> None:  # noqa: ANN401 - moto's own
        sqs = self._world.backend("sqs", region)
        queue = sqs.queues.get(mapping.event_source_arn.rpartition(":")[2])
        # Most of the time there is nothing, and a drill on the same cloud must not wait for that.
        if queue is None or not queue._messages or self._world.faults.active("region-dark", region):  # noqa: SLF001
            return
        taken = self._letters.take(sqs, queue, mapping.batch_size)
        if taken:
            self._letters.settle(queue, taken, self._failed(region, mapping, taken))

    def _failed(self, region: str, mapping: Any, taken: Sequence[Any]) -> set[str]:  # noqa: ANN401 - moto's own
        """Which of the messages taken the function has not done with."""
        from ops.sandbox.physics.functions.lambdas import FunctionError, Lambdas  # noqa: PLC0415 - see there

        if self._lambdas is None:
            self._lambdas = Lambdas(self._world)
        function = self._world.backend("lambda", region).get_function(mapping.function_arn)
        records = [_record(message, mapping) for message in taken]
        self._world.trails.served(region, function.function_arn)
        try:
            answer = self._lambdas.run(region, function, {"Records": records})
        except FunctionError as error:
            self._reports.called(region, function.function_name, failed=True)
            self._world.happened("function-failed", region=region, function=function.function_name, error=str(error))
            return {message.id for message in taken}
        self._reports.called(region, function.function_name, failed=False)
        told = answer["batchItemFailures"] if _PARTLY in (mapping.function_response_types or ()) else ()
        failed = {item["itemIdentifier"] for item in told}
        self._world.happened(
            "function-ran", region=region, function=function.function_name, messages=len(taken), failed=len(failed)
        )
        return failed


def _record(message: Any, mapping: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """A message as Lambda hands it over."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": mapping.region,
    }
