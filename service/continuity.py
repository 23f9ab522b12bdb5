"""The endpoints for drills: write markers, and say which are there. Nobody but the drill's role is answered.

- ``PUT /continuity/markers/<run>/<number>`` answers 201 and says whether row and object were kept, 409 if the marker
  cannot be kept beside the others, and 503 if there is no row (``read-only`` on a replica or a fenced writer).
- ``GET /continuity/markers/<run>`` answers 200 with the checksums of rows and objects by number. Where there are more
  than one answer holds, ``next`` is where the rest begins: ask again with ``?from=<next>``.

Without a claim that can be checked the answer is 401, to anybody else 403, and neither says why. While nobody can say
who it is, because AWS STS is away or busy, it is 503 ``identity unchecked``.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import claim, gate, markers
from service.failures import Failure
from service.identity import Identity
from service.markers import Found, Markers, RefusedError

Handler = Callable[[Request], Awaitable[Response]]


def routes(place: Mapping[str, str], identity: Identity, store: Markers) -> list[Route]:
    """Return the endpoints. ``place`` is the side and the region, which every answer names."""

    async def put(request: Request) -> Response:
        run, number = _run(request), _number(request.path_params["number"])
        kept = await run_in_threadpool(store.keep, run, number, await _body(request))
        return JSONResponse({**place, "row": True, "object": kept.object, "sha256": kept.sha256}, HTTPStatus.CREATED)

    async def get(request: Request) -> Response:
        run, start = _run(request), _number(request.query_params.get("from", "1"))
        return JSONResponse({**place, **_listed(await run_in_threadpool(store.find, run, start))})

    return [
        Route(f"{markers.PATH}/{{run}}/{{number}}", _for_drills(identity, put), methods=["PUT"]),
        Route(f"{markers.PATH}/{{run}}", _for_drills(identity, get), methods=["GET"]),
    ]


def _for_drills(identity: Identity, handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        refused = gate.refusal(await identity.judge(request.headers.get(claim.HEADER)))
        return refused or await _worded(handler, request)

    return guarded


async def _worded(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except RefusedError as error:
        return JSONResponse({"error": str(error)}, HTTPStatus.CONFLICT)
    except Failure as failure:
        return JSONResponse({"error": failure.reason}, HTTPStatus.SERVICE_UNAVAILABLE)


def _run(request: Request) -> str:
    run = request.path_params["run"]
    if not markers.RUN.fullmatch(run):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return str(run)


def _number(text: str) -> int:
    number = markers.number_in(text)
    if number is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return number


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > markers.MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(found)


def _listed(found: Found) -> dict[str, object]:
    listed: dict[str, object] = {"rows": _texts(found.rows), "objects": _texts(found.objects)}
    return listed if found.following is None else {**listed, "next": found.following}


def _texts(found: Mapping[int, str]) -> dict[str, str]:
    return {str(number): sha256 for number, sha256 in sorted(found.items())}
