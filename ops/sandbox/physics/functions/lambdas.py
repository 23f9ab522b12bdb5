"""Runs a function of the platform: its real code, in this process, with AWS's part of its surroundings.

Owns: which code a handler names, the desk that it works at (its own environment, clients of this local cloud, the
stand-in for Textract), what Lambda says of a call, and where its output goes: lines to the function's log group, and
the metrics among them to CloudWatch, as CloudWatch takes them out of a log (its embedded metric format). None of it
gets into the log of the cell's process. Does not own: when a function runs, and what becomes of its messages.

A function that is running takes no virtual time, and memory and concurrency are not held to what is declared. Loads the
functions' libraries, so load it when the first message is there.
"""

from __future__ import annotations

import io
import json
import logging
import traceback
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from functions.documents import completion, entry, erasure, handler, settings
from functions.documents.desk import Desk
from functions.documents.notices import Notices
from functions.documents.reader import Reader
from functions.documents.store import Store
from ops.sandbox.physics.functions.clients import client
from ops.sandbox.physics.functions.textract import Textract
from ops.sandbox.physics.trail.taps import acting

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from ops.sandbox.physics.world import World

Json = dict[str, Any]

_WORK: Final[Mapping[str, entry.Work]] = {
    "functions.documents.completion.handler": completion.take,
    "functions.documents.erasure.handler": erasure.take,
    "functions.documents.handler.handler": handler.take,
}
_STREAM: Final = "local-cloud"
_MILLISECONDS: Final = 1000


class FunctionError(Exception):
    """A function ended without an answer; its log says why."""


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What Lambda tells a function of its call."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    aws_request_id: str
    seconds: int

    def get_remaining_time_in_millis(self) -> int:
        """All of the time-out: virtual time stands still meanwhile."""
        return self.seconds * _MILLISECONDS


class Lambdas:
    """The functions of all regions."""

    def __init__(self, world: World) -> None:
        """Begin with no function started."""
        self._world = world
        self._textracts: dict[str, Textract] = {}
        self._desks: dict[str, tuple[Mapping[str, str], Desk]] = {}

    def step(self) -> None:
        """Let Textract tell of what it has read."""
        for region, textract in self._textracts.items():
            if not self._world.faults.active("region-dark", region):
                textract.step()

    def run(self, region: str, function: Any, event: Json) -> Json:  # noqa: ANN401 - moto's own
        """Run moto's `function` on `event`; give its answer.

        Raises:
            FunctionError: there is no such code here, or it ended without an answer.
        """
        role = self._world.trails.of_role(function.role, function.function_name)
        with _heard() as heard, acting(self._world, role):
            try:
                return self._call(region, function, event)
            except Exception as error:  # noqa: BLE001 - Lambda too takes whatever a function raises
                heard.write("".join(traceback.format_exception(error)))
                raise FunctionError(type(error).__name__) from None
            finally:
                self._keep(region, function, heard.getvalue().splitlines())

    def _call(self, region: str, function: Any, event: Json) -> Json:  # noqa: ANN401 - as above
        work, desk = _WORK[function.handler], self._desk(region, function)
        context = _Context(
            function_name=function.function_name,
            memory_limit_in_mb=function.memory_size,
            invoked_function_arn=function.function_arn,
            aws_request_id=str(uuid.UUID(int=len(self._world.events))),
            seconds=int(function.timeout),
        )

        def serve(event: Json, context: LambdaContext) -> Json:
            return entry.serve(event, context, desk, work)

        return entry.lambda_entry(serve)(event, context)

    def _desk(self, region: str, function: Any) -> Desk:  # noqa: ANN401 - as above
        """The desk of a function, made with its first call and again once its environment is another."""
        known = self._desks.get(function.function_arn)
        if known and known[0] == function.environment_vars:
            return known[1]
        found = settings.load(function.environment_vars)
        s3, sns, sqs = (client(service, region) for service in ("s3", "sns", "sqs"))
        if region not in self._textracts:
            self._textracts[region] = Textract(self._world, region, s3)
        desk = Desk(
            settings=found,
            store=Store(s3, found),
            reader=Reader(self._textracts[region], found),
            notices=Notices(sns, sqs, found),
            now=lambda: self._world.now,
        )
        self._desks[function.function_arn] = (dict(function.environment_vars), desk)
        return desk

    def _keep(self, region: str, function: Any, lines: list[str]) -> None:  # noqa: ANN401 - as above
        for line in lines:
            self._count(region, line)
        group = self._world.backend("logs", region).groups.get(function.logs_group_name)
        if group is None or not lines:
            return
        if _STREAM not in group.streams:
            group.create_log_stream(_STREAM)
        now = int(self._world.now.timestamp() * _MILLISECONDS)
        # Beside moto's check of the time, which it holds against the wall clock.
        group.put_log_events(_STREAM, [{"timestamp": now, "message": line} for line in lines])

    def _count(self, region: str, line: str) -> None:
        """Put the metrics of a line, if there are any in it."""
        try:
            said = json.loads(line)
            told = said["_aws"]["CloudWatchMetrics"]
        except (ValueError, KeyError, TypeError):
            return
        for part in told:
            for names in part["Dimensions"]:
                dimensions = {name: said[name] for name in names}
                for metric in part["Metrics"]:
                    values = said[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        self._world.metrics.put(
                            region, part["Namespace"], metric["Name"], dimensions, value, metric["Unit"]
                        )


@contextmanager
def _heard() -> Iterator[io.StringIO]:
    """What the functions log and print until the block ends; nothing of it goes anywhere else."""
    stream, kept = io.StringIO(), entry.logger.registered_handler
    if not isinstance(kept, logging.StreamHandler):
        raise TypeError("the functions' logger writes to no stream")
    # Not by its own method, which first flushes where it wrote before: that may be closed by now.
    before, kept.stream = kept.stream, stream
    try:
        with redirect_stdout(stream):
            yield stream
    finally:
        kept.stream = before
