"""Messages of moto's queues in virtual time: taken by functions, put off, and back when the time has come.

moto counts by the wall clock how long a message is delayed, and hidden from others once received. Where functions take
messages, the world's clock counts. Does not own: what takes them, and what somebody else receives, which moto counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ops.sandbox.physics.world import World

_NEVER: Final = math.inf  # by the wall clock
_MILLISECONDS: Final = 1000


class Letters:
    """The messages of the queues that functions work off."""

    def __init__(self, world: World) -> None:
        """Begin with nothing put off."""
        self._world = world
        self._due: dict[str, float] = {}

    def take(self, sqs: Any, queue: Any, most: int) -> Sequence[Any]:  # noqa: ANN401 - moto's own
        """Up to `most` messages of moto's `queue` whose time has come, now hidden from others.

        One that was received too often goes to the dead letters instead, by the queue's own rule.
        """
        self._release(queue)
        taken: Sequence[Any] = sqs.receive_message(queue.name, most, 0, queue.visibility_timeout)
        return taken

    def settle(self, queue: Any, taken: Sequence[Any], failed: Collection[str]) -> None:  # noqa: ANN401 - moto's own
        """Delete what was taken, but for what has `failed`, by id: that comes back after the visibility time-out."""
        for message in taken:
            if message.id not in failed:
                queue.delete_message(message.receipt_handle)
        for message in queue._messages:  # noqa: SLF001 - moto has no other way to hidden ones
            if message.id in failed:
                message.visible_at = _NEVER
                self._due[message.id] = self._world.clock.elapsed + queue.visibility_timeout

    def _release(self, queue: Any) -> None:  # noqa: ANN401 - moto's own
        """Let appear what is due, and put off by the world's clock what moto put off by the wall's."""
        for message in queue._messages:  # noqa: SLF001 - as above
            due = self._due.get(message.id)
            if due is None and _NEVER in (message.delayed_until, message.visible_at):
                due = 0.0  # it was put off before the world began anew
                self._due[message.id] = due
            if due is None and message.delayed:
                seconds = (message.delayed_until - message.sent_timestamp) / _MILLISECONDS
                message.delayed_until = _NEVER
                self._due[message.id] = self._world.clock.elapsed + seconds
            elif due is not None and due <= self._world.clock.elapsed:
                message.delayed_until = message.visible_at = 0.0
                del self._due[message.id]
