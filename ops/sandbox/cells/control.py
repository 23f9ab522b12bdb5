"""What a cell's process serves over HTTP: moto behind a gate, and the control of its world under `/_medical/`.

Owns: one lock round every request, so that the same calls in the same order give the same state; the gate; the routes,
whose verbs are those of `remote.LocalWorld`; and the server, on the local address only. Answers of the routes are JSON,
refusals `{"error": ...}` with a status: 400 what cannot be read, 404 and 405 no such route, 409 refused, 502 nobody
answered behind it, 500 a fault of ours, whose traceback goes to the log alone.
"""

from __future__ import annotations

import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from ops.sandbox.cells import recording
from ops.sandbox.physics.gate import scope
from ops.sandbox.refusals import GoneError, WorldError
from ops.sandbox.remote import PREFIX, LocalWorld

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

Environ: TypeAlias = Mapping[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Wsgi: TypeAlias = Callable[[Any, StartResponse], Iterable[bytes]]
Answer: TypeAlias = Mapping[str, Any]

LOCALHOST: Final = "127.0.0.1"
_MOST_BYTES: Final = 1_000_000
_DAY_SECONDS: Final = 86_400


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Nothing(_Asked):
    pass


class _Begin(_Asked):
    seed: Annotated[int, Field(strict=True)]
    start: AwareDatetime | None = None


class _Advance(_Asked):
    seconds: Annotated[float, Field(ge=0, le=_DAY_SECONDS, allow_inf_nan=False)]


class _Lift(_Asked):
    fault: str
    region: str = ""


class _Inject(_Lift):
    parameters: dict[str, float] = {}


class _Resolve(_Asked):
    client: str
    name: str


class _Request(_Asked):
    address: str
    method: str
    path: str
    body: str = ""


class _Events(_Asked):
    since: Annotated[int, Field(ge=0)] = 0


class _Apply(_Asked):
    settings: dict[str, str | int | float | bool | None]


def _now(now: datetime) -> Answer:
    return {"now": now.isoformat()}


def _resolved(found: tuple[str, bool]) -> Answer:
    return {"address": found[0], "cached": found[1]}


def _replied(found: tuple[int, Answer]) -> Answer:
    return {"status": found[0], "body": found[1]}


# By verb and method: what is asked, and how the world answers it.
_ROUTES: Final[Mapping[str, Mapping[str, tuple[type[_Asked], Callable[[LocalWorld, Any], Answer]]]]] = {
    "begin": {"POST": (_Begin, lambda world, asked: _now(world.begin(asked.seed, asked.start)))},
    "follow": {"POST": (_Nothing, lambda world, _: _now(world.follow()))},
    "now": {"GET": (_Nothing, lambda world, _: _now(world.now()))},
    "advance": {"POST": (_Advance, lambda world, asked: _now(world.advance(asked.seconds)))},
    "faults": {
        "GET": (_Nothing, lambda world, _: {"faults": world.faults()}),
        "POST": (_Inject, lambda world, asked: world.inject(asked.fault, asked.region, asked.parameters)),
        "DELETE": (_Lift, lambda world, asked: {"lifted": world.lift(asked.fault, asked.region)}),
    },
    "resolve": {"POST": (_Resolve, lambda world, asked: _resolved(world.resolve(asked.client, asked.name)))},
    "request": {
        "POST": (
            _Request,
            lambda world, asked: _replied(world.request(asked.address, asked.method, asked.path, asked.body)),
        )
    },
    "events": {"POST": (_Events, lambda world, asked: {"events": world.events(asked.since)})},
    "apply": {"POST": (_Apply, lambda world, asked: world.apply(asked.settings))},
}


class Control:
    """The WSGI application: `moto`, behind the gate of `world`, and the control of it."""

    def __init__(self, world: LocalWorld, moto: Wsgi) -> None:
        """Serve `moto` as it is until the world begins."""
        self._world = world
        self._moto = moto

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, alone."""
        path = str(environ.get("PATH_INFO", ""))
        with self._world.world.lock:
            self._world.catch_up()
            if path.startswith(PREFIX):
                return _json(start_response, *self._controlled(environ, path.removeprefix(PREFIX)))
            return self._gated(environ, start_response)

    def _gated(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        asked = scope(environ.get("HTTP_AUTHORIZATION", ""))
        refusal = self._world.world.gate.admit(*asked) if asked and self._world.world.running else None
        if refusal is None:
            if asked and self._world.world.running:
                return recording.answer(self._world.world, self._moto, dict(environ), start_response, asked)
            return recording.whole(self._moto(environ, start_response))
        if refusal.silent:
            _hang_up(environ)
        # Without a body, as from a proxy in front of the service: every protocol of AWS reads it as a plain 503.
        start_response(_status(HTTPStatus.SERVICE_UNAVAILABLE), [("Content-Length", "0")])
        return []

    def _controlled(self, environ: Environ, verb: str) -> tuple[HTTPStatus, Answer]:
        body, method = _body(environ), str(environ["REQUEST_METHOD"])
        if verb not in _ROUTES:
            known = ", ".join(_ROUTES)
            return HTTPStatus.NOT_FOUND, {"error": f"there is no {PREFIX}{verb}; there are {known}"}
        if method not in _ROUTES[verb]:
            return HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"{verb} takes {', '.join(_ROUTES[verb])}, not {method}"}
        form, answer = _ROUTES[verb][method]
        try:
            return HTTPStatus.OK, answer(self._world, form.model_validate_json(body))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told of it
            status, reason = _reason(error, verb)
            return status, {"error": reason}


def _reason(error: Exception, verb: str) -> tuple[HTTPStatus, str]:
    """What to tell about `error`; the log gets the traceback of one that was not foreseen, and the client does not."""
    if isinstance(error, ValidationError):
        found = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'it'}: {item['msg']}" for item in error.errors())
        return HTTPStatus.BAD_REQUEST, f"{verb} cannot be read: {found}"
    if isinstance(error, WorldError):
        return HTTPStatus.BAD_GATEWAY if isinstance(error, GoneError) else HTTPStatus.CONFLICT, str(error)
    traceback.print_exception(error)
    return HTTPStatus.INTERNAL_SERVER_ERROR, f"{verb} failed; the log of the cell's process says how"


def serve(world: LocalWorld) -> BaseWSGIServer:
    """A server of moto and its control on a free port of the local address, one thread a connection; not yet started.

    Use inside `local_aws`.
    """
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - moto reads its environment first
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415 - only who serves needs it

    class Handler(MotoRequestHandler):
        """Sends small answers at once, where they would wait for the client's acknowledgement."""

        disable_nagle_algorithm = True

        @override
        def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
            """Read no more of a connection that was hung up: what is left of the request is none of its own."""
            self.close_connection = True

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for every request
    application = Control(world, DomainDispatcherApplication(create_backend_app))
    return make_server(LOCALHOST, 0, application, threaded=True, request_handler=Handler)


def _hang_up(environ: Environ) -> None:
    """End the connection without an answer, as one that a lost region has.

    Raises:
        ConnectionAbortedError: always; the server takes it for a client that went away, and writes nothing.
    """
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("hung up")


def _body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(min(length, _MOST_BYTES)) or b"{}"


def _json(start_response: StartResponse, status: HTTPStatus, content: Answer) -> list[bytes]:
    body = json.dumps(content).encode()
    start_response(_status(status), [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _status(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
