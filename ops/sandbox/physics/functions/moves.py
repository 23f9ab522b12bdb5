"""Dead letters on their way back: SQS's tasks that move messages, which moto lacks.

Owns: which queue a letter came from, the tasks, their pace and how they end. A letter that no queue gave up (a rule or
a topic could not deliver it) ends its task, and stays. Source: StartMessageMoveTask and ListMessageMoveTasks in SQS's
API reference, read November 2026; that such a letter ends the task, and the reason's word, are an assumption.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics.clock import TICK_SECONDS

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

RUNNING: Final = "RUNNING"
UNKNOWN_SOURCE: Final = "CouldNotDetermineMessageSource"
_FASTEST: Final = 500
_MILLISECONDS: Final = 1000
_HANDLE: Final = "local-cloud"


@dataclass(kw_only=True)
class Task:
    """A task that moves what was in a queue when it began."""

    region: str
    source: str
    pace: int
    left: int
    begun: datetime
    moved: int = 0
    status: str = RUNNING
    failure: str = ""

    def told(self) -> dict[str, Any]:
        """As ListMessageMoveTasks words it."""
        found = {
            "TaskHandle": _HANDLE if self.status == RUNNING else "",
            "Status": self.status,
            "SourceArn": self.source,
            "MaxNumberOfMessagesPerSecond": self.pace,
            "FailureReason": self.failure,
        }
        counted = {
            "ApproximateNumberOfMessagesMoved": self.moved,
            "StartedTimestamp": int(self.begun.timestamp() * _MILLISECONDS),
        }
        return {key: value for key, value in found.items() if value} | counted


class Moves:
    """The tasks of all regions."""

    def __init__(self, world: World) -> None:
        """None yet."""
        self._world = world
        self._tasks: list[Task] = []

    def begin(self, region: str, source: str, pace: int | None) -> None:
        """Begin to move what is in the queue of the ARN `source`."""
        queue = self._queue(region, source)
        self._tasks.append(
            Task(
                region=region,
                source=source,
                pace=pace or _FASTEST,
                left=len(queue._messages),  # noqa: SLF001 - moto has no other way to hidden ones
                begun=self._world.now,
            )
        )

    def runs(self, source: str) -> bool:
        """Whether a task of this queue is under way."""
        return any(task.status == RUNNING and task.source == source for task in self._tasks)

    def told(self, source: str, most: int) -> list[dict[str, Any]]:
        """The newest tasks of a queue."""
        return [task.told() for task in reversed(self._tasks) if task.source == source][:most]

    def step(self) -> None:
        """Move what a tick lets through."""
        for task in self._tasks:
            if task.status == RUNNING and not self._world.faults.active("region-dark", task.region):
                self._move(task)

    def _move(self, task: Task) -> None:
        sqs, queue = self._world.backend("sqs", task.region), self._queue(task.region, task.source)
        for message in list(queue._messages)[: min(task.pace * TICK_SECONDS, task.left)]:  # noqa: SLF001 - as above
            origin = getattr(message, _FROM, "")
            if not origin:
                task.status, task.failure = "FAILED", UNKNOWN_SOURCE
                return
            queue._messages.remove(message)  # noqa: SLF001 - as above
            sqs.send_message(origin.rpartition(":")[2], message.body, message.message_attributes)
            task.left -= 1
            task.moved += 1
            self._world.happened("letter-moved", region=task.region, to=origin.rpartition(":")[2])
        if task.left <= 0 or not queue._messages:  # noqa: SLF001 - as above
            task.status = "COMPLETED"

    def _queue(self, region: str, arn: str) -> Any:  # noqa: ANN401 - moto's own
        return self._world.backend("sqs", region).get_queue(arn.rpartition(":")[2])


_AT: Final = "medical_queue"
_FROM: Final = "medical_from"


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, messages remember which queue gave them up, and SQS takes tasks."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - after moto's environment is set
    from moto.sqs.exceptions import SQSException  # noqa: PLC0415 - as above
    from moto.sqs.models import Queue  # noqa: PLC0415 - as above
    from moto.sqs.responses import SQSResponse  # noqa: PLC0415 - as above

    add: Any = Queue.add_message

    def add_message(self: Queue, message: Any) -> None:  # noqa: ANN401 - moto's own
        setattr(message, _FROM, getattr(message, _AT, ""))
        setattr(message, _AT, self.queue_arn)
        add(self, message)

    def start(self: Any) -> Any:  # noqa: ANN401 - as above
        source = self._get_param("SourceArn")
        with world.lock:
            if world.moves.runs(source):
                raise SQSException("AWS.SimpleQueueService.UnsupportedOperation", "There is already a task running.")
            world.moves.begin(self.region, source, self._get_param("MaxNumberOfMessagesPerSecond"))
        return ActionResult({"TaskHandle": _HANDLE})

    def told(self: Any) -> Any:  # noqa: ANN401 - as above
        with world.lock:
            found = world.moves.told(self._get_param("SourceArn"), self._get_param("MaxResults") or 1)
        return ActionResult({"Results": found})

    with (
        mock.patch.object(Queue, "add_message", add_message),
        mock.patch.object(SQSResponse, "start_message_move_task", start, create=True),
        mock.patch.object(SQSResponse, "list_message_move_tasks", told, create=True),
    ):
        yield
