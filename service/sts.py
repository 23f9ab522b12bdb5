"""AWS STS, asked the one question that a claim puts, namely who signed it.

The request goes over verified TLS to the region's own host, through no proxy, and follows no redirect. The standard
environment variable ``AWS_ENDPOINT_URL_STS`` sends it elsewhere, for tests.
"""

import json
import os
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from service import claim, tls
from service.claim import Claim
from service.failures import Failure, Reason

SECONDS: Final = 2.0
"""Longest wait to connect, and longest wait for bytes."""

VARIABLE: Final = "AWS_ENDPOINT_URL_STS"
_MOST_BYTES: Final = 16_384
_BUSY: Final = ("Throttling", "ThrottlingException", "RequestLimitExceeded")
"""Codes by which AWS says, with a status as if the visitor were at fault, that it was asked too often."""


def caller(asked: Claim, cell: str) -> str:
    """Return the ARN of who signed the claim for ``cell``.

    Raises:
        Failure: STS says no (REFUSED); or could not be asked, is busy, or answered with something else, which is no
            word about who asks.

    """
    headers = {"Accept": "application/json", "Host": claim.host(asked.region), claim.CELL_HEADER: cell}
    connection = _connection(asked.region)
    try:
        connection.request("GET", asked.target, headers=headers)
        answer = connection.getresponse()
        content = answer.read(_MOST_BYTES)
    except TimeoutError as error:
        raise Failure(Reason.TIMEOUT, type(error).__name__) from None
    except (OSError, HTTPException) as error:
        raise Failure(Reason.UNREACHABLE, type(error).__name__) from None
    finally:
        connection.close()
    if answer.status == HTTPStatus.OK:
        return _arn(content)
    raise Failure(_reason(answer.status, content), f"status {answer.status}")


def _connection(region: str) -> HTTPConnection:
    elsewhere = urlsplit(os.environ.get(VARIABLE, ""))
    if elsewhere.scheme == "http":
        return HTTPConnection(elsewhere.netloc, timeout=SECONDS)
    place = elsewhere.netloc or claim.host(region)
    return HTTPSConnection(place, timeout=SECONDS, context=tls.client_context(None))


def _reason(status: int, content: bytes) -> Reason:
    """Return why there is no ARN: only what is told of the claim itself is a no."""
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.UNREACHABLE if _code(content) in _BUSY else Reason.REFUSED
    return Reason.UNREACHABLE


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content)["Error"]["Code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _arn(content: bytes) -> str:
    """Return the ARN in an answer, which is JSON because we ask for it."""
    try:
        arn = json.loads(content)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Arn"]
    except (ValueError, KeyError, TypeError, RecursionError):
        arn = None
    if not isinstance(arn, str):
        raise Failure(Reason.FAULT, "an answer of another form")
    return arn
