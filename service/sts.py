"""AWS STS, asked the one question that a claim puts, namely who signed it.

The request goes over verified TLS to the region's own host, through no proxy, and follows no redirect. The standard
environment variable ``AWS_ENDPOINT_URL_STS`` sends it elsewhere, for tests.
"""

import json
import os
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
_OK: Final = 200


def caller(asked: Claim, cell: str) -> str:
    """Return the ARN of who signed the claim for ``cell``.

    Raises:
        Failure: STS says no, could not be asked, or answered with something else.

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
    if answer.status != _OK:
        raise Failure(Reason.REFUSED, f"status {answer.status}")
    return _arn(content)


def _connection(region: str) -> HTTPConnection:
    elsewhere = urlsplit(os.environ.get(VARIABLE, ""))
    if elsewhere.scheme == "http":
        return HTTPConnection(elsewhere.netloc, timeout=SECONDS)
    place = elsewhere.netloc or claim.host(region)
    return HTTPSConnection(place, timeout=SECONDS, context=tls.client_context(None))


def _arn(content: bytes) -> str:
    """Return the ARN in an answer, which is JSON because we ask for it."""
    try:
        arn = json.loads(content)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Arn"]
    except (ValueError, KeyError, TypeError, RecursionError):
        arn = None
    if not isinstance(arn, str):
        raise Failure(Reason.FAULT, "an answer of another form")
    return arn
