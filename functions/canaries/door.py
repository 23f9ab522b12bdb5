"""Asks a side's load balancer, by its own address, and has it prove that it is the cell.

The address alone tells the two sides apart; the certificate alone tells the cell from an impostor. One connection is
kept for a walk, so that a walk's time holds one handshake, as a user's first page does.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from functions.canaries.faults import JourneyError

_SECONDS: Final = 10.0  # that each wait may last: a canary's run has a minute
_MOST_BYTES: Final = 1024 * 1024
_USER_AGENT: Final = "medical-canary"  # the firewall refuses whoever does not say what it is


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP status, and the JSON object that came with it; an empty one if none did."""

    status: int
    body: Mapping[str, Any]


class Door:
    """One connection to a load balancer. Use it as a context."""

    def __init__(self, address: str, host: str, trust: ssl.SSLContext, *, port: int = 443) -> None:
        """Connect to `address`, which must have a certificate for `host` that `trust` believes.

        Raises:
            JourneyError: nobody answers there, or it is not the cell.
        """
        self._host = host
        self._connection = http.client.HTTPConnection(address, port)
        try:
            self._connection.sock = _open(address, port, host, trust)
        except OSError as error:
            raise JourneyError(f"no connection to {address} as {host}: {_why(error)}") from None

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Answer:
        """What is answered.

        Raises:
            JourneyError: nothing is, within ten seconds.
        """
        own = {"Host": self._host, "User-Agent": _USER_AGENT, "Accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            own["Content-Type"] = "application/json"
        try:
            self._connection.request(method, path, content, {**own, **headers})
            answer = self._connection.getresponse()
            found = answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise JourneyError(f"{method} {path}: no answer ({_why(error)})") from None
        return Answer(status=answer.status, body=_object(found))


def _open(address: str, port: int, host: str, trust: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection((address, port), _SECONDS)
    try:
        return trust.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    return type(error).__name__
