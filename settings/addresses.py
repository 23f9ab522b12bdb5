"""Addresses that operators subscribe: what one may be. Pure.

Rules never repeat an address: a webhook's may hold a token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import BeforeValidator

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = rf"({_LABEL}\.)+(?!\d+$){_LABEL}"  # a name, and no address of numbers
_LONGEST_EMAIL: Final = 254
_EMAIL = r"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"


def _addresses(check: Callable[[str], str | None], example: str) -> BeforeValidator:
    """Accept a list of different texts for which `check` has no objection. What it says repeats no address."""

    def validate(value: object) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ValueError(f'must be a list such as ["{example}"], or []')  # noqa: TRY004 - as above
        for place, item in enumerate(value, start=1):
            rule = check(item) if isinstance(item, str) else "must be text"
            if rule:
                raise ValueError(f"item {place} {rule}")
            if folded(item) in map(folded, value[: place - 1]):
                raise ValueError(f"item {place} is there already; name each once")
        return tuple(value)

    return BeforeValidator(validate)


def folded(address: str) -> str:
    """`address` as it is compared with others: case counts only behind a webhook's host."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address.lower()
    host = re.split("[/?]", rest, maxsplit=1)[0]
    return f"{scheme}{mark}{host.lower()}{rest[len(host) :]}"


def _email(text: str) -> str | None:
    if len(text) > _LONGEST_EMAIL or not re.fullmatch(_EMAIL, text, re.ASCII):
        return "must be an e-mail address such as oncall@example.com"
    return None


def _webhook(text: str) -> str | None:
    if not re.fullmatch(r"https://[!-~]{1,2000}", text, re.ASCII):
        return "must be an address of at most 2000 characters that begins with https://, for what is told is not public"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "is no address that can be read; give it as https://host/path"
    if "@" in parts.netloc:
        return "holds a user or password before the host, which SNS would log; put a token into the path instead"
    if (
        not re.fullmatch(rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?", parts.hostname or "", re.ASCII)
        or port == 0
    ):
        return "must name a host in full, such as https://hooks.example.com/path"
    if parts.fragment:
        return "has a part behind #, which is never sent; leave it out"
    return None


Emails: TypeAlias = Annotated[tuple[str, ...], _addresses(_email, "oncall@example.com")]
Webhooks: TypeAlias = Annotated[tuple[str, ...], _addresses(_webhook, "https://hooks.example.com/path")]
