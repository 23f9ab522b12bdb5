"""What a visitor may send: a JSON object of exactly the known fields, each by its rule. Pure.

Written by hand because the release takes pure Python only, and the validators in common use are compiled
(docs/adr/0015-the-starters-forms-are-checked-by-hand.md). A refusal names the field and its rule, never the value: that
may be a patient's.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

MOST_BYTES: Final = 8192
"""Longest body. The firewall before the load balancer refuses longer ones too."""

MOST_MINUTES: Final = 240
"""Longest slot."""

_FEWEST_DIGITS: Final = 13
_MOST_DIGITS: Final = 19

Values: TypeAlias = Mapping[str, str | int]


class InvalidError(Exception):
    """What was sent is refused; ``field`` and ``rule`` are for whoever sent it."""

    def __init__(self, field: str, rule: str) -> None:
        """Keep where and why."""
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class Text:
    """A text by its pattern, and the pattern in words."""

    pattern: str
    says: str

    def accepts(self, value: object) -> bool:
        """Whether the value keeps the rule."""
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class Number:
    """A whole number in bounds."""

    least: int
    most: int

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"a whole number from {self.least} to {self.most}"

    def accepts(self, value: object) -> bool:
        """Whether the value keeps the rule."""
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


class Time:
    """A moment to the minute, in UTC."""

    says = "a moment such as 2027-01-31T09:30:00Z"

    def accepts(self, value: object) -> bool:
        """Whether the value keeps the rule."""
        return isinstance(value, str) and moment(value) is not None


class Token:
    """What a payment provider gave for a card, and never the card's own number, nor one that is dressed up."""

    says = "the payment provider's token, never a card's number"

    def accepts(self, value: object) -> bool:
        """Whether the value keeps the rule."""
        if not isinstance(value, str) or not re.fullmatch(r"(?=.*[A-Za-z_])[A-Za-z0-9_]{8,64}", value):
            return False
        # By its words: within letters, digits of chance may look like anything.
        runs = re.findall(r"(?<![A-Za-z0-9])[0-9_]+(?![A-Za-z0-9])", value)
        return not any(_is_card(run.replace("_", "")) for run in runs)


Rule: TypeAlias = Text | Number | Time | Token

ID: Final = Text(r"[0-9a-f]{32}", "an id of 32 hexadecimal digits")
KEY: Final = Text(r"[A-Za-z0-9_-]{16,64}", "16 to 64 letters, digits, _ and -")
_NAME: Final = Text(r"[a-z0-9][a-z0-9-]{0,31}", "1 to 32 lower-case letters, digits and hyphens")
_PATIENT: Final = Text(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", "the clinic's own number of the patient, never a name")
# No control characters, no separator of lines or paragraphs, and nothing that turns the direction of writing: a dose
# must read as it was written.
_LINE: Final = Text(
    r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]{1,120}",
    "1 to 120 characters on one line, no control characters",
)
_NOTE: Final = Text(r"[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]{1,2000}", "1 to 2000 characters")
_CURRENCY: Final = Text(r"[A-Z]{3}", "a currency of three capital letters")

OFFER: Final[Mapping[str, Rule]] = {"practitioner": _NAME, "starts_at": Time(), "minutes": Number(5, MOST_MINUTES)}
BOOK: Final[Mapping[str, Rule]] = {"slot": ID, "patient": _PATIENT}
CONSULT: Final[Mapping[str, Rule]] = {"appointment": ID}
NOTE: Final[Mapping[str, Rule]] = {"text": _NOTE}
PRESCRIBE: Final[Mapping[str, Rule]] = {"consultation": ID, "medicine": _LINE, "dose": _LINE, "days": Number(1, 365)}
PAY: Final[Mapping[str, Rule]] = {
    "appointment": ID,
    "amount": Number(1, 10_000_000),
    "currency": _CURRENCY,
    "token": Token(),
}


def read(body: bytes, rules: Mapping[str, Rule]) -> Values:
    """Return the fields of a body.

    Raises:
        InvalidError: it is no JSON object, a field is lacking or unknown, or one does not keep its rule.

    """
    try:
        found: object = json.loads(body.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise InvalidError("body", "a JSON object in UTF-8, with each field once") from None
    if not isinstance(found, dict) or set(found) != set(rules):
        raise InvalidError("body", f"a JSON object of exactly {', '.join(rules)}")
    values: dict[str, str | int] = {}
    for field, rule in rules.items():
        value = found[field]
        if not rule.accepts(value) or not isinstance(value, str | int):
            raise InvalidError(field, rule.says)
        values[field] = value
    return values


def checked(field: str, value: str | None, rule: Text) -> str:
    """Return what stands outside of a body, such as in a header.

    Raises:
        InvalidError: it does not keep its rule.

    """
    if value is None or not rule.accepts(value):
        raise InvalidError(field, rule.says)
    return value


def moment(text: str) -> datetime | None:
    """Return the moment that a text is, None if it is none."""
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:00Z", text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _is_card(digits: str) -> bool:
    """Whether there are as many digits as a card has, with the last one to check the others (Luhn, ISO/IEC 7812)."""
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return False
    doubled = (2 * int(digit) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004  of two digits their sum


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
