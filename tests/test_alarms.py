"""The alarms of whole cells: none is missing, each says what it means, and composites put them together."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from components.audit import cis
from components.observability import composites
from components.observability.catalog import alarms_of
from components.observability.composites import Signal
from components.observability.model import (
    Alarm,
    Comparison,
    Metric,
    Severity,
    Silence,
    Threshold,
    Treatment,
    Unit,
    Weight,
)
from components.observability.watched import Database, Fleet
from domain import sizes
from domain.alarms import PROFILES, QUIET, STEADY, STRICT
from ops.engine.project import ROOT
from ops.engine.record import Program
from settings.rules import DATABASE_SIZES
from tests.alarmable import COMPOSITE, METRIC, NEEDED, unwatched, watched_by
from tests.support import CELLS, declare, whole

_ALARM: Final = re.compile(r'ALARM\("([^"]+)"\)')


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_that_can_be_alarmed_on_goes_without(cell: str) -> None:
    assert [] == unwatched(whole(cell))


@pytest.mark.parametrize("type_", sorted(NEEDED))
def test_every_type_of_the_table_is_there_and_each_missing_alarm_is_named(type_: str) -> None:
    program = whole("us")
    assert program.of_type(type_), "a table of what nobody makes holds nothing"
    needed = {need for item in program.of_type(type_) for need in NEEDED[type_](item)}
    for alarm in program.of_type(METRIC):
        if watched_by(alarm) & needed:
            rest = tuple(item for item in program.registrations if item.urn != alarm.urn)
            assert unwatched(Program(stack="us", registrations=rest, exports={})), f"{alarm.name} is not missed"


def test_a_resource_that_nobody_watches_is_named() -> None:
    program = whole("us")
    queue = replace(program.of_type("aws:sqs/queue:Queue")[0], name="new", inputs={"name": "medical-us-use2-new"})
    grown = Program(stack="us", registrations=(*program.registrations, queue), exports={})
    assert ["new: ApproximateNumberOfMessagesVisible"] == unwatched(grown)


def test_one_place_alone_makes_an_alarm() -> None:
    """What is a value has a unit, a reason for its silence, a severity and a section."""
    made = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "components").rglob("*.py")
        if re.search(r"\bMetricAlarm\(", path.read_text(encoding="utf-8"))
    }
    assert {"components/observability/register.py"} == made


@pytest.mark.parametrize("cell", CELLS)
def test_every_message_says_how_soon_what_it_means_and_where_to_read_on(cell: str) -> None:
    program = whole(cell)
    form = re.compile(r"(page|ticket): .+\. Raised .+\. What to do: docs/runbooks/alarms\.md#[a-z-]+")
    odd = [item.name for item in program.of_type(METRIC) if not form.fullmatch(item.inputs["alarmDescription"])]
    assert [] == odd


def test_an_event_is_told_once_and_all_else_when_it_is_over_too() -> None:
    told = {item.inputs["name"]: bool(item.inputs.get("okActions")) for item in whole("us").of_type(METRIC)}
    events = {name for name, over in told.items() if not over}
    assert {f"medical-us-use2-trail-{watch.name}" for watch in cis.WATCHES} == events


def test_every_alarm_tells_its_own_sides_operations() -> None:
    program = whole("us")
    for alarm in (*program.of_type(METRIC), *program.of_type(COMPOSITE)):
        topic = f"arn:aws:sns:{program.region_of(alarm)}:"
        (raised,) = alarm.inputs["alarmActions"]
        assert raised.startswith(topic), alarm.name
        assert alarm.inputs.get("okActions", [raised]) == [raised], "an event that is over tells nothing"


def test_a_composite_names_only_alarms_of_its_own_region() -> None:
    program = whole("us")
    by_region = {
        (program.region_of(item), item.inputs.get("name") or item.inputs["alarmName"])
        for item in (*program.of_type(METRIC), *program.of_type(COMPOSITE))
    }
    for item in program.of_type(COMPOSITE):
        named = _ALARM.findall(item.inputs["alarmRule"])
        assert named
        assert {(program.region_of(item), name) for name in named} <= by_region
        assert len(set(named)) <= composites.MOST_ALARMS
        assert len(item.inputs["alarmRule"]) <= composites.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("overrides", "region"),
    [({}, "us-west-2"), ({"writer": "recovery", "recoveryGeneration": 1}, "us-west-2")],
)
def test_the_cells_composite_stands_where_it_outlives_home(overrides: dict[str, str | int], region: str) -> None:
    program = whole("us", **overrides)
    (cell,) = [item for item in program.of_type(COMPOSITE) if item.inputs["alarmName"].endswith("cell-impaired")]
    assert region == program.region_of(cell)
    assert "medical-us-usw2-failover-switch" in cell.inputs["alarmRule"]


@pytest.mark.parametrize("profile", [STRICT, QUIET])
def test_a_profile_changes_thresholds_and_neither_names_nor_what_the_design_gives(profile: str) -> None:
    steady, other = whole("us"), whole("us", alarmProfile=profile)
    before, after = (
        {
            item.inputs["name"]: (item.inputs["threshold"], item.inputs["evaluationPeriods"])
            for item in run.of_type(METRIC)
        }
        for run in (steady, other)
    )
    assert set(before) == set(after)
    changed = {name for name in before if before[name] != after[name]}
    assert {"medical-us-use2-edge-latency", "medical-us-use2-db-1-cpu", "medical-us-use2-waf-surge"} <= changed
    assert not {"medical-us-usw2-db-1-replica-lag", "medical-us-use2-trail-unauthorized-calls"} & changed


def test_a_fleet_that_cannot_grow_is_not_always_in_alarm() -> None:
    (still,) = alarms_of([Fleet(key="web", group="web", minimum=2, maximum=2)], PROFILES[STEADY])
    (grows,) = alarms_of([Fleet(key="web", group="web", minimum=2, maximum=3)], PROFILES[STEADY])
    assert (["below-desired", "disk"], ["below-desired", "at-max", "disk"]) == (
        [alarm.key for alarm in still.alarms],
        [alarm.key for alarm in grows.alarms],
    )


def test_an_instance_that_nobody_uses_says_nothing_of_its_side() -> None:
    kept = Database(
        key="db-1", identifier="db", instance_class="db.t4g.medium", storage_gib=50, replica=False, aside=True
    )
    (aside,) = alarms_of([kept], PROFILES[STEADY])
    (used,) = alarms_of([replace(kept, aside=False)], PROFILES[STEADY])
    assert {Weight.NONE} == {alarm.weight for alarm in aside.alarms}
    assert {Weight.CAUSE} == {alarm.weight for alarm in used.alarms}


def test_the_memory_of_every_class_that_the_settings_take_is_known() -> None:
    found = {
        f"{family}.{size}": sizes.database_memory_gib(f"db.{family}.{size}")
        for family, names in DATABASE_SIZES.items()
        for size in names
    }
    # Source: "Hardware specifications for DB instance classes" in the RDS user guide.
    published = {"t4g.medium": 4, "t4g.large": 8, "m7g.large": 8, "r7g.large": 16, "r6g.2xlarge": 64, "x2g.large": 32}
    assert published == {name: found[name] for name in published}
    assert 0 < sizes.database_connections("db.t4g.medium") < 4 * 1024**3 // 12_582_880
    with pytest.raises(ValueError, match=r"domain/sizes\.py"):
        sizes.database_memory_gib("db.z1d.large")


ONE: Final = Metric(namespace="AWS/SQS", name="Age", dimensions={"QueueName": "q"}, statistic="Maximum")


def alarm(**changes: object) -> Alarm:
    given = {
        "owner": "queue",
        "key": "age",
        "metrics": {"age": ONE},
        "comparison": Comparison.ABOVE,
        "threshold": Threshold(90, Unit.SECONDS),
        "breaches": 3,
        "of": 5,
        "silence": Silence(Treatment.FINE, "empty"),
        "meaning": "It waits.",
        "section": "queues",
    }
    return Alarm(**{**given, **changes})  # type: ignore[arg-type]


def test_an_alarm_says_how_grave_it_is_what_it_means_when_it_is_raised_and_where_to_read_on() -> None:
    assert "ticket: It waits. Raised above 90 s in 3 of 5 minutes. What to do: docs/runbooks/alarms.md#queues" == (
        alarm().description
    )
    hourly = {"age": replace(ONE, period=timedelta(hours=1))}
    assert "above 90 s in an hour" == alarm(metrics=hourly, breaches=1, of=1).rule
    assert alarm(severity=Severity.PAGE).description.startswith("page: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metrics": {}}, "one metric"),
        ({"metrics": {"one": ONE, "two": ONE}}, "formula"),
        ({"metrics": {"one": ONE, "two": replace(ONE, period=timedelta(hours=1))}, "formula": "one"}, "same period"),
        ({"metrics": {"one": replace(ONE, period=timedelta(seconds=30))}}, "whole minutes"),
        ({"breaches": 6}, "6 of 5"),
        ({"metrics": {"one": replace(ONE, period=timedelta(hours=5))}}, "a day at most"),
    ],
)
def test_an_alarm_that_cloudwatch_would_refuse_is_refused_here(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        alarm(**changes)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (5, Unit.PERCENT, "5 %"),
        (2.5 * 1024**3, Unit.BYTES, "2.5 GiB"),
        (1000, Unit.COUNT, "1,000"),
        (9, Unit.BYTES, "9 bytes"),
    ],
)
def test_a_threshold_reads_as_people_write_it(value: float, unit: Unit, text: str) -> None:
    assert text == str(Threshold(value, unit))


def rule_of(signals: list[Signal]) -> str:
    found: list[str] = []
    declare(lambda: composites.side_rule(signals).apply(found.append))
    return found[0]


def test_a_side_is_impaired_by_what_counts_alone_or_by_a_symptom_with_a_cause() -> None:
    signals = [
        Signal(alarm=name, weight=weight)
        for name, weight in (("a", Weight.ALONE), ("s", Weight.SYMPTOM), ("c", Weight.CAUSE))
    ]
    assert 'ALARM("a") OR ((ALARM("s")) AND (ALARM("c")))' == rule_of(signals)
    assert 'ALARM("a")' == rule_of(signals[:2]), "without a cause a symptom says nothing"
    with pytest.raises(ValueError, match="ALONE"):
        rule_of(signals[1:])
    with pytest.raises(ValueError, match="101 signals"):
        rule_of(signals[:1] * 101)


def test_only_what_says_something_of_a_side_counts_against_the_most_of_a_composite() -> None:
    silent = [Signal(alarm=f"silent-{place}", weight=Weight.NONE) for place in range(composites.MOST_ALARMS)]
    speaking = [Signal(alarm=f"alone-{place}", weight=Weight.ALONE) for place in range(composites.MOST_ALARMS)]
    found: list[str] = []
    declare(lambda: composites.side_rule([*speaking, *silent]).apply(found.append))
    assert composites.MOST_ALARMS == found[0].count("ALARM(")
    assert "silent" not in found[0]
    with pytest.raises(ValueError, match="101 signals: a composite alarm takes 100 at most"):
        composites.side_rule([*speaking, Signal(alarm="one-more", weight=Weight.CAUSE), *silent])
