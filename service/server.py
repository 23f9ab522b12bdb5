"""The HTTPS listener, and how it ends."""

import asyncio.constants
import ssl
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from service.config import Listen

KEEP_ALIVE_SECONDS = 75
"""Longer than the load balancer's idle time-out (60 s by default), or it sends a request into a closing connection."""

DRAIN_SECONDS = 30
"""Longest time that requests under way have to finish after SIGTERM."""

FAREWELL_SECONDS = 1.0
"""Longest wait for a visitor to return TLS's farewell. asyncio's 30 s let one idle connection hold up every stop."""


def serve(listen: Listen, tls: ssl.SSLContext, app: ASGIApp, on_stop: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and return. ``on_stop`` is called at once.

    Raises:
        SystemExit: the port could not be listened on; the log says why.

    """
    config = uvicorn.Config(
        app,
        host=listen.host,
        port=listen.port,
        ssl_context_factory=lambda _config, _default: tls,
        # Named, so that a package that happens to be installed changes nothing.
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        workers=1,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    asyncio.constants.SSL_SHUTDOWN_TIMEOUT = FAREWELL_SECONDS  # uvicorn hands no such option to asyncio
    _Server(config, on_stop).run()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's own would raise the signal again at the end: a stop that was asked for is a success, exit status 0.
        self._on_stop()
        self.should_exit = True
