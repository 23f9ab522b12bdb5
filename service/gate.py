"""What a visitor is answered who is not let in: who one is not said, may not be, or could not be found out. Pure."""

from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from service import claim
from service.identity import Verdict

UNCHECKED: Final = "identity unchecked"
_RETRY_SECONDS: Final = "2"


def refusal(verdict: Verdict) -> Response | None:
    """Return the answer, None for who is admitted. None says why, but what is to be tried again."""
    match verdict:
        case Verdict.ADMITTED:
            return None
        case Verdict.UNKNOWN:
            return _said(HTTPStatus.UNAUTHORIZED, "WWW-Authenticate", claim.HEADER)
        case Verdict.REFUSED:
            return _said(HTTPStatus.FORBIDDEN)
        case Verdict.UNCHECKED:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, "Retry-After", _RETRY_SECONDS, UNCHECKED)


def _said(status: HTTPStatus, header: str = "", value: str = "", word: str = "") -> Response:
    return JSONResponse({"error": word or status.phrase.lower()}, status, {header: value} if header else None)
