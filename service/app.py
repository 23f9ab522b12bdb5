"""The endpoints. A handler reads the request, asks the logic and words the answer; it holds no rule of its own.

- ``GET /livez`` answers 200 as long as the process serves and touches nothing else. The load balancer replaces what
  fails it, so it must not depend on a database: a lost database would cost every instance.
- ``GET /readyz`` answers 200 if this side can serve (``ready``, or ``read-only`` on a replica), else 503.
- ``GET /`` shows the same to people.

The endpoints for drills are in ``continuity``.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from service import page
from service.config import Config
from service.readiness import Readiness, Status
from service.shell import Shell


def build(config: Config, readiness: Readiness, close: Callable[[], None], further: Sequence[Route] = ()) -> ASGIApp:
    """Return the application with ``further`` endpoints. ``close`` is called when the last request is finished."""
    place = {"cell": config.cell, "side": config.side, "region": config.region, "release": config.release}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        close()

    app = Starlette(
        routes=[*routes(place, readiness), *further],
        exception_handlers={HTTPException: _refused, Exception: _broken},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # the redirect would go to whatever host the request claims
    return Shell(app)


def routes(place: Mapping[str, str], readiness: Readiness) -> list[Route]:
    """Return the endpoints, bound to what they need."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def readyz(_: Request) -> Response:
        report = await readiness.report()
        checks = {name: check.as_json() for name, check in report.checks.items()}
        code = HTTPStatus.SERVICE_UNAVAILABLE if report.status is Status.UNREADY else HTTPStatus.OK
        return JSONResponse({"status": report.status, "checks": checks, **place}, code)

    async def home(_: Request) -> Response:
        document = page.render(place, await readiness.report())
        return HTMLResponse(document, headers={"Content-Security-Policy": page.POLICY})

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/", home)]


async def _refused(_: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": HTTPStatus(code).phrase.lower()}, code, headers)


async def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "internal server error"}, HTTPStatus.INTERNAL_SERVER_ERROR)
