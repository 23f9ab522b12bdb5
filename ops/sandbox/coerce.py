"""Turns a provider's property tree into the parameters of a boto3 operation, by botocore's own model of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

_TAGS: Final = ("TagSpecifications", "Tags", "tags", "TagList", "TagSet", "tagList")
_SCALARS: Final = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
}


class CoercionError(Exception):
    """An input that the operation's model has no place for."""


def parameters(shape: StructureShape | None, inputs: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """`inputs` (camelCase) as parameters of the operation whose input is `shape`.

    Raises:
        CoercionError: the model has no parameter of a name; `where` says whose.
    """
    members = _spellings(shape)
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        member = match(members, key)
        if member is None or shape is None:
            raise CoercionError(f"{where}: nothing takes the input {key!r}")
        found[member] = coerce(shape.members[member], value, where=f"{where}.{key}")
    return found


def _spellings(shape: Shape | None) -> dict[str, str]:
    return {name.lower(): name for name in shape.members} if isinstance(shape, StructureShape) else {}


def match(members: Mapping[str, str], key: str) -> str | None:
    """The member called `key`, in any case, in the singular or the plural."""
    lower = key.lower()
    for spelling in (lower, f"{lower}s", lower.removesuffix("s"), f"{lower.removesuffix('y')}ies"):
        if spelling in members:
            return members[spelling]
    return None


def coerce(shape: Shape, value: Any, *, where: str) -> Any:  # noqa: ANN401 - a parameter is any JSON
    """`value` in the type that `shape` asks for.

    Raises:
        CoercionError: a nested name that the model does not have.
    """
    if isinstance(shape, StructureShape):
        return _structure(shape, value, where)
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else [value]
        return [coerce(shape.member, item, where=where) for item in items]
    if isinstance(shape, MapShape):
        return {str(key): coerce(shape.value, item, where=where) for key, item in value.items()}
    if shape.type_name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    convert = _SCALARS.get(shape.type_name)
    if convert is str and isinstance(value, bool):
        return json.dumps(value)
    return convert(value) if convert else value


def _structure(shape: StructureShape, value: Any, where: str) -> dict[str, Any]:  # noqa: ANN401 - as above
    if isinstance(value, list):  # the schema holds a block that may stand once as a list of one
        value = value[0] if value else {}
    if not isinstance(value, Mapping):
        return {next(iter(shape.members)): value}
    exact = {key: item for key, item in value.items() if key in shape.members}
    rest = {key: item for key, item in value.items() if key not in shape.members}
    found = {key: coerce(shape.members[key], item, where=f"{where}.{key}") for key, item in exact.items()}
    return {**parameters(shape, rest, where=where), **found}


def tag_parameters(shape: StructureShape | None, tags: Mapping[str, str], tag_type: str) -> dict[str, Any]:
    """`tags` in whatever form the operation takes them; nothing if it takes none."""
    # RDS takes both forms, and `TagSpecifications` for what is made beside the resource.
    usable = _TAGS if tag_type else [name for name in _TAGS if name != "TagSpecifications"]
    name = next((name for name in usable if shape is not None and name in shape.members), None)
    if name is None or shape is None or not tags:
        return {}
    member = shape.members[name]
    if name == "TagSpecifications":
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {name: [{"ResourceType": tag_type, "Tags": pairs}]}
    if isinstance(member, MapShape):
        return {name: dict(tags)}
    if isinstance(member, StructureShape):  # a wrapper around the list, as CloudFront and Route 53 have
        return {}
    pair = list(_spellings(member.member).values()) if isinstance(member, ListShape) else []
    key_name = next(item for item in pair if item.lower().endswith("key"))
    value_name = next(item for item in pair if item.lower().endswith("value"))
    return {name: [{key_name: key, value_name: value} for key, value in tags.items()]}
