"""Route 53 over time: health checks, the switch, and what a client is told, on the small cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from domain import budget, switch
from domain.manifest import SideName
from ops.sandbox.physics.application import ApplicationGoneError
from ops.sandbox.physics.names import names
from ops.sandbox.physics.names.checks import CONNECT_SECONDS
from ops.sandbox.physics.names.names import Names, NoAnswerError
from ops.sandbox.physics.world import World
from tests.small_cell import CELL, DOMAIN, SmallCell, small_cell
from tests.support import HOME, RECOVERY

NAME = f"{CELL}.app.{DOMAIN}"
SLOWEST_COPY = 15  # of a verdict to the name servers, by the figures


class Application:
    """Answers for load balancers: with a status, or not at all."""

    def __init__(self) -> None:
        """All answer with 200 until told otherwise."""
        self.statuses: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []

    def probe(self, address: str, path: str) -> int:
        self.asked.append((address, path))
        status = self.statuses.get(address, 200)
        if not status:
            raise ApplicationGoneError(f"{address} does not answer")
        return status


class Metrics:
    """Keeps values of the switch's metric by the world's time."""

    def __init__(self, world: Any) -> None:  # noqa: ANN401 - the world, whose laws are replaced here
        """No value yet."""
        self._world = world
        self._kept: list[tuple[datetime, float]] = []

    def send(self, value: float) -> None:
        self._kept.append((self._world.now, value))

    def recent(
        self, region: str, namespace: str, name: str, dimensions: Mapping[str, str], seconds: float
    ) -> list[tuple[datetime, float]]:
        asked = (region, namespace, name, dict(dimensions))
        assert (RECOVERY, switch.NAMESPACE, switch.METRIC, {switch.DIMENSION: CELL}) == asked
        return [item for item in self._kept if item[0] > self._world.now - timedelta(seconds=seconds)]


def begun(account: str) -> Any:  # noqa: ANN401 - the world, whose laws are replaced here
    world = World(account)
    world.begin(7)
    return world


class Driven:
    """The names of the small cell, and whatever drives them."""

    def __init__(self, small: SmallCell) -> None:
        """Begin anew."""
        self.manifest = small.manifest
        self.client = small.client("route53", HOME)
        self.world = begun(small.account)
        self.application = self.world.application = Application()
        self.metrics = self.world.metrics = Metrics(self.world)
        self.names = self.world.names = Names(self.world)

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds, self.names.step)

    def until(self, side: str, most: int) -> float:
        """The time until whoever asks anew is told `side`."""
        before = self.world.clock.elapsed
        for _ in range(most):
            if self.told(f"{self.world.clock.elapsed}") == side:
                return float(self.world.clock.elapsed - before)
            self.advance(1)
        raise AssertionError(f"not {side} within {most} s")

    def told(self, client: str = "clinic") -> str:
        address, _ = self.names.resolve(client, NAME)
        return "home" if address == self.manifest.home.load_balancer else "recovery"

    def health(self, role: str) -> bool:
        return self.names.health(self.manifest.health_checks[role])

    def answers(self, side: SideName, status: int) -> None:
        self.application.statuses[self.manifest.side(side).load_balancer] = status


@pytest.fixture(scope="module")
def small() -> Iterator[SmallCell]:
    with small_cell() as found:
        yield found


@pytest.fixture
def driven(small: SmallCell) -> Iterator[Driven]:
    found = Driven(small)
    with names.installed(found.world):
        yield found


def test_in_the_normal_state_everybody_is_told_home_and_every_check_is_healthy(driven: Driven) -> None:
    driven.advance(120)
    assert "home" == driven.told()
    assert {"home", "recovery", "switch", "primary"} == set(driven.manifest.health_checks)
    assert all(driven.health(role) for role in driven.manifest.health_checks)


def test_home_is_asked_every_ten_seconds_and_recovery_every_thirty(driven: Driven) -> None:
    driven.advance(300)
    asked = driven.application.asked
    home, recovery = driven.manifest.home.load_balancer, driven.manifest.recovery.load_balancer
    assert (29, 9) == (asked.count((home, "/readyz")), asked.count((recovery, "/readyz")))


def test_a_home_that_answers_errors_is_given_up_after_three_checks_and_a_copy(driven: Driven) -> None:
    driven.advance(60)
    driven.answers("home", 503)
    took = driven.until("recovery", 60)
    assert 20 <= took <= 30 + SLOWEST_COPY + 1
    assert (False, False, True) == (driven.health("home"), driven.health("primary"), driven.health("switch"))


def test_a_home_that_is_silent_costs_each_check_the_wait_for_a_connection(driven: Driven) -> None:
    driven.advance(61)
    driven.answers("home", 0)
    for _ in range(100):
        if not driven.health("home"):
            break
        driven.advance(1)
    took = driven.world.clock.elapsed - 61
    assert 20 + 3 * CONNECT_SECONDS <= took <= 30 + 3 * CONNECT_SECONDS + 1
    assert took > 30, "which a refusal would not"


def test_home_is_answered_again_once_it_has_passed_three_checks(driven: Driven) -> None:
    driven.answers("home", 503)
    driven.advance(90)
    assert "recovery" == driven.told("a")
    driven.answers("home", 200)
    took = driven.until("home", 60)
    assert 20 <= took <= 30 + SLOWEST_COPY + 1


def test_a_redirect_passes_and_two_failures_turn_nothing(driven: Driven) -> None:
    driven.answers("home", 302)
    driven.advance(60)
    driven.answers("home", 500)
    driven.advance(20)
    driven.answers("home", 200)
    driven.advance(60)
    assert driven.health("home")
    assert not [event for event in driven.world.events if event.what == "health"]


def test_with_both_sides_ill_home_is_answered(driven: Driven) -> None:
    driven.answers("home", 503)
    region = driven.manifest.recovery.region
    group = driven.world.backend("elbv2", region).target_groups[driven.manifest.recovery.target_group]
    targets = dict(group.targets)
    group.targets.clear()
    try:
        driven.advance(120)
        assert not driven.health("primary")
        assert "home" == driven.told(), "a target group without instances is unhealthy"
    finally:
        group.targets.update(targets)
    assert driven.until("recovery", 60) > 0, "and has to be seen to be healthy again"


def test_one_value_of_one_leads_users_away_from_a_home_that_is_well(driven: Driven) -> None:
    driven.advance(60)
    driven.metrics.send(switch.ON)
    took = driven.until("recovery", 120)
    assert 10 <= took <= 40 + SLOWEST_COPY + 1
    assert driven.health("home")
    assert not driven.health("primary")


def test_the_switch_stays_on_while_nobody_says_otherwise(driven: Driven) -> None:
    driven.metrics.send(switch.ON)
    driven.advance(3600)
    assert not driven.health("switch"), "missing data change nothing"


def test_the_switch_is_off_once_a_zero_was_sent_and_its_hold_is_over(driven: Driven) -> None:
    driven.metrics.send(switch.ON)
    driven.advance(120)
    driven.metrics.send(switch.OFF)
    driven.advance(170)
    assert not driven.health("switch"), "a 1 is still within the last five minutes"
    took = driven.until("home", 120)
    assert took <= 10 + 40 + SLOWEST_COPY + 1
    driven.advance(3600)
    assert driven.health("switch")


def test_turned_off_and_on_again_within_its_hold_the_switch_moves_nobody(driven: Driven) -> None:
    driven.metrics.send(switch.ON)
    driven.advance(120)
    for value in (switch.OFF, switch.ON):
        driven.metrics.send(value)
        for _ in range(200):
            driven.advance(1)
            assert not driven.health("switch")


def test_a_switch_that_is_on_at_the_beginning_is_on(small: SmallCell) -> None:
    alarms = small.client("cloudwatch", RECOVERY)
    name = small.manifest.switch.alarm
    alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill before this one")
    try:
        driven = Driven(small)
        driven.advance(60)
        assert ("recovery", False) == (driven.told(), driven.health("switch"))
    finally:
        alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="over")


def test_the_switch_in_a_dark_recovery_stays_as_it_was(driven: Driven) -> None:
    driven.world.faults.inject("region-dark", RECOVERY)
    driven.metrics.send(switch.ON)
    driven.advance(300)
    assert driven.health("switch"), "a lost region's metrics cannot be read"
    driven.world.faults.lift("region-dark", RECOVERY)
    driven.metrics.send(switch.ON)
    driven.advance(60)
    assert not driven.health("switch")


def test_a_dark_region_says_nothing_of_its_targets(driven: Driven) -> None:
    driven.world.faults.inject("region-dark", HOME)
    driven.advance(15)
    assert "home" == driven.told(), "only the health checks find it out"
    driven.answers("home", 0)
    assert driven.until("recovery", 80) >= 20 + 3 * CONNECT_SECONDS


def test_a_client_keeps_its_answer_for_the_ttl_and_no_longer(driven: Driven) -> None:
    driven.advance(1)
    home = driven.manifest.home.load_balancer
    assert (home, False) == driven.names.resolve("clinic", NAME)
    driven.metrics.send(switch.ON)
    driven.advance(59)
    assert (home, True) == driven.names.resolve("clinic", NAME)
    driven.advance(1)
    assert (driven.manifest.recovery.load_balancer, False) == driven.names.resolve("clinic", NAME)


def test_clients_with_stale_dns_go_where_they_went_before(driven: Driven) -> None:
    home = driven.manifest.home.load_balancer
    driven.names.resolve("clinic", NAME)
    driven.world.faults.inject("stale-dns", "", {"seconds": 1000})
    driven.metrics.send(switch.ON)
    driven.advance(999)
    assert (home, True) == driven.names.resolve("clinic", NAME)
    assert "recovery" == driven.told("somebody new")
    driven.world.faults.lift("stale-dns")
    assert (driven.manifest.recovery.load_balancer, False) == driven.names.resolve("clinic", NAME)


def test_a_flapping_check_of_home_leads_users_there_and_back_again(driven: Driven) -> None:
    driven.advance(60)
    driven.world.faults.inject("health-flap", HOME)
    seen = []
    for second in range(240):
        driven.advance(1)
        seen.append(driven.told(f"client {second}"))
    turns = sum(one != other for one, other in pairwise(seen))
    assert turns >= 3, "it fails and passes in turns"
    driven.world.faults.lift("health-flap", HOME)
    driven.advance(60)
    assert "home" == driven.told("last"), "once it is over"


def test_the_shared_name_leads_to_the_cells_own(driven: Driven) -> None:
    address, cached = driven.names.resolve(f"clinic@{RECOVERY}", f"app.{DOMAIN}")
    assert (driven.manifest.home.load_balancer, False) == (address, cached)
    with pytest.raises(NoAnswerError, match="no record"):
        driven.names.resolve("clinic", f"other.{DOMAIN}")


def test_readers_are_back_within_the_budget_even_if_home_falls_silent(driven: Driven) -> None:
    for number in range(6):
        driven.answers("home", 200)
        driven.advance(200 + number)
        assert "home" == driven.told("patient")
        driven.answers("home", 0)
        lost = driven.world.clock.elapsed
        while driven.told("patient") == "home":
            driven.advance(1)
        took = driven.world.clock.elapsed - lost
        assert took <= 42 + SLOWEST_COPY + 61
        assert took <= 150 - budget.DRAIN_SECONDS, "which leaves time within the target"


def test_what_route_53_says_of_a_check_is_what_it_found(driven: Driven) -> None:
    def status(role: str) -> str:
        answer = driven.client.get_health_check_status(HealthCheckId=driven.manifest.health_checks[role])
        (observation,) = answer["HealthCheckObservations"]
        assert driven.world.now == observation["StatusReport"]["CheckedTime"]
        return str(observation["StatusReport"]["Status"])

    driven.advance(60)
    assert status("home").startswith("Success: HTTP Status Code 200")
    driven.answers("home", 0)
    driven.advance(60)
    assert status("home").startswith("Failure: Connection timed out")
    assert status("switch").startswith("Success")
    with pytest.raises(ClientError, match="calculated health check"):
        status("primary")


def test_moto_keeps_the_alarm_of_a_check_and_no_other_check_has_one(driven: Driven) -> None:
    def config(role: str) -> dict[str, Any]:
        found = driven.client.get_health_check(HealthCheckId=driven.manifest.health_checks[role])
        return dict(found["HealthCheck"]["HealthCheckConfig"])

    assert {"Region": RECOVERY, "Name": driven.manifest.switch.alarm} == config("switch")["AlarmIdentifier"]
    assert "LastKnownStatus" == config("switch")["InsufficientDataHealthStatus"]
    assert not {"AlarmIdentifier", "InsufficientDataHealthStatus"} & set(config("home"))


def test_the_same_seed_turns_at_the_same_second(small: SmallCell) -> None:
    def turns() -> list[tuple[float, str, Mapping[str, Any]]]:
        driven = Driven(small)
        driven.advance(33)
        driven.metrics.send(switch.ON)
        driven.answers("home", 0)
        driven.advance(300)
        return [(event.at, event.what, event.facts) for event in driven.world.events]

    first = turns()
    assert first
    assert first == turns()
