"""How a report words times and shows texts that came from elsewhere. Pure."""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 400
"""Characters of a text that came from elsewhere."""

HIDDEN: Final = "[hidden]"
_MINUTE, _HOUR = 60, 3600
_FINE: Final = 10  # seconds below which tenths are worth telling

# A report shows no arguments and no answers, but a service's error message can quote either.
_SECRETS: Final = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(
        r"(?<=[\"'&?\s])(?:X-Amz-(?:Signature|Security-Token|Credential)|[A-Za-z_]*(?:password|passwd|pwd|secret|token"
        r"|authorization|SecretString|SecretAccessKey))[\"']?\s*[=:]\s*(?:Bearer\s+)?(?:\"[^\"]*\"|'[^']*'|[^\s,;&}]+)",
        re.IGNORECASE,
    ),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


def plain(text: object) -> str:
    """`text` as one line that may be shown: no control characters, nothing that looks like a secret, not too long."""
    line = f" {text}"
    for pattern in _SECRETS:
        line = pattern.sub(HIDDEN, line)
    line = " ".join(_CONTROL.sub(" ", line).split())
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"


def seconds(value: float | None) -> str:
    """A length of time: `0.4 s`, `103 s`, `14 min 5 s` from ten minutes on, `2 h 10 min`."""
    if value is None:
        return "no data"
    if value < _FINE:
        return f"{round(value, 1):g} s"
    whole = round(value)
    if whole < 10 * _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", "s")
    return _two(round(whole / _MINUTE), _MINUTE, "h", "min")


def clock(offset: float) -> str:
    """A moment on the time line, as minutes and seconds from its zero: `-1:02`, `0:00`, `6:48`, `1:10:00`."""
    whole = round(abs(offset))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    sign = "-" if offset < 0 and whole else ""
    return f"{sign}{hours}:{minutes:02}:{left:02}" if hours else f"{sign}{minutes}:{left:02}"


def count(number: int, thing: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _two(whole: int, size: int, large: str, small: str) -> str:
    first, rest = divmod(whole, size)
    return f"{first} {large} {rest} {small}" if rest else f"{first} {large}"
