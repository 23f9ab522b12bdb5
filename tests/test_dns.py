"""The zone, and a cell's names with their failover, declared and standing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import boto3
import pulumi
import pytest

from components.dns.args import CellRoutingArgs, SwitchAlarm, Target
from components.dns.names import app_domain, cell_domain
from components.dns.routing import CellRouting
from components.dns.switch import Switch, SwitchArgs
from components.dns.zone import Zone, ZoneArgs
from domain import switch
from domain.naming import GLOBAL, Names
from domain.regions import REGIONS
from domain.regions import region as find_region
from domain.routing import ALIAS_TTL_SECONDS, detection_seconds
from ops.engine.record import Program
from ops.sandbox.cloud import CREDENTIALS, Cloud
from ops.sandbox.creators import CREATORS
from settings import CREATE
from tests.support import ACCOUNT, HOME, RECOVERY, declare, only, opts_in, standing, whole

ZONE, RECORD = "aws:route53/zone:Zone", "aws:route53/record:Record"
CHECK, ALARM = "aws:route53/healthCheck:HealthCheck", "aws:cloudwatch/metricAlarm:MetricAlarm"
BALANCER_ZONES: Final = {"home": "Z3AADJGX6KTTL2", "recovery": "Z1H1FL5HABSF5"}
TOPIC: Final = f"arn:aws:sns:{RECOVERY}:{ACCOUNT}:operations"


def zone(given: str = CREATE, *, throw_away: bool = False, opts: pulumi.ResourceOptions | None = None) -> Zone:
    made = Zone("zone", ZoneArgs(domain="example.com", zone=given, throw_away=throw_away), opts or opts_in())
    pulumi.export("zone_id", made.zone_id)
    pulumi.export("name_servers", made.name_servers)
    return made


def balancer(cell: str, side: str) -> Target:
    return Target(dns_name=f"{cell}-{side}.elb.amazonaws.com", zone_id=BALANCER_ZONES[side])


def routing(
    zone_id: pulumi.Input[str] = "Z0123456789",
    *,
    cell: str = "us",
    home: str = HOME,
    recovery: str = RECOVERY,
    seconds: int = 10,
    spill_over: bool = False,
    opts: pulumi.ResourceOptions | None = None,
) -> CellRouting:
    names = Names(cell=cell, place=find_region(recovery).abbreviation)
    turned = Switch(f"{cell}-switch", SwitchArgs(names=names, cell=cell, topic_arn=TOPIC), opts_in(recovery))
    args = CellRoutingArgs(
        names=Names(cell=cell, place=GLOBAL),
        zone_id=zone_id,
        domain="example.com",
        cell=cell,
        region=home,
        home=balancer(cell, "home"),
        recovery=balancer(cell, "recovery"),
        switch=SwitchAlarm(name=turned.alarm_name, region=recovery),
        health_check_seconds=seconds,
        spill_over=spill_over,
    )
    made = CellRouting(f"{cell}-dns", args, opts or opts_in(home))
    pulumi.export(f"{cell}_url", made.cell_url)
    pulumi.export(f"{cell}_app_url", made.app_url)
    return made


def two_cells_in_one_zone() -> None:
    opts = opts_in()
    zone_id = zone(opts=opts).zone_id
    routing(zone_id, opts=opts)
    routing(zone_id, cell="eu", home="eu-central-1", recovery="eu-west-1", seconds=30)


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Program, Cloud]]:
    with standing(two_cells_in_one_zone) as found:
        yield found


def answers(made: tuple[Program, Cloud], name: str) -> list[dict[str, Any]]:
    zone_id = made[0].exports["zone_id"]
    found = made[1].client("route53", HOME).list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    return [item for item in found if item["Name"] == f"{name}."]


def check(made: tuple[Program, Cloud], name: str) -> dict[str, Any]:
    """The configuration of a standing health check, without what moto makes up for it."""
    id_ = only(made[0], CHECK, name).id
    found = made[1].client("route53", HOME).get_health_check(HealthCheckId=id_)["HealthCheck"]
    return dict(found["HealthCheckConfig"])


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


def test_the_shared_name_waits_for_both_records_of_the_pair() -> None:
    program = declare(routing)
    pair = {only(program, RECORD, f"us-dns-{side}").urn for side in ("home", "recovery")}
    waits = set(only(program, RECORD, "us-dns-app").property_dependencies["aliases"])
    assert pair <= waits, "Route 53 refuses an alias to a name that is not there"


def test_the_standing_zone_answers_with_name_servers_and_carries_its_tags(made: tuple[Program, Cloud]) -> None:
    client = made[1].client("route53", HOME)
    zone_id = made[0].exports["zone_id"]
    found = client.get_hosted_zone(Id=zone_id)
    assert ("example.com.", False) == (found["HostedZone"]["Name"], found["HostedZone"]["Config"]["PrivateZone"])
    assert found["DelegationSet"]["NameServers"] == made[0].exports["name_servers"]
    assert zone_id == found["HostedZone"]["Id"].removeprefix("/hostedzone/")
    tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)["ResourceTagSet"]["Tags"]
    assert {"Key": "Cell", "Value": "us"} in tags


def test_the_standing_cells_own_name_is_home_first_and_recovery_second(made: tuple[Program, Cloud]) -> None:
    expected = [
        {
            "Name": "us.app.example.com.",
            "Type": "A",
            "SetIdentifier": side,
            "Failover": role,
            "AliasTarget": {
                "HostedZoneId": BALANCER_ZONES[side],
                "DNSName": f"us-{side}.elb.amazonaws.com",
                "EvaluateTargetHealth": True,
            },
        }
        for side, role in (("home", "PRIMARY"), ("recovery", "SECONDARY"))
    ]
    expected[0]["HealthCheckId"] = only(made[0], CHECK, "us-dns-health-primary").id
    found = [
        {key: item[key] for key in sorted(item) if item[key] not in ([], None)}
        for item in sorted(answers(made, "us.app.example.com"), key=lambda item: item["SetIdentifier"])
    ]
    assert expected == found


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
        assert "Failover" not in item
        assert "HealthCheckId" not in item


@pytest.mark.parametrize("spill_over", [False, True])
def test_users_leave_an_ill_cell_only_if_that_is_asked_for(spill_over: bool) -> None:  # noqa: FBT001 - a parameter
    program = declare(lambda: routing(spill_over=spill_over))
    found = {item.name: item.inputs["aliases"][0]["evaluateTargetHealth"] for item in program.of_type(RECORD)}
    assert {"us-dns-home": True, "us-dns-recovery": True, "us-dns-app": spill_over} == found


def test_urls_are_those_of_the_records(made: tuple[Program, Cloud]) -> None:
    assert "https://us.app.example.com" == made[0].exports["us_url"]
    assert "https://app.example.com" == made[0].exports["us_app_url"]


def test_records_of_one_name_have_ids_of_their_own(made: tuple[Program, Cloud]) -> None:
    ids = [item.id for item in made[0].of_type(RECORD)]
    assert 6 == len(set(ids)), ids


@pytest.mark.parametrize(("cell", "seconds"), [("us", 10), ("eu", 30)])
def test_the_standing_check_of_home_asks_its_load_balancer_as_often_as_configured(
    made: tuple[Program, Cloud], cell: str, seconds: int
) -> None:
    expected = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": f"{cell}-home.elb.amazonaws.com",
        "Port": 443,
        "ResourcePath": "/readyz",
        "EnableSNI": True,
        "RequestInterval": seconds,
        "FailureThreshold": 3,
        "MeasureLatency": False,
        "Inverted": False,
        "Disabled": False,
    }
    assert expected == check(made, f"{cell}-dns-health-home")


@pytest.mark.parametrize("cell", ["us", "eu"])
def test_recovery_is_watched_at_leisure_because_its_check_turns_nothing(made: tuple[Program, Cloud], cell: str) -> None:
    found = check(made, f"{cell}-dns-health-recovery")
    assert (30, f"{cell}-recovery.elb.amazonaws.com") == (found["RequestInterval"], found["FullyQualifiedDomainName"])
    watched = only(made[0], CHECK, f"{cell}-dns-health-recovery").id
    used = {item.get("HealthCheckId") for item in answers(made, f"{cell}.app.example.com")}
    assert watched not in used, "or a moment's trouble in recovery leads users back to a home that was given up"


def test_home_is_answered_while_it_is_ready_and_the_switch_is_off(made: tuple[Program, Cloud]) -> None:
    found = check(made, "us-dns-health-primary")
    children = {only(made[0], CHECK, f"us-dns-health-{name}").id for name in ("home", "switch")}
    assert ("CALCULATED", children, 2) == (found["Type"], set(found["ChildHealthChecks"]), found["HealthThreshold"])
    assert not found["Inverted"]


def test_the_check_of_the_switch_keeps_what_it_last_knew(made: tuple[Program, Cloud]) -> None:
    assert "CLOUDWATCH_METRIC" == check(made, "us-dns-health-switch")["Type"]
    found = only(made[0], CHECK, "us-dns-health-switch").inputs
    assert "medical-us-usw2-failover-switch" == found["cloudwatchAlarmName"]
    assert RECOVERY == found["cloudwatchAlarmRegion"]
    assert "LastKnownStatus" == found["insufficientDataHealthStatus"]
    assert "invertHealthcheck" not in found, "a new inverted check is unhealthy, so a new cell would stand failed over"
    assert {"threshold": "1", "period_seconds": "300"} == found["triggers"]


def test_the_standing_check_of_the_switch_follows_the_alarm_that_was_declared(made: tuple[Program, Cloud]) -> None:
    found = check(made, "us-dns-health-switch")
    assert {"Name": "medical-us-usw2-failover-switch", "Region": RECOVERY} == found["AlarmIdentifier"]
    assert "LastKnownStatus" == found["InsufficientDataHealthStatus"]
    assert {"triggers"} == set(CREATORS[CHECK].dropped), "nothing is left out that the local cloud could hold"
    assert "AlarmIdentifier" not in check(made, "us-dns-health-home"), "which asks an endpoint"


def test_every_standing_check_has_a_name_to_be_found_by(made: tuple[Program, Cloud]) -> None:
    client = made[1].client("route53", HOME)
    names = set()
    for item in made[0].of_type(CHECK):
        answer = client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=item.id)
        tags = {tag["Key"]: tag["Value"] for tag in answer["ResourceTagSet"]["Tags"]}
        assert "us" == tags["Cell"], "the provider's tags are on it as well"
        names.add(tags["Name"])
    roles = ("home-ready", "recovery-ready", "switch-off", "primary")
    assert {f"medical-{cell}-global-{role}" for cell in ("us", "eu") for role in roles} == names


def test_no_check_asks_for_a_name_that_follows_its_answer(made: tuple[Program, Cloud]) -> None:
    answered = {item.inputs["name"] for item in made[0].of_type(RECORD)}
    asked = {item.inputs.get("fqdn") for item in made[0].of_type(CHECK)} - {None}
    assert 4 == len(asked)
    assert set() == answered & asked


def test_the_standing_switch_is_in_recovery_and_in_no_other_region(made: tuple[Program, Cloud]) -> None:
    found = {
        region: [item["AlarmName"] for item in made[1].client("cloudwatch", region).describe_alarms()["MetricAlarms"]]
        for region in (HOME, RECOVERY, "eu-central-1", "eu-west-1", "us-east-1")
    }
    expected = {
        RECOVERY: ["medical-us-usw2-failover-switch"],
        "eu-west-1": ["medical-eu-euw1-failover-switch"],
    }
    assert expected == {region: names for region, names in found.items() if names}


def test_the_standing_switch_turns_at_the_first_one_and_back_after_five_minutes_without(
    made: tuple[Program, Cloud],
) -> None:
    (found,) = made[1].client("cloudwatch", RECOVERY).describe_alarms()["MetricAlarms"]
    assert ("Maximum", 300, 1) == (found["Statistic"], found["Period"], found["EvaluationPeriods"])
    assert ("GreaterThanOrEqualToThreshold", 1.0) == (found["ComparisonOperator"], found["Threshold"])
    assert "ignore" == found["TreatMissingData"], "missing data is no word from anybody"
    assert (True, [TOPIC], [TOPIC]) == (found["ActionsEnabled"], found["AlarmActions"], found["OKActions"])


def test_the_switch_is_an_alarm_of_the_kind_that_route_53_supports() -> None:
    found = only(declare(routing), ALARM).inputs
    assert found.get("datapointsToAlarm", found["evaluationPeriods"]) == found["evaluationPeriods"], "no M out of N"
    assert 0 == found["period"] % 60, "no high resolution"
    assert "metricQueries" not in found, "no metric math"
    assert "extendedStatistic" not in found


def test_one_call_in_recovery_reaches_the_metric_that_the_switch_watches(made: tuple[Program, Cloud]) -> None:
    client = made[1].client("cloudwatch", RECOVERY)
    (alarm,) = client.describe_alarms()["MetricAlarms"]
    assert 0 == switch.turn("us", on=False)["MetricData"][0]["Value"]
    client.put_metric_data(**switch.turn("us", on=True))
    (metric,) = client.list_metrics(Namespace=alarm["Namespace"])["Metrics"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == (metric["MetricName"], metric["Dimensions"])
    assert switch.turn("us", on=True)["MetricData"][0]["Value"] >= alarm["Threshold"]
    assert switch.turn("us", on=False)["MetricData"][0]["Value"] < alarm["Threshold"]


def test_a_switch_in_home_is_refused_because_it_would_be_lost_with_home() -> None:
    with pytest.raises(ValueError, match="us-east-2, which is home"):
        declare(lambda: routing(recovery=HOME, opts=opts_in("us-east-1")))


def test_the_switch_rides_on_recoverys_provider_and_everything_global_on_homes() -> None:
    program = declare(routing)
    assert {RECOVERY} == {program.region_of(item) for item in program.of_type(ALARM)}
    assert {HOME} == {program.region_of(item) for type_ in (RECORD, CHECK) for item in program.of_type(type_)}


def test_route_53_can_read_an_alarm_in_every_region_of_the_table() -> None:
    model = boto3.client("route53", region_name=HOME, **CREDENTIALS).meta.service_model
    config = model.operation_model("CreateHealthCheck").input_shape.members["HealthCheckConfig"]
    assert set() == set(REGIONS) - set(config.members["AlarmIdentifier"].members["Region"].enum)


def test_which_side_writes_is_nothing_that_names_are_made_from() -> None:
    assert set() == {field.name for field in fields(CellRoutingArgs)} & {"writer", "generation", "settings"}


def test_failing_over_changes_no_record_no_check_and_no_switch() -> None:
    def routed(**overrides: str | int) -> dict[str, Any]:
        program = whole("us", **overrides)
        return {
            item.urn: item.inputs
            for item in program.registrations
            if item.service == "route53" or "failover-switch" in str(item.inputs.get("name"))
        }

    at_home = routed(writer="home")
    assert at_home == routed(writer="recovery")
    assert at_home != routed(domain="example.org"), "the comparison can fail"


def test_the_time_until_home_is_given_up_follows_from_the_interval() -> None:
    assert (30, 90) == (detection_seconds(10), detection_seconds(30))
    assert 60 == ALIAS_TTL_SECONDS
