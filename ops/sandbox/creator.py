"""What the table of creators is written in: how a resource type is made with boto3. Pure.

A creator names a boto3 operation. Inputs become its parameters by name and are coerced to the types of botocore's own
model; what is named otherwise is written as a template. Every input must be used, or be listed with the reason why not,
so that nothing is claimed which is not there.

A template is any JSON in which a text may hold references in braces: `{id}`, `{arn}`, `{region}`, `{account}`, or an
input or output by the name that the provider's schema gives it; `{tagPairs}` are all tags as a list of Key and Value.
A text that is one reference alone stands for the value itself, of whatever type, and a parameter whose reference has no
value is left out. A function of all values stands for what it returns, and leaves its parameter out by returning
`Missing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Template: TypeAlias = Any
Values: TypeAlias = Mapping[str, Any]

_REFERENCE: Final = re.compile(r"\{(\w+)\}")


class Missing:
    """The value of a reference that has none."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A boto3 call after the first, made only if the value called `when` is there and is not false.

    `outputs` are read from its answer, in the way of the creator's own.
    """

    operation: str
    params: Mapping[str, Template] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Creator:
    """How one resource type is made.

    `params` are templates that come before what is mapped by name. `prepare` may rewrite the inputs first, where names
    alone cannot say it. `id` and the values of `outputs` are templates if they hold a reference, else JMESPath into
    the operation's response, in which `after(text, mark)` is what follows the last mark. `tag_type` is the resource
    type in EC2's tag specifications. `dropped` tells, for an input, why moto cannot hold it. `instead` names, for an
    input, the creator that takes this one's place where the input is given.
    """

    service: str
    operation: str
    id: str
    params: Mapping[str, Template] = field(default_factory=dict)
    prepare: Callable[[Values], Mapping[str, Any]] | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    tag_type: str = ""
    then: tuple[Call, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, Creator] = field(default_factory=dict)

    def chosen(self, inputs: Values) -> Creator:
        """The creator for `inputs`: itself, or the one that takes its place."""
        return next((other for name, other in self.instead.items() if inputs.get(name)), self)

    @property
    def named(self) -> frozenset[str]:
        """The inputs that templates, calls and reasons take care of."""
        templates = [self.params, *(call.params for call in self.then)]
        used = {name for template in templates for name in references(template)}
        return frozenset(used | set(self.dropped) | {call.when for call in self.then})


def references(template: Template) -> set[str]:
    """The names that `template` refers to."""
    if isinstance(template, str):
        return set(_REFERENCE.findall(template))
    if isinstance(template, Mapping):
        return {name for item in template.values() for name in references(item)}
    if isinstance(template, Sequence):
        return {name for item in template for name in references(item)}
    return set()


def fill(template: Template, values: Values) -> Any:  # noqa: ANN401 - a template is any JSON
    """`template` with its references replaced; `Missing` where a reference that stands alone has no value."""
    if isinstance(template, str):
        return _fill_text(template, values)
    if isinstance(template, Mapping):
        filled = {key: fill(item, values) for key, item in template.items()}
        return {key: item for key, item in filled.items() if item is not Missing}
    if isinstance(template, Sequence):
        return [item for item in (fill(item, values) for item in template) if item is not Missing]
    return template(values) if callable(template) else template


def _fill_text(template: str, values: Values) -> Any:  # noqa: ANN401 - a reference stands for any value
    alone = _REFERENCE.fullmatch(template)
    if alone:
        value = values.get(alone[1])
        return Missing if value is None else value
    return _REFERENCE.sub(lambda found: str(values[found[1]]), template)
