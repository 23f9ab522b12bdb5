"""Values that may be unknown, and how to ask them something without being wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN


def is_unknown(value: object) -> bool:
    """Whether `value` is not known, wholly."""
    return value is UNKNOWN


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """The value at `path` below `value`: None where there is none, UNKNOWN if something on the way is."""
    for name in path.split("."):
        if is_unknown(value):
            return UNKNOWN
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def differs(value: Any, *allowed: object) -> bool:  # noqa: ANN401 - as above
    """Whether `value` is certainly none of `allowed`; what is absent is None."""
    if is_unknown(value):
        return False
    return all(not _same(value, item) for item in allowed)


def _same(one: object, other: object) -> bool:
    """Equality, with the texts that providers write for booleans and numbers."""
    if isinstance(other, bool):
        return one is other or one == str(other).lower()
    if isinstance(other, int) and isinstance(one, str):
        return one == str(other)
    return one == other and not isinstance(one, bool)


def on(value: Any) -> bool:  # noqa: ANN401 - as above
    """Whether `value` is certainly there and certainly not false."""
    return not is_unknown(value) and value is not None and str(value).lower() != "false"


def off(value: Any) -> bool:  # noqa: ANN401 - as above
    """Whether `value` is certainly false, or absent."""
    return not is_unknown(value) and not on(value)


def each(value: Any) -> Iterator[Any]:  # noqa: ANN401 - as above
    """The members of a list, or the one value; what is unknown or absent is left out."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (item for item in value if item is not None and not is_unknown(item))
    elif value is not None and not is_unknown(value):
        yield value


def below(value: Any, least: int) -> bool:  # noqa: ANN401 - as above
    """Whether `value` is certainly a number under `least`, or absent."""
    if is_unknown(value):
        return False
    try:
        return value is None or float(value) < least
    except (TypeError, ValueError):
        return False  # a reference that is filled in later


def complete(value: Any) -> bool:  # noqa: ANN401 - as above
    """Whether nothing in `value` is unknown."""
    if isinstance(value, Mapping):
        return all(complete(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(complete(item) for item in value)
    return not is_unknown(value)


def every(value: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - as above
    """The values at `path`, through every list on the way: None for one that is absent, UNKNOWN for one not known."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from every(item, path)
    elif is_unknown(value) or not path:
        yield value
    else:
        name, _, rest = path.partition(".")
        yield from every(value.get(name) if isinstance(value, Mapping) else None, rest)


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    """Every text in a tree, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from texts(item)


def denied(value: Any) -> bool:  # noqa: ANN401 - as above
    """Whether `value` is there and certainly false: for what is true where nothing is said."""
    return value is not None and off(value)
