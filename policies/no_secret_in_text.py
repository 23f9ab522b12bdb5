"""No secret stands in any input or output that is not kept secret, in clear or in base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Final

from policies.credentials import BEARING, SHORTEST, TELLING
from policies.model import Breach, Rule, Severity, View, hipaa
from policies.values import texts

_ENCODED: Final = ("userData", "userDataBase64")


def _check(view: View) -> Iterator[Breach]:
    planted = _known(view)
    told = cache(partial(_gives_away, planted=planted))  # a cell says most of its texts several times
    bearing = set(BEARING)
    for item in view.resources:
        for key, value in item.inputs.items():
            if key not in item.marked and (item.type, key) not in bearing:
                reason = next((reason for text in _read(key, value) if (reason := told(text))), "")
                if reason:
                    yield Breach(item.urn, f"{key} {reason}")


def _known(view: View) -> re.Pattern[str] | None:
    """The stack's own secrets, where they can be told from other text."""
    found = {text for type_, key in BEARING for item in view.of(type_) for text in texts(item.at(key))}
    long = sorted(text for text in found if len(text) >= SHORTEST)
    return re.compile("|".join(map(re.escape, long))) if long else None


def _read(key: str, value: object) -> Iterator[str]:
    for text in texts(value):
        yield text
        if key in _ENCODED:
            with suppress(binascii.Error, UnicodeDecodeError):
                yield base64.b64decode(text, validate=True).decode()


def _gives_away(text: str, planted: re.Pattern[str] | None) -> str:
    if TELLING.search(text):
        return "holds what looks like a credential"
    return "holds a secret of this stack" if planted and planted.search(text) else ""


RULE: Final = Rule(
    name="no-secret-in-text",
    title="No secret stands in plain text",
    severity=Severity.CRITICAL,
    controls=hipaa("312(d)", "308(a)(5)(ii)(D)"),
    types=("*",),
    way_out="keep it in Secrets Manager and hand over its ARN; take a key that was written down out of use",
    check=_check,
)
