"""What the program tells the service, read by the service itself: each stack's user data through its own parser."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from service import config
from service.rules import ConfigError
from tests.support import CELLS, told, whole

SIDES: Final = ("home", "recovery")
FREE: Final = ("topics",)  # the one table whose keys are the user's


def as_aws_answers(value: Any) -> Any:  # noqa: ANN401 - JSON, of any form
    """`value` with the engine's readable marks as what AWS would give: the parser rightly takes no mark for a host."""
    if isinstance(value, dict):
        return {key: as_aws_answers(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    return re.sub(r":(secret|topic)/", lambda kind: {"secret": ":secret:", "topic": ":"}[kind[1]], _host(value))


def _host(text: str) -> str:
    return re.sub(r"\$\{[\w.-]+\}", "store.example", text)


def document(cell: str, side: str) -> dict[str, Any]:
    """The configuration that the instances of a side are given."""
    program = whole(cell)
    (template,) = [
        item for item in program.of_type("aws:ec2/launchTemplate:LaunchTemplate") if item.name.startswith(f"{side}-")
    ]
    return dict(as_aws_answers(told(template.inputs["userData"])))


def tables(value: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all tables in a document, its own (empty) first."""
    yield path
    for key, item in value.items():
        if isinstance(item, dict):
            yield from tables(item, (*path, key))


def at(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("cell", CELLS)
def test_the_service_takes_what_each_side_of_each_stack_tells_it(cell: str, side: str) -> None:
    settings = whole(cell).by_urn()
    region = next(item.inputs["region"] for item in settings.values() if item.name == side and "region" in item.inputs)
    found = config.parse(document(cell, side))
    assert (cell, side, region) == (found.cell, found.side, found.region)
    assert found.database.authority.is_file()
    assert region == found.database.authority.stem
    assert {"payments", "appointments", "prescriptions", "consultations"} == set(found.topics)


@pytest.mark.parametrize("side", SIDES)
def test_a_key_too_many_or_too_few_anywhere_would_be_refused(side: str) -> None:
    whole = document("us", side)
    for path in tables(whole):
        if path == FREE:
            continue
        more = copy.deepcopy(whole)
        at(more, path)["another"] = "value"
        with pytest.raises(ConfigError, match="another is not a key"):
            config.parse(more)
        for key in at(whole, path):
            fewer = copy.deepcopy(whole)
            del at(fewer, path)[key]
            with pytest.raises(ConfigError, match=rf"{key} is missing"):
                config.parse(fewer)
