"""Patterns of metric filters, as far as the program uses them: those of JSON lines, in braces. Pure.

Comparisons of a selector (`$.a.b[0]`) with a text, in which `*` stands for anything, or with a number; EXISTS and IS;
`&&`, which binds closer than `||`, and brackets. Whatever else CloudWatch Logs knows is refused. Source: "Filter
pattern syntax for metric filters" in its user guide, read November 2026. Not told there, so an assumption: of a field
that a line does not have, `!=` is true and every other comparison is false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

Test: TypeAlias = Callable[[Any], bool]
"""Whether a line, read as JSON, matches."""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<mark>&&|\|\||!=|>=|<=|[=<>(){}])|"(?P<quoted>[^"]*)"|(?P<word>[^\s=<>!(){}&|"]+))""", re.ASCII
)
_STEP: Final = re.compile(r"\.(?P<name>[A-Za-z0-9_-]+)|\[(?P<place>\d+)\]", re.ASCII)
_SELECTOR: Final = re.compile(rf"\$(?:{_STEP.pattern.replace('?P<name>', '').replace('?P<place>', '')})+", re.ASCII)
_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = MappingProxyType(
    {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
)
_STATES: Final[Mapping[str, Any]] = MappingProxyType({"NULL": None, "TRUE": True, "FALSE": False})
_NOWHERE: Final = object()
_QUOTED, _END = "quoted", ""


class PatternError(ValueError):
    """A pattern that the local cloud cannot read; the message says where and what it can."""


@cache
def parse(pattern: str) -> Test:
    """What `pattern` asks of a line.

    Raises:
        PatternError: it has something that is not read here.
    """
    reader = _Reader(pattern)
    reader.expect("{")
    test = reader.either()
    reader.expect("}")
    reader.expect(_END)
    return test


class _Reader:
    """Reads a pattern from left to right, a token at a time."""

    def __init__(self, pattern: str) -> None:
        """Cut the pattern into tokens: what kind, and the text."""
        self._pattern = pattern
        self._tokens: list[tuple[str, str]] = []
        place, rest = 0, pattern.rstrip()
        while place < len(rest):
            found = _TOKEN.match(rest, place)
            if not found:
                raise self._refused(rest[place:])
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            place = found.end()
        self._tokens.append((_END, _END))
        self._place = 0

    def either(self) -> Test:
        """Tests of which one must hold."""
        tests = [self._all()]
        while self._took("||"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda line: any(test(line) for test in tests)

    def expect(self, text: str) -> None:
        """Take `text`, or refuse the pattern."""
        if not self._took(text):
            raise self._refused(self._tokens[self._place][1])

    def _all(self) -> Test:
        tests = [self._one()]
        while self._took("&&"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda line: all(test(line) for test in tests)

    def _one(self) -> Test:
        if self._took("("):
            test = self.either()
            self.expect(")")
            return test
        find = _finder(self._word(_SELECTOR))
        if self._took("NOT"):
            self.expect("EXISTS")
            return lambda line: find(line) is _NOWHERE
        if self._took("EXISTS"):
            return lambda line: find(line) is not _NOWHERE
        if self._took("IS"):
            state = _STATES[self._word(re.compile("|".join(_STATES)))]
            return lambda line: find(line) is state
        return self._comparison(find)

    def _comparison(self, find: Callable[[Any], Any]) -> Test:
        sign = self._next()[1]
        kind, text = self._next()
        if sign in _ORDERS:
            bound, order = self._number(text), _ORDERS[sign]
            return lambda line: _is_number(found := find(line)) and order(found, bound)
        if sign not in ("=", "!=") or kind not in ("word", _QUOTED):
            raise self._refused(f"{sign} {text}")
        same = _equal(text, quoted=kind == _QUOTED)
        return (lambda line: same(find(line))) if sign == "=" else (lambda line: not same(find(line)))

    def _word(self, form: re.Pattern[str]) -> str:
        _, text = self._next()
        if not form.fullmatch(text):
            raise self._refused(text)
        return text

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise self._refused(text) from None

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _took(self, text: str) -> bool:
        kind, found = self._tokens[self._place]
        taken = found == text and kind != _QUOTED
        if taken:
            self._next()
        return taken

    def _refused(self, what: str) -> PatternError:
        where = f"at {what[:40]!a}" if what else "at its end"
        return PatternError(
            f"pattern {self._pattern!a} cannot be read {where}: the local cloud knows JSON patterns in braces, such as "
            '{ ($.a = "b*") && ($.c NOT EXISTS) }'
        )


def _finder(selector: str) -> Callable[[Any], Any]:
    steps = [found["name"] or int(found["place"]) for found in _STEP.finditer(selector)]

    def find(line: Any) -> Any:  # noqa: ANN401 - any JSON
        found = line
        for step in steps:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return _NOWHERE
        return found

    return find


def _equal(text: str, *, quoted: bool) -> Callable[[Any], bool]:
    """Whether a value is `text`: a number by its value unless `text` is in quotes, anything else as it is written."""
    form = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL) if "*" in text else None
    number = None if quoted else _as_number(text)

    def same(found: Any) -> bool:  # noqa: ANN401 - any JSON
        if number is not None and _is_number(found):
            return bool(found == number)
        written = _written(found)
        if written is None or form is None:
            return written == text
        return form.fullmatch(written) is not None

    return same


def _written(found: Any) -> str | None:  # noqa: ANN401 - any JSON
    """A value as a pattern writes it; None of what no pattern compares with: nothing, objects and lists."""
    if isinstance(found, str):
        return found
    if isinstance(found, bool):
        return str(found).lower()
    return f"{found:g}" if _is_number(found) else None


def _is_number(found: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(found, int | float) and not isinstance(found, bool)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
