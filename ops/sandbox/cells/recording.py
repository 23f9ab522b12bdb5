"""A request to the local AWS, answered by moto and told to CloudTrail.

Owns: that a call which cannot be read is answered all the same, and told in the log of the cell's process. Does not
own: what CloudTrail makes of it (`ops.sandbox.physics.trail.trails`).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ops.sandbox.physics.trail import calls as trail_calls

if TYPE_CHECKING:
    from ops.sandbox.physics.gate import Scope
    from ops.sandbox.physics.world import World

StartResponse: TypeAlias = Callable[..., Any]


def answer(
    world: World,
    moto: Callable[[Any, StartResponse], Iterable[bytes]],
    environ: dict[str, Any],
    start_response: StartResponse,
    asked: Scope,
) -> list[bytes]:
    """What `moto` answers to a request that is signed for `asked`, recorded. Hold the world's lock."""
    body = trail_calls.keep_body(environ, asked)
    heads: list[tuple[str, list[tuple[str, str]]]] = []
    listeners = world.trails.listening()

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        heads.append((status, headers))
        return start_response(status, headers, *more)

    chunks = whole(moto(environ, start))
    status, headers = heads[-1]
    lowered = {name.lower(): value for name, value in headers}
    answered = trail_calls.Answered(status=int(status.split()[0]), headers=lowered, body=b"".join(chunks))
    try:
        call = trail_calls.read(environ, body, asked, answered)
        if call:
            world.trails.answered(call, listeners)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client has its answer
        traceback.print_exception(error)
    return chunks


def whole(chunks: Iterable[bytes]) -> list[bytes]:
    """All of an answer, so that nothing of it is made after the lock is let go."""
    try:
        return list(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
