"""Canaries over time, on the small cell: as the program declares them, walked by their own code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Literal

import pytest
from botocore.exceptions import ClientError

from components.observability.composites import MOST_ALARMS
from domain import canaries
from domain.objectives import JOURNEYS
from ops.engine.record import Registration, reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.physics.canaries import calls
from ops.sandbox.physics.canaries.canaries import Canaries as Law
from ops.sandbox.physics.monitoring.metrics import Metrics
from tests.alarmable import METRIC
from tests.physics.test_application import Served
from tests.small_cell import small_cell
from tests.support import ACCOUNT, HOME, RECOVERY, whole

CANARY: Final = "aws:synthetics/canary:Canary"
PERIOD: Final = timedelta(minutes=15).total_seconds()
PLACES: Final = {"home": (HOME, "use2"), "recovery": (RECOVERY, "usw2")}


class Walked(Served):
    """The small cell with the canaries and alarms that cell us has, and time that passes."""

    def __init__(self, small: Any) -> None:  # noqa: ANN401 - the small cell
        """Make them, well, with whoever hears of an alarm."""
        super().__init__(small)
        program, cloud = whole("us"), Cloud()
        for provider in program.of_type("pulumi:providers:aws"):
            cloud.create(provider)
        for item in program.of_type(CANARY):
            cloud.create(self._at_its_own_door(item))
        for item in program.of_type(METRIC):
            if item.inputs.get("namespace") == canaries.NAMESPACE:
                topic = (
                    f"arn:aws:sns:{program.region_of(item)}:{ACCOUNT}:medical-us-{item.inputs['name'].split('-')[2]}"
                )
                actions = {"alarmActions": [f"{topic}-operations"], "okActions": [f"{topic}-operations"]}
                cloud.create(replace(item, inputs={**reveal(item.inputs), **actions}))
        self.queues = {side: self._listen(side) for side in PLACES}
        for side, (region, place) in PLACES.items():
            rule = " OR ".join(f'ALARM("medical-us-{place}-{journey}-success")' for journey in JOURNEYS)
            small.client("cloudwatch", region).put_composite_alarm(
                AlarmName=f"{side}-impaired", AlarmRule=rule, AlarmActions=[self._topic(side)]
            )
        self.world.metrics = Metrics(self.world)
        self.world.application = self.application
        self.world.canaries = Law(self.world)
        self.world._laws = (self.world.canaries, self.world.metrics)

    def _at_its_own_door(self, item: Registration) -> Registration:
        config = reveal(item.inputs["runConfig"])
        side: Literal["home", "recovery"] = config["environmentVariables"]["SIDE"]
        told = {**config["environmentVariables"], "ADDRESS": self.manifest.side(side).load_balancer}
        return replace(item, inputs={**item.inputs, "runConfig": {**config, "environmentVariables": told}})

    def _topic(self, side: str) -> str:
        region, place = PLACES[side]
        return f"arn:aws:sns:{region}:{ACCOUNT}:medical-us-{place}-operations"

    def _listen(self, side: str) -> str:
        region, _ = PLACES[side]
        url = str(self.small.client("sqs", region).create_queue(QueueName="heard")["QueueUrl"])
        arn = f"arn:aws:sqs:{region}:{ACCOUNT}:heard"
        self.small.client("sns", region).subscribe(
            TopicArn=self._topic(side), Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        return url

    def success(self, side: str, journey: str, periods: float = 1) -> list[float]:
        """What the canary reported of its runs, lately."""
        region, place = PLACES[side]
        dimensions = {canaries.DIMENSION: f"medical-us-{place}-{journey}"}
        found = self.world.metrics.recent(region, canaries.NAMESPACE, canaries.SUCCESS, dimensions, periods * PERIOD)
        return [value for _, value in found]

    def all_success(self, side: str) -> dict[str, set[float]]:
        return {journey: set(self.success(side, journey)) for journey in JOURNEYS}

    def state(self, side: str, name: str) -> str:
        region, place = PLACES[side]
        full = name if name.endswith("impaired") else f"medical-us-{place}-{name}"
        return self.world.metrics.alarm_state(region, full)

    def heard(self, side: str) -> set[tuple[str, str]]:
        sqs, found = self.small.client("sqs", PLACES[side][0]), set()
        while messages := sqs.receive_message(QueueUrl=self.queues[side], MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                body = json.loads(message["Body"])
                found.add((body["AlarmName"], body["NewStateValue"]))
        return found

    def texts(self, side: str) -> set[str]:
        """What the canaries of a side said of their last period."""
        since = self.world.clock.elapsed - PERIOD
        return {
            str(event.facts["text"])
            for event in self.world.events
            if event.what == "canary" and event.facts["region"] == PLACES[side][0] and event.at > since
        }


@pytest.fixture
def cell() -> Iterator[Walked]:
    with small_cell() as small:
        yield Walked(small)


def test_on_a_well_cell_every_walk_succeeds_within_what_it_promises(cell: Walked) -> None:
    cell.world.advance(4 * PERIOD)
    for side in PLACES:
        assert {journey: {100.0} for journey in JOURNEYS} == cell.all_success(side)
        for journey in JOURNEYS:
            assert 4 <= len(cell.success(side, journey, 5)) <= 5
            assert ("OK", "OK") == (cell.state(side, f"{journey}-success"), cell.state(side, f"{journey}-duration"))
    assert {"reads and writes answered"} == cell.texts("home")
    assert {"reads answered, writes refused as read-only"} == cell.texts("recovery")


def test_a_first_result_is_there_soon_after_the_beginning(cell: Walked) -> None:
    cell.world.advance(120)
    assert {"OK"} == {cell.state(side, f"{journey}-success") for side in PLACES for journey in JOURNEYS}


def test_a_dark_region_reports_nothing_and_the_other_sides_canaries_go_on(cell: Walked) -> None:
    cell.world.advance(4 * PERIOD)
    cell.world.faults.inject("region-dark", HOME)
    cell.world.advance(3 * PERIOD)
    assert [] == cell.success("home", "book", 2)
    assert {journey: {100.0} for journey in JOURNEYS} == cell.all_success("recovery")
    cell.world.faults.lift("region-dark", HOME)
    cell.world.advance(60)
    assert "ALARM" == cell.state("home", "book-success"), "two periods of silence, seen once somebody can look"
    assert "ALARM" == cell.state("home", "home-impaired")
    assert "OK" == cell.state("recovery", "recovery-impaired")
    cell.world.advance(3 * PERIOD)
    assert ("OK", "OK") == (cell.state("home", "book-success"), cell.state("home", "home-impaired"))


def test_a_fenced_writer_fails_every_journey_raises_the_composite_and_tells_while_the_standby_is_fine(
    cell: Walked,
) -> None:
    cell.world.advance(4 * PERIOD)
    cell.heard("home")
    cell.databases.roles[cell.manifest.home.database.identifier] = "read-only"
    cell.world.advance(2 * PERIOD + 120)
    assert {journey: {0.0} for journey in JOURNEYS} == cell.all_success("home")
    assert {"writes are refused as read-only on the side that is to take them"} == cell.texts("home")
    failed = {(f"medical-us-use2-{journey}-success", "ALARM") for journey in JOURNEYS}
    assert {*failed, ("home-impaired", "ALARM")} == cell.heard("home"), "slow they are not"
    assert {"OK"} == {cell.state("recovery", f"{journey}-success") for journey in JOURNEYS}


def test_a_side_that_took_over_untold_is_walked_with_its_writes(cell: Walked) -> None:
    cell.databases.roles[cell.manifest.recovery.database.identifier] = "writer"
    cell.world.advance(PERIOD)
    assert {"reads and writes answered"} == cell.texts("recovery")


def test_without_a_healthy_instance_or_database_a_walk_fails_and_says_why(cell: Walked) -> None:
    cell.fleets.counts[cell.manifest.recovery.fleet.autoscaling_group] = 0
    cell.databases.roles[cell.manifest.home.database.identifier] = "gone"
    cell.world.advance(PERIOD)
    (home,), (recovery,) = cell.texts("home"), cell.texts("recovery")
    assert "GET /journeys/slots was answered 503 (unreachable), not 200" == home
    assert recovery.startswith("no connection to ")
    assert "no instance" in recovery


def test_a_region_in_trouble_is_slow_and_its_walks_fail(cell: Walked) -> None:
    cell.world.faults.inject("region-brown", HOME)
    cell.world.advance(4 * PERIOD)
    assert {0.0} <= set(cell.success("home", "pay", 4))
    assert "ALARM" == cell.state("home", "pay-success")
    assert {100.0} == set(cell.success("recovery", "pay", 4))


def test_a_canary_that_is_stopped_reports_nothing_and_that_is_an_alarm(cell: Walked) -> None:
    with calls.installed(cell.world):
        cell.small.client("synthetics", HOME).stop_canary(Name="medical-us-use2-pay")
    cell.world.advance(3 * PERIOD + 120)
    assert [] == cell.success("home", "pay", 4)
    assert "ALARM" == cell.state("home", "pay-success")
    assert "OK" == cell.state("home", "book-success")


def test_a_canary_that_is_started_again_runs_at_once_and_tells_of_its_runs(cell: Walked) -> None:
    name, synthetics = "medical-us-use2-pay", cell.small.client("synthetics", HOME)
    with calls.installed(cell.world):
        cell.world.advance(PERIOD)
        synthetics.stop_canary(Name=name)
        cell.world.advance(2 * PERIOD)
        cell.databases.roles[cell.manifest.home.database.identifier] = "read-only"
        synthetics.start_canary(Name=name)
        cell.world.advance(2)
        newest, older, *_ = synthetics.get_canary_runs(Name=name)["CanaryRuns"]
        assert [newest] == synthetics.get_canary_runs(Name=name, MaxResults=1)["CanaryRuns"]
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            synthetics.get_canary_runs(Name="nobody")
    assert ("FAILED", "PASSED") == (newest["Status"]["State"], older["Status"]["State"])
    assert "read-only" in newest["Status"]["StateReason"]
    assert timedelta(minutes=30) <= newest["Timeline"]["Started"] - older["Timeline"]["Started"]
    assert newest["Timeline"]["Started"] < newest["Timeline"]["Completed"]


def test_the_same_seed_gives_the_same_walks() -> None:
    def record() -> list[Any]:
        with small_cell() as small:
            cell = Walked(small)
            cell.world.advance(2 * PERIOD)
            return [(event.at, dict(event.facts)) for event in cell.world.events if event.what == "canary"]

    first = record()
    assert first == record()
    assert len({at for at, _ in first}) > len(JOURNEYS), "they do not all run at once"


def test_a_side_has_room_for_its_canaries_in_the_composites_rule() -> None:
    for item in whole("us").of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm"):
        rule = item.inputs["alarmRule"]
        if item.inputs["alarmName"].endswith("side-impaired"):
            place = item.inputs["alarmName"].split("-")[2]
            alone = rule.partition(" OR ((")[0]
            assert all(f'ALARM("medical-us-{place}-{journey}-success")' in alone for journey in JOURNEYS)
            assert rule.count("ALARM(") <= MOST_ALARMS
