"""Who a visitor claims to be: a presigned URL of AWS STS, read and judged before anything is asked. Pure.

The header ``x-medical-identity`` is the base64url of a URL that asks STS who signed it (GetCallerIdentity). Whoever has
credentials can sign one without a call, and whoever gets it can ask STS, but can sign nothing else with it. It must
have signed ``x-medical-cell`` too, which we send with our own cell: so a URL made for one cell is worth nothing at
another, and one made for something else is worth nothing here.

What a visitor writes never chooses whom we ask. A claim is a fixed beginning, one for each region of the cell, and a
query of exactly the known fields, each once and in the one encoding that leaves nothing to interpret.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, unquote

HEADER: Final = "x-medical-identity"
CELL_HEADER: Final = "x-medical-cell"

MOST_CHARACTERS: Final = 8192
"""Longest header that is read. A session's token makes a URL of one to two thousand characters."""

MOST_SECONDS: Final = 900
"""Longest life that a URL may have been given, so that one that leaks is soon worth nothing."""

_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_TIME: Final = "%Y%m%dT%H%M%SZ"
_FIELDS: Final = {
    "Action": re.compile(r"GetCallerIdentity"),
    "Version": re.compile(r"2011-06-15"),
    "X-Amz-Algorithm": re.compile(r"AWS4-HMAC-SHA256"),
    # A role's credentials are temporary: their keys start so, and come with a token.
    "X-Amz-Credential": re.compile(r"ASIA[A-Z0-9]{12,124}/[0-9]{8}/(?P<region>[a-z0-9-]{1,30})/sts/aws4_request"),
    "X-Amz-Security-Token": re.compile(r"[A-Za-z0-9+/=]{1,4096}"),
    "X-Amz-Date": re.compile(r"[0-9]{8}T[0-9]{6}Z"),
    "X-Amz-Expires": re.compile(r"[1-9][0-9]{0,2}"),
    "X-Amz-SignedHeaders": re.compile(rf"host;{CELL_HEADER}"),
    "X-Amz-Signature": re.compile(r"[0-9a-f]{64}"),
}


@dataclass(frozen=True)
class Claim:
    """A question that STS may be asked: in which region, by which path and query, and when it ends to be valid."""

    region: str
    target: str
    ends: datetime


def host(region: str) -> str:
    """Return the only host that may be asked in a region."""
    return f"sts.{region}.amazonaws.com"


def read(header: str, regions: tuple[str, ...]) -> Claim | None:
    """Return the claim that a header makes, or None if it is not one that these regions' STS may be asked about."""
    url = _decoded(header)
    for region in regions:
        start = f"https://{host(region)}/?"
        if url.startswith(start):
            return _judged(region, url.removeprefix(start))
    return None


def _decoded(header: str) -> str:
    if len(header) > MOST_CHARACTERS or not _ENCODED.fullmatch(header):
        return ""
    plain = header.rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _judged(region: str, query: str) -> Claim | None:
    fields = _fields(query)
    if fields is None or fields["X-Amz-Credential"].split("/")[2] != region:
        return None
    seconds = int(fields["X-Amz-Expires"])
    try:
        signed = datetime.strptime(fields["X-Amz-Date"], _TIME).replace(tzinfo=UTC)
        ends = signed + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return Claim(region, f"/?{query}", ends) if seconds <= MOST_SECONDS else None


def _fields(query: str) -> dict[str, str] | None:
    """Return the fields of a query that has all of ours, each once, and nothing else."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, encoded = pair.partition("=")
        value = unquote(encoded, errors="replace")
        rule = _FIELDS.get(name)
        if rule is None or name in found or quote(value, safe="") != encoded or not rule.fullmatch(value):
            return None
        found[name] = value
    return found if len(found) == len(_FIELDS) else None
