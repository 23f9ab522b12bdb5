"""When a function was last changed, by the world's clock: moto says the wall's, and of changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


def stand(world: World) -> None:
    """Take the functions that stand for as old as the world."""
    from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

    for backend in list(get_backend("lambda")[world.account].values()):
        for function in backend.list_functions():
            function.last_modified = _told(world.clock.start)


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, a change of a function's code or configuration is one of now."""
    from moto.awslambda.models import LambdaFunction  # noqa: PLC0415 - as above

    def changing(original: Callable[..., Any]) -> Callable[..., Any]:
        def change(self: Any, updates: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's own
            if world.running:
                self.last_modified = _told(world.now)
            return original(self, updates)

        return change

    with ExitStack() as stack:
        for name in ("update_configuration", "update_function_code"):
            stack.enter_context(mock.patch.object(LambdaFunction, name, changing(getattr(LambdaFunction, name))))
        yield


def _told(at: datetime) -> str:
    """As Lambda writes times."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"
