"""The difference between two previews. Pure.

Two previews of one cell are compared exactly. Two cells are compared after what differs by design is replaced by words
that they share (`tokens`). A secret is compared by being there, never by its value.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.preview.model import Preview, Resource
from ops.preview.tokens import Tokens

ABSENT: Final = "(absent)"
_ENCODED: Final = ("userData", "userDataBase64")
_STACK: Final = "::pulumi:pulumi:Stack::"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property that differs: its path, and both values as each preview has them."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A resource that both have, and in what it differs."""

    resource: Resource
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What `after` has that `before` has not, the reverse, and what both have in different form."""

    before: Preview
    after: Preview
    added: tuple[Resource, ...]
    removed: tuple[Resource, ...]
    changed: tuple[Changed, ...]
    outputs: tuple[Change, ...]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.removed or self.changed or self.outputs)


@dataclass(frozen=True)
class _Reading:
    """How one preview is read for comparison: exactly, or in shared words."""

    preview: Preview
    identity: Callable[[Resource], str]
    name: Callable[[str], str]
    text: Callable[[str], str]


def compare(before: Preview, after: Preview) -> Difference:
    """What lies between `before` and `after`."""
    exact = before.cell == after.cell
    old, new = (_exact(item) if exact else _shared(item) for item in (before, after))
    olds = {old.identity(item): item for item in before.resources}
    news = {new.identity(item): item for item in after.resources}
    both = sorted(olds.keys() & news.keys())
    found = ((news[key], _changes(_facts(olds[key], old), _facts(news[key], new))) for key in both)
    return Difference(
        before=before,
        after=after,
        added=tuple(news[key] for key in sorted(news.keys() - olds.keys())),
        removed=tuple(olds[key] for key in sorted(olds.keys() - news.keys())),
        changed=tuple(Changed(resource=item, changes=changes) for item, changes in found if changes),
        outputs=_changes(dict(_flat("", before.outputs, old)), dict(_flat("", after.outputs, new))),
    )


def _exact(preview: Preview) -> _Reading:
    return _Reading(preview, lambda item: item.urn, str, str)


def _shared(preview: Preview) -> _Reading:
    tokens = Tokens(preview)
    return _Reading(preview, lambda item: f"{item.type}::{tokens.name(item.name)}", tokens.name, tokens.text)


_Facts = dict[str, tuple[Any, Any]]  # path: (the value as it is, the value as it is compared)


def _changes(old: _Facts, new: _Facts) -> tuple[Change, ...]:
    absent = (ABSENT, ABSENT)
    paths = sorted((old.keys() | new.keys()) - {""})  # what has no properties has nothing that came or went
    pairs = ((path, old.get(path, absent), new.get(path, absent)) for path in paths)
    return tuple(
        Change(path=path, before=before[0], after=after[0])
        for path, before, after in pairs
        if before[1] != after[1] and before[0] != after[0]
    )


def _facts(item: Resource, reading: _Reading) -> _Facts:
    options = {
        "opts.side": item.side,
        "opts.region": item.region,
        "opts.key": item.key,
        "opts.protect": item.protect,
        "opts.ignoreChanges": list(item.ignore_changes),
    }
    compared = {key: (value, _compared(value, reading)) for key, value in options.items()}
    parent = "" if _STACK in item.parent else _name(item.parent)
    compared["opts.parent"] = (parent, reading.name(parent))
    needed = [_short(urn) for urn in item.dependencies], sorted(_dependency(urn, reading) for urn in item.dependencies)
    return {**compared, "opts.dependencies": needed, **dict(_flat("", item.inputs, reading))}


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _dependency(urn: str, reading: _Reading) -> str:
    return f"{_kind(urn)}::{reading.name(_name(urn))}"


def _short(urn: str) -> str:
    return f"{_kind(urn)}::{_name(urn)}"


def _kind(urn: str) -> str:
    return urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]


def _flat(path: str, value: Any, reading: _Reading) -> Iterator[tuple[str, tuple[Any, Any]]]:  # noqa: ANN401 - any JSON
    """Each leaf of `value` by its path. JSON in a text is opened; a list of plain values is one leaf."""
    opened = _opened(path, value)
    if isinstance(opened, Mapping) and opened:
        for key, item in opened.items():
            name = reading.text(str(key))
            yield from _flat(f"{path}.{name}" if path else name, item, reading)
    elif isinstance(opened, list) and any(isinstance(item, (Mapping, list)) for item in opened):
        for place, item in enumerate(opened):
            yield from _flat(f"{path}[{place}]", item, reading)
    else:
        yield path, (opened, _compared(opened, reading))


def _opened(path: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(value, str):
        return value
    if path.endswith(_ENCODED):
        try:
            return base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return value
    if value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _compared(value: Any, reading: _Reading) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return reading.text(value)
    return [_compared(item, reading) for item in value] if isinstance(value, list) else value
