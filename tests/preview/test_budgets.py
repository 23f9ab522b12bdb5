"""The time budgets in a preview."""

from __future__ import annotations

import io
from typing import Any, Final

import pytest
from rich.console import Console

from domain.budget import STEP_SECONDS
from ops.engine import project
from ops.preview import budgets
from settings import SettingsError

MISSED: Final = "missed: draining is the largest term"


def found(**overrides: str) -> dict[str, Any]:
    return budgets.of(project.load("us", overrides=overrides))


def printed(values: dict[str, Any]) -> str:
    out = io.StringIO()
    Console(file=out, width=200, color_system=None).print(budgets.table(values))
    return out.getvalue()


def test_every_term_is_printed_with_its_seconds_and_its_source() -> None:
    values = found()
    lines = printed(values).splitlines()
    for name in ("reads", "writes", "data_loss"):
        for term in values[name]["terms"]:
            ends = (f" {term['name']} ", f" {term['seconds']} ", term["source"])
            assert any(all(words in line for words in ends) for line in lines), term


def test_the_total_stands_beside_its_target() -> None:
    text = printed(found())
    for words in ("150  ########################  target 150 s, met", "810", "target 900 s, met", "target 300 s, met"):
        assert words in text


def test_a_bar_begins_where_the_one_before_it_ended() -> None:
    bars = [line for line in printed(found()).splitlines() if "#" in line][:3]
    ends = [line.rindex("#") + 1 for line in bars]
    assert ends[:-1] == [line.index("#") for line in bars[1:]]


def test_a_missed_target_names_the_largest_term() -> None:
    values = found()
    assert MISSED not in printed(values)
    reads = {**values["reads"], "met": False, "largest": "draining"}
    assert MISSED in printed({**values, "reads": reads})


def test_objects_have_a_bound_of_their_own_and_no_target() -> None:
    (line,) = [line for line in printed(found()).splitlines() if line.startswith("objects lost")]
    assert "900" in line
    assert "no target" in line


def test_a_cell_that_is_failed_over_is_told_that_no_sum_holds() -> None:
    assert "none holds now" not in printed(found())
    assert "none holds now" in printed(found(writer="recovery"))


def test_machines_get_the_steps_time_outs_too() -> None:
    values = {term["name"]: term["seconds"] for term in found()["writes"]["terms"]}
    assert STEP_SECONDS.items() <= values.items()


def test_a_refused_configuration_has_no_budgets() -> None:
    with pytest.raises(SettingsError, match="healthCheckSeconds 10"):
        found(healthCheckSeconds="30")
