"""Keeps moto from running functions by itself, and from keeping their code in memory for that.

moto answers truly which queue feeds which function, and then, whenever a message is sent, takes it off the queue and
starts the function in a Docker container. Here messages stay in their queue until somebody works it off
(`ops.sandbox.physics.functions`), and a function's code stays where it came from, in its bucket. Where a function logs
to, which moto forgets, is kept.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def queues_left_alone() -> Generator[None]:
    """Until the block ends, keep functions and event source mappings as they are made, and run nothing for them."""
    from moto.awslambda import models  # noqa: PLC0415 - moto reads its environment first
    from moto.sqs.models import sqs_backends  # noqa: PLC0415 - as above

    backend = models.LambdaBackend
    create, feed = backend.create_function, backend.create_event_source_mapping

    def create_function(self: models.LambdaBackend, spec: dict[str, Any]) -> models.LambdaFunction:
        made = create(self, spec)
        made.code_bytes = b""
        made.logs_group_name = (spec.get("LoggingConfig") or {}).get("LogGroup") or made.logs_group_name
        return made

    def create_event_source_mapping(self: models.LambdaBackend, spec: dict[str, Any]) -> models.EventSourceMapping:
        made = feed(self, spec)
        for queue in sqs_backends[self.account_id][self.region_name].queues.values():
            if queue.queue_arn == made.event_source_arn:
                queue.lambda_event_source_mappings.clear()
        return made

    with (
        mock.patch.object(backend, "create_function", create_function),
        mock.patch.object(backend, "create_event_source_mapping", create_event_source_mapping),
    ):
        yield
