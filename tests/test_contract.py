"""What the program and the service agree on, though the service is packed alone.

A stack's user data is read by the service's own parser, and what both say of a drill's markers is compared.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from domain import drills
from domain import markers as of_drills
from ops.engine.record import reveal
from service import config, metrics, rows
from service import markers as of_service
from service.rules import ConfigError
from tests.alarmable import METRIC, metrics_of
from tests.support import ACCOUNT, CELLS, told, whole

SIDES: Final = ("home", "recovery")
FREE: Final = (("topics",), ("queues",))  # the tables whose keys are the user's


def as_aws_answers(value: Any) -> Any:  # noqa: ANN401 - JSON, of any form
    """`value` with the engine's readable marks as what AWS would give: the parser rightly takes no mark for a host."""
    if isinstance(value, dict):
        return {key: as_aws_answers(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    return re.sub(r":(secret|topic|queue)/", lambda kind: ":secret:" if kind[1] == "secret" else ":", _host(value))


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
    assert {"payments", "appointments", "prescriptions", "consultations"} == set(found.topics) == set(found.queues)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("cell", CELLS)
def test_each_side_answers_the_drills_of_its_own_cell_and_asks_the_sts_of_its_own_two_regions(
    cell: str, side: str
) -> None:
    program = whole(cell)
    regions = {item.name: item.inputs["region"] for item in program.of_type("pulumi:providers:aws")}
    (role,) = [item for item in program.of_type("aws:iam/role:Role") if item.name == "global-drill"]
    found = config.parse(document(cell, side)).drill
    assert found is not None
    assert (ACCOUNT, role.inputs["name"]) == (found.account_id, found.role_name)
    assert role.inputs["name"] == drills.role_name(cell)
    assert regions[side] == found.regions[0], "its own region's first"
    assert set(regions.values()) == set(found.regions)


@pytest.mark.parametrize("side", SIDES)
def test_the_outboxes_alarm_watches_what_the_service_sends(side: str) -> None:
    found = config.parse(document("us", side))
    (alarm,) = [item for item in whole("us").of_type(METRIC) if item.name == f"{side}-alarms-outbox-age"]
    (watched,) = metrics_of(reveal(alarm.inputs))
    assert (metrics.NAMESPACE, metrics.OUTBOX_AGE) == (watched["namespace"], watched["metricName"])
    assert {"Cell": found.cell, "Side": found.side} == watched["dimensions"], "as service/__main__.py puts them"


def test_a_marker_is_the_same_for_the_service_and_for_the_drill() -> None:
    assert of_drills.PATH == of_service.PATH
    assert of_drills.TABLE == rows.TABLE
    assert of_drills.PREFIX == of_service.PREFIX
    assert of_drills.MOST_BYTES == of_service.MOST_BYTES
    assert of_drills.MOST_NUMBER == of_service.MOST_NUMBER
    assert of_drills.RUN.pattern == of_service.RUN.pattern
    for run, number in (("failover-2026-11-22", 1), ("r", of_drills.MOST_NUMBER)):
        text = of_drills.content(run, number)
        assert text == of_service.content(run, number)
        assert of_drills.checksum(text) == of_service.checksum(text.encode())
        assert of_drills.object_key(run, number) == of_service.object_key(run, number)
        assert of_drills.path(run, number) == f"{of_service.PATH}/{run}/{number}"


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("999999", 999_999), ("1000000", None), ("0", None)])
def test_both_take_the_same_numbers(text: str, number: int | None) -> None:
    assert number == of_service.number_in(text)
    if number is None:
        with pytest.raises(ValueError, match="out of range"):
            of_drills.path("run", int(text))
    else:
        assert of_drills.path("run", number).endswith(f"/{text}")


@pytest.mark.parametrize("side", SIDES)
def test_a_key_too_many_or_too_few_anywhere_would_be_refused(side: str) -> None:
    whole = document("us", side)
    for path in tables(whole):
        if path in FREE:
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
