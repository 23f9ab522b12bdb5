"""What surrounds every request: a trace id, security headers, one access log line, and no traceback for a visitor."""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import logs

TRACE_HEADER = "X-Amzn-Trace-Id"

HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer. A handler that needs another policy sets its own header, which is kept."""

CLINIC = "clinic"
"""Under this key of its scope a request has the clinic for which it was admitted, and its log line then too."""

_TRACE = re.compile(r"[A-Za-z0-9=;:.+_-]{1,256}")
_LOG = logging.getLogger(__name__)


class Shell:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Surround ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything else passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.monotonic()
        trace = _trace(Headers(scope=scope).get(TRACE_HEADER, ""))
        status = 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers[TRACE_HEADER] = trace
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception:  # noqa: BLE001  Starlette has answered 500 and raises again for the outermost: that is us
            _LOG.exception("request failed", extra={"fields": {"trace": trace}})
        finally:
            elapsed = round((time.monotonic() - start) * 1000, 1)
            fields = {"method": scope["method"], "path": _path(scope), "status": status, "milliseconds": elapsed}
            if CLINIC in scope:
                fields[CLINIC] = scope[CLINIC]
            logs.event(_LOG, "request", **fields, trace=trace)


def _path(scope: Scope) -> str:
    """Return the route rather than the address: what a visitor types may name a patient, and has no place in a log."""
    return str(getattr(scope.get("route"), "path", "(none)"))


def _trace(given: str) -> str:
    """Return the load balancer's id if it is one, else a new one of the same shape."""
    if _TRACE.fullmatch(given):
        return given
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
