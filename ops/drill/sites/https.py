"""Asks a load balancer for a cell: by its own address, and with the certificate of the cell's name verified.

A drill must tell the sides apart, so it cannot ask by the name; and it must not take any answer for the cell's.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.drill.calls import CONNECT_SECONDS, READ_SECONDS
from ops.drill.site import Reply, UnreachableError

# The cell's firewall refuses whoever does not say what it is.
_USER_AGENT: Final = "medical-drill"
_MOST_BYTES: Final = 4 * 1024 * 1024  # of an answer: thousands of markers have a checksum each


@dataclass(frozen=True, kw_only=True)
class Door:
    """How a cell's load balancers are asked: the name that their certificate must have, and whom it is trusted by."""

    name: str
    trust: ssl.SSLContext
    port: int = 443

    def ask(self, address: str, method: str, path: str, body: str, headers: Mapping[str, str]) -> Reply:
        """What is answered at `address`; an answer that is no JSON object has an empty body.

        Raises:
            UnreachableError: no connection, no certificate of the name, or no answer in time.
        """
        connection = http.client.HTTPConnection(address, self.port)
        try:
            connection.sock = self._open(address)
            own = {"Host": self.name, "User-Agent": _USER_AGENT}
            connection.request(method, path, body.encode() or None, {**own, **headers})
            answer = connection.getresponse()
            content = answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{method} {path} at {address}: {_why(error)}") from error
        finally:
            connection.close()
        return Reply(status=answer.status, body=_object(content))

    def _open(self, address: str) -> ssl.SSLSocket:
        """A connection to `address`, with whom the certificate of the cell's name was asked for and found."""
        plain = socket.create_connection((address, self.port), CONNECT_SECONDS)
        try:
            secure = self.trust.wrap_socket(plain, server_hostname=self.name)
        except OSError:
            plain.close()
            raise
        secure.settimeout(READ_SECONDS)
        return secure


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    return f"no answer ({type(error).__name__})"
