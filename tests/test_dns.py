"""The zone and a cell's names, declared and standing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components.dns.names import app_domain, cell_domain
from components.dns.records import CellRecords, CellRecordsArgs, Target
from components.dns.zone import Zone, ZoneArgs
from ops.engine.record import Program
from ops.sandbox.cloud import Cloud
from settings import CREATE
from tests.support import HOME, declare, only, opts_in, standing

ZONE, RECORD = "aws:route53/zone:Zone", "aws:route53/record:Record"
BALANCER_ZONE = "Z3AADJGX6KTTL2"


def zone(given: str = CREATE, *, throw_away: bool = False, opts: pulumi.ResourceOptions | None = None) -> Zone:
    made = Zone("zone", ZoneArgs(domain="example.com", zone=given, throw_away=throw_away), opts or opts_in())
    pulumi.export("zone_id", made.zone_id)
    pulumi.export("name_servers", made.name_servers)
    return made


def records(
    zone_id: pulumi.Input[str] = "Z0123456789",
    cell: str = "us",
    region: str = HOME,
    opts: pulumi.ResourceOptions | None = None,
) -> CellRecords:
    balancer = Target(dns_name=f"medical-{cell}.elb.amazonaws.com", zone_id=BALANCER_ZONE)
    args = CellRecordsArgs(zone_id=zone_id, domain="example.com", cell=cell, region=region, home=balancer)
    made = CellRecords(f"{cell}-dns", args, opts or opts_in(region))
    pulumi.export(f"{cell}_url", made.cell_url)
    pulumi.export(f"{cell}_app_url", made.app_url)
    return made


def two_cells_in_one_zone() -> None:
    opts = opts_in()
    zone_id = zone(opts=opts).zone_id
    records(zone_id, opts=opts)
    records(zone_id, "eu", "eu-central-1")


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Program, Cloud]]:
    with standing(two_cells_in_one_zone) as found:
        yield found


def answers(made: tuple[Program, Cloud], name: str) -> list[dict[str, Any]]:
    zone_id = made[0].exports["zone_id"]
    found = made[1].client("route53", HOME).list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    return [item for item in found if item["Name"] == f"{name}."]


def test_a_cells_name_lies_under_the_name_that_cells_share() -> None:
    assert "app.example.com" == app_domain("example.com")
    assert "us.app.example.com" == cell_domain("us", "example.com")


def test_a_zone_given_by_its_id_makes_and_asks_nothing() -> None:
    program = declare(lambda: zone("Z0123456789"))
    assert [] == [item.type for item in program.registrations if item.type.startswith("aws:")]
    assert "Z0123456789" == program.exports["zone_id"]
    assert program.exports.get("name_servers") is None


def test_a_zone_made_here_is_protected_and_keeps_what_others_wrote() -> None:
    found = only(declare(zone), ZONE)
    assert found.protect
    assert not found.inputs["forceDestroy"]


def test_a_throw_away_stack_takes_its_zone_along() -> None:
    found = only(declare(lambda: zone(throw_away=True)), ZONE)
    assert not found.protect
    assert found.inputs["forceDestroy"]


def test_the_shared_name_waits_for_the_cells_own() -> None:
    program = declare(records)
    own, shared = only(program, RECORD, "us-dns-home"), only(program, RECORD, "us-dns-app")
    assert own.urn in shared.property_dependencies["aliases"], "Route 53 refuses an alias to a name that is not there"


def test_the_standing_zone_answers_with_name_servers_and_carries_its_tags(made: tuple[Program, Cloud]) -> None:
    client = made[1].client("route53", HOME)
    zone_id = made[0].exports["zone_id"]
    found = client.get_hosted_zone(Id=zone_id)
    assert ("example.com.", False) == (found["HostedZone"]["Name"], found["HostedZone"]["Config"]["PrivateZone"])
    assert found["DelegationSet"]["NameServers"] == made[0].exports["name_servers"]
    assert zone_id == found["HostedZone"]["Id"].removeprefix("/hostedzone/")
    tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)["ResourceTagSet"]["Tags"]
    assert {"Key": "Cell", "Value": "us"} in tags


def test_the_standing_cells_own_name_leads_to_home_and_looks_at_its_health(made: tuple[Program, Cloud]) -> None:
    found = answers(made, "us.app.example.com")
    assert ["A"] == [item["Type"] for item in found], "the load balancer has no IPv6"
    expected = {
        "HostedZoneId": BALANCER_ZONE,
        "DNSName": "medical-us.elb.amazonaws.com",
        "EvaluateTargetHealth": True,
    }
    assert expected == found[0]["AliasTarget"]


def test_the_standing_shared_name_has_one_answer_a_cell_that_never_leaves_it(made: tuple[Program, Cloud]) -> None:
    found = {item["SetIdentifier"]: item for item in answers(made, "app.example.com")}
    assert {"us": HOME, "eu": "eu-central-1"} == {cell: item["Region"] for cell, item in found.items()}
    for cell, item in found.items():
        expected = {
            "HostedZoneId": made[0].exports["zone_id"],
            "DNSName": f"{cell}.app.example.com",
            "EvaluateTargetHealth": False,
        }
        assert expected == item["AliasTarget"], "evaluated, another jurisdiction would answer for an ill cell"


def test_urls_are_those_of_the_records(made: tuple[Program, Cloud]) -> None:
    assert "https://us.app.example.com" == made[0].exports["us_url"]
    assert "https://app.example.com" == made[0].exports["us_app_url"]


def test_records_of_one_name_have_ids_of_their_own(made: tuple[Program, Cloud]) -> None:
    ids = [item.id for item in made[0].of_type(RECORD)]
    assert 4 == len(set(ids)), ids
