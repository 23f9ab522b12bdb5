"""The endpoints of the journeys: who asks, what, and how the answer is worded. docs/journeys.md has the contract.

Writes answer 201, the same one again included; what cannot be 4xx with a word for it; and 503 where the database takes
no writes or cannot be used. Nothing that was sent is repeated in an answer or a log.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from pymysql.cursors import Cursor
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import claim, gate
from service.database import Database
from service.failures import Failure
from service.identity import Identity
from service.journeys import clinics, desk, forms, notices
from service.journeys.calendar import Calendar
from service.journeys.clinics import Clinic
from service.journeys.forms import InvalidError, Rule, Values
from service.journeys.ledger import Answer, Ledger, Outcome, RefusedError, Request
from service.shell import CLINIC

Work: TypeAlias = Callable[[Cursor, Clinic, Values], Outcome]
Handler: TypeAlias = Callable[[Asked, Clinic], Awaitable[Response]]

PATH: Final = "/journeys"
_JSON: Final = "application/json"
_RETRY_SECONDS: Final = "2"


@dataclass(frozen=True)
class Counter:
    """What the endpoints need."""

    cell: str
    identity: Identity
    database: Database
    ledger: Ledger
    calendar: Calendar


def routes(counter: Counter) -> list[Route]:
    """Return the endpoints."""

    async def slots(asked: Asked, clinic: Clinic) -> Response:
        given = asked.query_params
        text = await run_in_threadpool(counter.calendar.open_slots, clinic, given.get("from"), given.get("days"))
        return Response(text, media_type=_JSON)

    async def appointment(asked: Asked, clinic: Clinic) -> Response:
        identifier = forms.checked("id", asked.path_params["id"], forms.ID)
        return JSONResponse(await run_in_threadpool(desk.appointment, counter.database, clinic, identifier))

    async def told(asked: Asked, clinic: Clinic) -> Response:
        identifier = forms.checked("id", asked.path_params["id"], forms.ID)
        return JSONResponse(await run_in_threadpool(notices.of_appointment, counter.database, clinic, identifier))

    return [
        _route(counter, "GET", "slots", slots),
        _route(counter, "GET", "appointments/{id}", appointment),
        _route(counter, "GET", "appointments/{id}/notices", told),
        _write(counter, "slots", forms.OFFER, desk.offer, changes_slots=True),
        _write(counter, "appointments", forms.BOOK, desk.book, changes_slots=True),
        _write(counter, "consultations", forms.CONSULT, desk.consult),
        _write(counter, "consultations/{consultation}/notes", forms.NOTE, desk.note),
        _write(counter, "prescriptions", forms.PRESCRIBE, desk.prescribe),
        _write(counter, "payments", forms.PAY, desk.pay),
    ]


def _write(counter: Counter, path: str, rules: Mapping[str, Rule], work: Work, *, changes_slots: bool = False) -> Route:
    async def handle(asked: Asked, clinic: Clinic) -> Response:
        key = forms.checked("Idempotency-Key", asked.headers.get("Idempotency-Key"), forms.KEY)
        body = await _body(asked)
        within = {name: forms.checked(name, value, forms.ID) for name, value in asked.path_params.items()}
        values = {**forms.read(body, rules), **within}
        request = Request(clinic, key, _fingerprint(path, values))

        def done() -> Answer:
            answer = counter.ledger.once(request, lambda cursor: work(cursor, clinic, values))
            if changes_slots:  # an answer given again too: whoever gave it first may have died before this
                counter.calendar.changed(clinic)
            return answer

        answer = await run_in_threadpool(done)
        headers = {"Idempotency-Replayed": "true"} if answer.again else {}
        return Response(answer.text, HTTPStatus.CREATED, headers, media_type=_JSON)

    return _route(counter, "POST", path, handle)


def _route(counter: Counter, method: str, path: str, handler: Handler) -> Route:
    async def guarded(asked: Asked) -> Response:
        judged = await counter.identity.judged(asked.headers.get(claim.HEADER))
        refused = gate.refusal(judged.verdict)
        if refused is not None:
            return refused
        clinic = clinics.of_role(counter.cell, judged.role)
        asked.scope[CLINIC] = clinic.name
        return await _worded(handler, asked, clinic)

    return Route(f"{PATH}/{path}", guarded, methods=[method])


async def _worded(handler: Handler, asked: Asked, clinic: Clinic) -> Response:
    try:
        return await handler(asked, clinic)
    except InvalidError as error:
        found = {"error": "invalid", "field": error.field, "rule": error.rule}
        return JSONResponse(found, HTTPStatus.BAD_REQUEST)
    except RefusedError as error:
        return JSONResponse({"error": error.word}, error.status)
    except Failure as failure:
        headers = {"Retry-After": _RETRY_SECONDS}
        return JSONResponse({"error": failure.reason}, HTTPStatus.SERVICE_UNAVAILABLE, headers)


async def _body(asked: Asked) -> bytes:
    if asked.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    found = bytearray()
    async for chunk in asked.stream():
        found += chunk
        if len(found) > forms.MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(found)


def _fingerprint(path: str, values: Values) -> str:
    """Return a digest of what is asked, however its JSON was written."""
    text = repr((path, sorted(values.items())))
    return hashlib.sha256(text.encode()).hexdigest()
