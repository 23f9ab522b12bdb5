"""The failover tree in a preview."""

from __future__ import annotations

import io
from collections.abc import Callable

import pulumi
from pulumi_aws import lb, route53

from components.dns.args import Target
from ops.console import console
from ops.preview import model, routing
from ops.preview.model import Resource
from tests.support import ACCOUNT, HOME, RECOVERY, STACK, declare, opts_in
from tests.test_dns import routing as routed

RECORD = "aws:route53/record:Record"


def lines(program: Callable[[], object]) -> list[str]:
    """The tree as it is printed, without its branches."""
    out = io.StringIO()
    for tree in routing.trees(model.build(STACK, declare(program)).resources):
        console(out).print(tree)
    return [line.lstrip("│├└─ ") for line in out.getvalue().splitlines()]


def by_start(found: list[str], start: str) -> str:
    (line,) = [line for line in found if line.startswith(start)]
    return line


def test_each_record_tells_how_it_is_chosen_and_whether_it_looks_at_health() -> None:
    found = lines(routed)
    app = by_start(found, "app.example.com")
    assert "app.example.com  A alias  latency us-east-2 us  ignores its target's health  TTL 60 s" == app
    pair = [line for line in found if line.startswith("us.app.example.com")]
    assert ["failover PRIMARY home", "failover SECONDARY recovery"] == [line.split("  ")[2] for line in pair]
    assert all("evaluates its target's health" in line for line in pair)
    assert "-> us-home.elb.amazonaws.com" in pair[0]


def test_a_cell_that_spills_over_says_so() -> None:
    assert "evaluates its target's health" in by_start(lines(lambda: routed(spill_over=True)), "app.example.com")


def test_the_checks_that_decide_stand_below_the_record_that_they_decide_about() -> None:
    found = lines(routed)
    starts = (
        "us.app",
        "healthy if us-dns-health-primary",
        "us-dns-health-home",
        "us-dns-health-switch",
        "unhealthy if",
    )
    assert all(line.startswith(start) for line, start in zip(found[1:], starts, strict=False)), found
    assert "CALCULATED  2 of 2 healthy" in found[2]
    assert found[3].endswith("us-home.elb.amazonaws.com:443/readyz  every 10 s, 3 failures: 30 s")
    assert "while medical-us-usw2-failover-switch is off  us-west-2  without data LastKnownStatus" in found[4]
    assert found[5].endswith("Maximum of Medical/Continuity FailoverSwitch Cell=us  >= 1 in 300 s  us-west-2")


def test_the_interval_of_the_check_shows_in_the_time_until_it_turns() -> None:
    slow = by_start(lines(lambda: routed(seconds=30)), "us-dns-health-home")
    assert slow.endswith("every 30 s, 3 failures: 90 s")


def test_a_check_that_decides_nothing_is_told_apart() -> None:
    assert "us-dns-health-recovery" in by_start(lines(routed), "watched only")


def test_a_load_balancer_is_named_with_its_region() -> None:
    def program() -> None:
        for region in (HOME, RECOVERY):
            balancer = lb.LoadBalancer(f"edge-{region}", name=f"front-{region}", opts=opts_in(region))
            target = Target(dns_name=balancer.dns_name, zone_id=balancer.zone_id)
            alias = route53.RecordAliasArgs(name=target.dns_name, zone_id=target.zone_id, evaluate_target_health=True)
            route53.Record(
                region,
                zone_id="Z1",
                name=f"{region}.example.com",
                type="A",
                aliases=[alias],
                opts=pulumi.ResourceOptions(parent=balancer),
            )

    expected = [
        f"{region}.example.com  A alias  simple  -> front-{region}  {region}  evaluates its target's health  TTL 60 s"
        for region in (HOME, RECOVERY)
    ]
    assert expected == lines(program)


def test_what_routes_nothing_has_no_tree() -> None:
    def program() -> None:
        route53.Record(
            "proof", zone_id="Z1", name="_proof.example.com", type="CNAME", ttl=60, records=["x"], opts=opts_in()
        )

    assert [] == lines(program)


def test_records_that_lead_to_each_other_end() -> None:
    def record(name: str, target: str) -> Resource:
        return Resource(
            urn=f"urn:pulumi:us::medical-platform::{RECORD}::{name}",
            type=RECORD,
            name=name,
            parent="",
            custom=True,
            side="",
            region="global",
            key="",
            protect=False,
            inputs={
                "name": name,
                "type": "A",
                "aliases": [{"name": target, "zoneId": ACCOUNT, "evaluateTargetHealth": True}],
            },
            dependencies=(),
            ignore_changes=(),
        )

    found = routing.trees([record("a", "b"), record("b", "b"), record("c", "a")])
    assert ["c"] == [str(tree.label).partition(" ")[0] for tree in found]
