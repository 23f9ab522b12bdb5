"""The rule of a composite alarm: what it says, and whether it holds. Pure.

Source: PutCompositeAlarm in the CloudWatch API reference, read November 2026. The functions are ALARM, OK and
INSUFFICIENT_DATA of an alarm's name (bare or in quotes) or ARN, TRUE and FALSE; they are joined by AND, OR, NOT and
parentheses, of which NOT binds closest and OR least. The order of AND before OR is not told there and is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ops.sandbox.physics.monitoring.alarms import State, UnsupportedAlarmError

StateOf: TypeAlias = Callable[[str], State]
_Test: TypeAlias = Callable[[StateOf], bool]

_STATES: Final[dict[str, State]] = {"ALARM": "ALARM", "OK": "OK", "INSUFFICIENT_DATA": "INSUFFICIENT_DATA"}
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<bare>[^\s\")(]+))\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE|\(|\)))"
)


@dataclass(frozen=True)
class Rule:
    """A rule that was read, and the alarms that it names, in its order."""

    text: str
    names: tuple[str, ...]
    _test: _Test

    def holds(self, state_of: StateOf) -> bool:
        """Whether it holds where the alarms are in these states."""
        return self._test(state_of)


def parse(text: str) -> Rule:
    """The rule in `text`.

    Raises:
        UnsupportedAlarmError: it is no rule.
    """
    reader = _Reader(text)
    test = reader.read()
    return Rule(text, tuple(dict.fromkeys(reader.names)), test)


@dataclass(frozen=True)
class _Token:
    word: str
    name: str = ""


class _Reader:
    """Reads a rule by descent: or, and, not, one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.names: list[str] = []
        self._tokens = list(self._split())

    def read(self) -> _Test:
        test = self._or()
        if self._tokens:
            raise self._refused(f"{self._tokens[0].word} is not expected there")
        return test

    def _split(self) -> Iterator[_Token]:
        place, text = 0, self._text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._refused(f"{text[place : place + 20].strip()!a} is not known")
            place = found.end()
            name = found["quoted"] or found["bare"] or ""
            yield _Token(found["state"] or found["word"], name.rpartition(":alarm:")[2])

    def _or(self) -> _Test:
        tests = [self._and()]
        while self._take("OR"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda state_of: any(test(state_of) for test in tests)

    def _and(self) -> _Test:
        tests = [self._not()]
        while self._take("AND"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda state_of: all(test(state_of) for test in tests)

    def _not(self) -> _Test:
        if self._take("NOT"):
            test = self._not()
            return lambda state_of: not test(state_of)
        return self._one()

    def _one(self) -> _Test:
        if self._take("("):
            test = self._or()
            if not self._take(")"):
                raise self._refused("a parenthesis is not closed")
            return test
        if not self._tokens:
            raise self._refused("it ends too early")
        token = self._tokens.pop(0)
        if token.name:
            self.names.append(token.name)
            return lambda state_of: state_of(token.name) == _STATES[token.word]
        if token.word in ("TRUE", "FALSE"):
            return lambda _: token.word == "TRUE"
        raise self._refused(f"{token.word} is not expected there")

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0] == _Token(word):
            self._tokens.pop(0)
            return True
        return False

    def _refused(self, why: str) -> UnsupportedAlarmError:
        known = "ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, AND, OR, NOT and parentheses"
        return UnsupportedAlarmError(f"rule {self._text!a}: {why}; a rule has {known}")
