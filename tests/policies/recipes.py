"""Recipes that break one thing in a stack that passes: what each rule must then find, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final

from ops.preview import findings
from policies.model import Resource, View
from policies.values import UNKNOWN
from tests.support import whole

TODAY: Final = date(2026, 11, 22)
Recipe = Callable[[View], View]


@cache
def passing(cell: str = "us", **overrides: str | bool | int) -> View:
    """The resources of a shipped cell, which break nothing; shared, for a recipe leaves the view it is given alone."""
    return findings.view(whole(cell, **overrides), TODAY)


@dataclass(frozen=True)
class Change:
    """Gives the first resource of a type (whose name holds `name`) another value at a path; `...` takes it away."""

    type: str
    path: str
    value: Any
    name: str = ""

    def __call__(self, view: View) -> View:
        """The view, so broken."""
        return self._with(view, self.value)

    def unknown(self, view: View) -> View:
        """The view with that value not known."""
        return self._with(view, UNKNOWN)

    def _with(self, view: View, value: Any) -> View:  # noqa: ANN401 - a property tree is any JSON
        target = next(item for item in view.of(self.type) if self.name in item.name)
        inputs = _put(target.inputs, self.path.split("."), value)
        return _swap(view, target, replace(target, inputs=inputs))


@dataclass(frozen=True)
class Drop:
    """Leaves out the first resource of a type (whose name holds `name`)."""

    type: str
    name: str = ""

    def __call__(self, view: View) -> View:
        """The view without it."""
        target = next(item for item in view.of(self.type) if self.name in item.name)
        return replace(view, resources=tuple(item for item in view.resources if item is not target))


@dataclass(frozen=True)
class Add:
    """Adds a resource in the region of the cell's home."""

    type: str
    inputs: Mapping[str, Any]

    def __call__(self, view: View) -> View:
        """The view with it."""
        provider = next(item for item in view.of("pulumi:providers:aws") if item.name == "home")
        added = Resource(
            urn=f"urn:pulumi:us::medical-platform::{self.type}::added",
            type=self.type,
            name="added",
            inputs=self.inputs,
            region=provider.inputs["region"],
            provider=provider.urn,
            protect=True,
        )
        return replace(view, resources=(*view.resources, added))


@dataclass(frozen=True)
class State:
    """Changes a statement of the first policy of a type (whose name holds `name`): its first one."""

    type: str
    changes: Mapping[str, Any]
    key: str = "policy"
    name: str = ""
    sid: str = ""

    def __call__(self, view: View) -> View:
        """The view with that statement."""
        for target in (item for item in view.of(self.type) if self.name in item.name and self.key in item.inputs):
            document = json.loads(target.inputs[self.key])
            statement = next((one for one in document["Statement"] if self.sid in one.get("Sid", "")), None)
            if statement is None:
                continue
            statement.update(self.changes)
            for key in [key for key, value in statement.items() if value is ...]:
                del statement[key]
            return _swap(view, target, replace(target, inputs={**target.inputs, self.key: json.dumps(document)}))
        raise AssertionError(f"no {self.type} {self.name} has a statement {self.sid}")


@dataclass(frozen=True)
class Field:
    """Changes what is known of the first resource of a type, beside its inputs: `protect`, `provider` or `marked`."""

    type: str
    changes: Mapping[str, Any]

    def __call__(self, view: View) -> View:
        """The view with it so changed."""
        target = next(view.of(self.type))
        return _swap(view, target, replace(target, **self.changes))


@dataclass(frozen=True)
class Parameter:
    """Gives a parameter of the first parameter group another value."""

    type: str
    name: str
    value: str

    def __call__(self, view: View) -> View:
        """The view with that value."""
        target = next(view.of(self.type))
        kept = [one for one in target.inputs["parameters"] if one["name"] != self.name]
        assert len(kept) + 1 == len(target.inputs["parameters"])
        return Change(self.type, "parameters", [*kept, {"name": self.name, "value": self.value}])(view)


@dataclass(frozen=True)
class Leak:
    """Copies a secret of the first resource of a type into a plain input of another."""

    type: str
    key: str
    into: Change

    def __call__(self, view: View) -> View:
        """The view in which it stands twice."""
        value = next(item.inputs[self.key] for item in view.of(self.type) if self.key in item.marked)
        return replace(self.into, value=f"mysql://{value}")(view)


def _swap(view: View, old: Resource, new: Resource) -> View:
    return replace(view, resources=tuple(new if item is old else item for item in view.resources))


def _put(value: Any, path: list[str], new: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` with `new` at `path`; a number in the path is a place in a list."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        place = int(key)
        return [*value[:place], _put(value[place], rest, new), *value[place + 1 :]]
    tree = dict(value or {})
    if new is ... and not rest:
        tree.pop(key, None)
        return tree
    return {**tree, key: _put(tree.get(key), rest, new)}


def each_unknown(view: View) -> Iterator[Resource]:
    """Each resource of `view` with no input known."""
    for item in view.resources:
        yield replace(item, inputs=dict.fromkeys(item.inputs, UNKNOWN))
