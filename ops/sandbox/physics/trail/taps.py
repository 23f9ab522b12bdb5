"""What listens at boto3's clients in this process, so that CloudTrail hears of calls that go over no HTTP.

Owns: the way from a client's call to a record. A client of a drill's test is tapped for one world; those of the
functions, which all worlds of the process share, record for whichever function is running. Does not own: the record.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.physics.trail.calls import Call, outcome

if TYPE_CHECKING:
    from ops.sandbox.physics.trail.identities import Identity
    from ops.sandbox.physics.trail.trails import Listeners
    from ops.sandbox.physics.world import World

_KEPT: Final = "medical-trail"
_LOCAL: Final = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class _Actor:
    """For which world a call is recorded, and as whose; of the owner of the client's key without an identity."""

    world: World
    identity: Identity | None


_ACTING: Final[ContextVar[_Actor | None]] = ContextVar("acting", default=None)


@dataclass
class _Asked:
    """What a call asks, until it is answered."""

    params: Mapping[str, Any]
    access_key: str = ""
    region: str = ""
    agent: str = ""
    length: int = 0
    listeners: Listeners = ()


class Tap:
    """Listens at clients; for `world`, or for whoever is `acting`."""

    def __init__(self, world: World | None = None) -> None:
        """Nothing is heard yet."""
        self._world = world

    def attach(self, client: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """Listen at `client`; gives it back."""
        events = client.meta.events
        events.register("before-parameter-build", self._asked)
        events.register_last("before-call", self._sent)
        events.register("after-call", self._answered)
        return client

    def _actor(self) -> _Actor | None:
        actor = _Actor(world=self._world, identity=None) if self._world else _ACTING.get()
        return actor if actor and actor.world.running else None

    @staticmethod
    def _asked(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context[_KEPT] = _Asked(params=dict(params))

    def _sent(
        self,
        params: Mapping[str, Any],
        request_signer: Any,  # noqa: ANN401 - botocore's signer has no static type
        context: dict[str, Any],
        **_: object,
    ) -> None:
        asked, actor = context.get(_KEPT), self._actor()
        if asked is None or actor is None:
            return
        asked.access_key = request_signer._credentials.access_key  # noqa: SLF001 - it has no other name
        asked.region = context.get("signing", {}).get("region") or request_signer.region_name
        asked.agent = str(params["headers"].get("User-Agent", ""))
        asked.length = len(params["body"]) if isinstance(params.get("body"), (bytes, str)) else 0
        asked.listeners = actor.world.trails.listening()

    def _answered(
        self,
        http_response: Any,  # noqa: ANN401 - botocore's own
        parsed: Mapping[str, Any],
        model: Any,  # noqa: ANN401 - as above
        context: Mapping[str, Any],
        **_: object,
    ) -> None:
        asked, actor = context.get(_KEPT), self._actor()
        if asked is None or actor is None or not asked.region:
            return
        answer, error, message = outcome(parsed)
        call = Call(
            model=model,
            region=asked.region,
            params=asked.params,
            access_key=asked.access_key,
            address=_LOCAL,
            agent=asked.agent,
            error=error,
            message=message,
            answer=answer,
            request_id=str(parsed.get("ResponseMetadata", {}).get("RequestId", "")),
            bytes_in=asked.length,
            bytes_out=int(http_response.headers.get("content-length") or 0),
        )
        with actor.world.lock:
            actor.world.trails.answered(call, asked.listeners, actor.identity)


@contextmanager
def acting(world: World, identity: Identity) -> Generator[None]:
    """Until the block ends, calls of clients whose tap has no world are recorded in `world`, as those of `identity`."""
    token = _ACTING.set(_Actor(world=world, identity=identity))
    try:
        yield
    finally:
        _ACTING.reset(token)
