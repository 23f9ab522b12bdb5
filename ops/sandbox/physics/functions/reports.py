"""What Lambda and SQS report to CloudWatch: each call of a function as it ends, and what waits in queues each minute.

Without delay, and of queues only how many messages can be received: moto knows their age by the wall's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

_MINUTE_SECONDS: Final = 60
_FUNCTIONS: Final = "AWS/Lambda"
_QUEUES: Final = "AWS/SQS"


class Reports:
    """The minute that is not yet reported, and the queues in which something waited."""

    def __init__(self, world: World) -> None:
        """Begin with the minute that it is."""
        self._world = world
        self._due = world.clock.elapsed + _MINUTE_SECONDS
        self._waited: set[tuple[str, str]] = set()

    def called(self, region: str, function: str, *, failed: bool) -> None:
        """Report a call that has ended."""
        for name, value in (("Invocations", 1.0), ("Errors", float(failed))):
            self._world.metrics.put(region, _FUNCTIONS, name, {"FunctionName": function}, value, "Count")

    def step(self) -> None:
        """Report the queues, if a minute has ended: SQS tells of those in which something waits, or just waited."""
        if self._world.clock.elapsed < self._due:
            return
        self._due += _MINUTE_SECONDS
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        waited: set[tuple[str, str]] = set()
        backends: Any = get_backend("sqs")[self._world.account]
        for region in sorted(backends):
            for name, queue in list(backends[region].queues.items()):
                visible = len(queue.messages) if queue._messages else 0  # noqa: SLF001 - moto counts each time
                if visible or (region, name) in self._waited:
                    self._world.metrics.put(
                        region,
                        _QUEUES,
                        "ApproximateNumberOfMessagesVisible",
                        {"QueueName": name},
                        float(visible),
                        "Count",
                    )
                if visible:
                    waited.add((region, name))
        self._waited = waited
