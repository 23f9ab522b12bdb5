"""What a cell costs a month: the table of prices, the meters, and the command."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

import settings
from components.messaging.messaging import JOURNEYS
from domain.regions import REGIONS
from ops.cost import prices, work
from ops.cost.bill import Bill, build
from ops.cost.meters import FREE, METERS
from ops.cost.meters.compute import GROUP
from ops.cost.prices import DERIVED, UnknownPriceError
from ops.cost.usage import INSTANCE_POLL, Usage, usage
from ops.engine import project
from ops.engine.record import Program
from service.journeys.listener import PAUSE_SECONDS
from service.queues import WAIT_SECONDS
from tests.support import CELLS, whole

USD_GOAL = 950  # for the default us cell with both sides warm and watched
HOURS = 730
IDLE = Usage(requests=0, uploads=0, upload_kib=1, upload_pages=0, stored_gib=0, database_gib=50)


def bill(cell: str = "us", /, **overrides: bool | str) -> Bill:
    stack = project.load(cell, overrides=overrides)
    return build(whole(cell, **overrides), usage(settings.load(cell, stack.stated)))


@pytest.mark.parametrize("cell", CELLS)
def test_every_type_that_a_cell_registers_is_priced_or_known_to_be_free(cell: str) -> None:
    assert () == bill(cell).unpriced


def test_a_type_that_nobody_priced_is_told_and_makes_the_total_a_least() -> None:
    program = whole("us")
    unknown = replace(program.of_type("aws:lb/loadBalancer:LoadBalancer")[0], type="aws:mq/broker:Broker")
    found = build(Program(stack="us", registrations=(*program.registrations, unknown), exports={}), IDLE)
    assert ("nothing is known of what a aws:mq/broker:Broker costs",) == found.unpriced
    assert not found.as_json()["complete"]


def test_no_type_is_both_priced_and_free() -> None:
    assert [] == [type_ for type_ in METERS if FREE.fullmatch(type_)]


def test_the_default_us_cell_stays_below_its_goal() -> None:
    assert bill().total < USD_GOAL


@pytest.mark.parametrize("cell", CELLS)
def test_the_default_budget_is_above_what_each_shipped_cell_is_reckoned_to_cost(cell: str) -> None:
    assert bill(cell).total < settings.load(cell, project.load(cell).stated).budget_usd


def test_an_idle_cell_costs_what_stands_and_nothing_for_use() -> None:
    idle, used = build(whole("us"), IDLE), bill()
    assert idle.total < used.total
    assert 0 == sum(line.usd for line in idle.lines if line.price.id in {"textract.forms", "s3.standard", "alb.lcu"})


def test_two_nat_gateways_more_a_side_cost_four_times_their_hours_and_addresses() -> None:
    price = prices.table().price("nat.hour", "us-east-2").usd + prices.table().price("address.hour", "us-east-2").usd
    traffic = 4 * 5 * prices.table().price("nat.gib", "us-east-2").usd
    alarms = 4 * 2 * prices.table().price("alarm.metric", "us-east-2").usd
    assert bill().total + 4 * HOURS * price + traffic + alarms == pytest.approx(bill("us", natPerAz=True).total)


def test_each_endpoint_is_paid_in_every_zone() -> None:
    endpoints = [line for line in bill().lines if line.price.id == "endpoint.hour" and line.side == "home"]
    assert {3.0 * HOURS} == {line.quantity for line in endpoints}


def test_a_database_in_two_zones_costs_twice_one_in_one() -> None:
    home, recovery = (
        [
            line
            for line in bill().lines
            if line.service == "database" and line.side == side and line.price.unit == "hour"
        ]
        for side in ("home", "recovery")
    )
    assert [2 * line.usd for line in recovery] == [line.usd for line in home]


def test_a_replica_is_as_large_as_its_source() -> None:
    sizes = {line.side: line.quantity for line in bill().lines if line.price.id == "rds.gp3"}
    assert {"home": 100, "recovery": 50} == sizes


def test_a_cell_of_one_side_has_no_recovery_to_pay_for() -> None:
    alone = bill("us", posture="backup-only", recoveryRegion="none", recoveryCidr="none")
    assert {"home", "cell"} == {line.side for line in alone.lines}
    assert alone.total < bill().total


def test_where_no_text_is_read_no_pages_are_paid() -> None:
    assert [] == [line for line in bill("apac").lines if line.price.id.startswith("textract")]
    assert [] != [line for line in bill("us").lines if line.price.id.startswith("textract")]


@pytest.mark.parametrize("cell", CELLS)
def test_every_queue_that_somebody_works_off_is_paid_by_the_call_though_it_be_empty(cell: str) -> None:
    program = whole(cell)
    asked = {line.resource: line for line in bill(cell).lines if line.price.id == "sqs.request"}
    mapped = {item.name for item in program.of_type("aws:lambda/eventSourceMapping:EventSourceMapping")}
    journeys = {f"home-messaging-{journey}" for journey in JOURNEYS}
    assert mapped | journeys == set(asked), "and no dead letters, and nobody works operations' queue off"
    idle = [line for line in build(program, IDLE).lines if line.price.id == "sqs.request"]
    assert sum(line.usd for line in idle) == pytest.approx(sum(line.usd for line in asked.values()))


def test_queues_are_asked_as_often_as_the_service_and_lambda_ask() -> None:
    assert INSTANCE_POLL.value == WAIT_SECONDS + PAUSE_SECONDS
    (group,) = [item for item in whole("us").of_type(GROUP) if item.name.startswith("home-")]
    month = HOURS * 3600
    asked = {line.resource: line.quantity for line in bill().lines if line.price.id == "sqs.request"}
    assert int(group.inputs["minSize"]) * month / 11 == pytest.approx(asked["home-messaging-payments"])
    assert 5 * month / 20 == pytest.approx(asked["recovery-documents-convert"])


def test_each_region_that_a_side_may_live_in_has_its_prices() -> None:
    table = prices.table()
    assert [] == [name for name in REGIONS if table.price("ec2.t4g.small", name).usd <= 0]


def test_a_size_costs_twice_the_one_below() -> None:
    small, medium = (prices.table().price(f"ec2.t4g.{size}", "us-east-2").usd for size in ("small", "medium"))
    assert 2 * small == pytest.approx(medium)


def test_a_price_of_another_region_says_that_it_is_derived() -> None:
    here, there = (prices.table().price("alb.hour", name) for name in ("us-east-2", "eu-central-1"))
    assert ("published", DERIVED) == (here.confidence, there.confidence)
    assert here.usd < there.usd
    assert "published" == prices.table().price("kms.key", "eu-central-1").confidence, "the same everywhere"


@pytest.mark.parametrize("unknown", ["ec2.x9z.large", "ec2.t4g.tiny", "gold"])
def test_what_the_table_lacks_is_said(unknown: str) -> None:
    with pytest.raises(UnknownPriceError, match="add a row to prices"):
        prices.table().price(unknown, "us-east-2")


def test_every_price_names_a_source_that_is_listed() -> None:
    table = prices.table()
    assert set(table.sources) >= {row[2] for row in table.prices.values()}
    assert set(table.prices) >= set(table.regional) | table.everywhere


def test_every_price_is_the_price_of_something_that_a_cell_can_have() -> None:
    source = "".join(path.read_text() for path in Path("ops/cost/meters").glob("*.py"))
    families = ("ec2.", "rds.", "cache.")
    assert [] == [id_ for id_ in prices.table().prices if f'"{id_}"' not in source and not id_.startswith(families)]


def answer(*texts: str, budget: float | None = None) -> tuple[int, dict[str, object]]:
    out = io.StringIO()
    status = work.run(work.Options(cell="us", as_json=True, settings=texts, budget=budget), out)
    return status, json.loads(out.getvalue())


def test_the_command_tells_what_is_cheaper_and_what_it_gives_up() -> None:
    status, found = answer(budget=100)
    assert work.OVER == status, "a month costs more than 100"
    advice = found["advice"]
    assert isinstance(advice, list)
    assert advice
    assert all(item["saves"] > 0 and item["gives_up"] for item in advice)
    assert sorted((item["saves"] for item in advice), reverse=True) == [item["saves"] for item in advice]
    assert "databaseClass" not in {item["setting"] for item in advice}, "db.t4g.small is refused, so it is no advice"
