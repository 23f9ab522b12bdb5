"""Has a request that waits for a message let others through meanwhile.

moto waits within the request, and one lock is round every request: nobody could send the message that is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

if TYPE_CHECKING:
    from moto.sqs.models import SQSBackend

    from ops.sandbox.remote import LocalWorld

_POLL_SECONDS: Final = 0.1


@contextmanager
def waits_let_go(world: LocalWorld) -> Generator[None]:
    """Until the block ends, `ReceiveMessage` waits without the lock, and not at all where time is driven."""
    from moto.sqs.models import SQSBackend  # noqa: PLC0415 - moto reads its environment first

    original = SQSBackend.receive_message

    def receive_message(
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        *arguments: Any,  # noqa: ANN401 - moto's own
    ) -> Any:  # noqa: ANN401 - moto's messages
        lock, until = world.world.lock, time.monotonic() + (0 if world.driven else wait_seconds_timeout)
        while True:
            found = original(self, queue_name, count, 0, *arguments)
            if found or time.monotonic() >= until:
                return found
            lock.release()
            time.sleep(_POLL_SECONDS)
            lock.acquire()

    with mock.patch.object(SQSBackend, "receive_message", receive_message):
        yield
