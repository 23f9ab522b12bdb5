"""The edge, declared and standing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi_aws import acm, ec2, route53

from components.edge.args import EdgeArgs
from components.edge.certificate import Certificate, CertificateArgs, Validation
from components.edge.edge import Edge
from components.waf.args import WafArgs
from domain.naming import Names
from ops.engine import runner
from ops.engine.record import Program, Registration
from ops.engine.synthetic import Unknown
from ops.sandbox.cloud import Cloud, CreationError
from tests.support import ACCOUNT, HOME, RECOVERY, STACK, declare, only, opts_in, standing

RECORD = "aws:route53/record:Record"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
OWN, SHARED, OTHER = "us.app.example.com", "app.example.com", "eu.app.example.com"


def args(**changes: Any) -> EdgeArgs:  # noqa: ANN401 - any field of the edge's
    fields: dict[str, Any] = {
        "names": Names(cell="us", place="use2"),
        "vpc_id": "vpc-1",
        "public_subnet_ids": ["subnet-1", "subnet-2", "subnet-3"],
        "logs_bucket": "medical-us-use2-logs",
        "certificate_arn": "arn:aws:acm:us-east-2:111122223333:certificate/1",
        "target_port": 8443,
        "health_path": "/livez",
        "deletion_protection": True,
        "waf": WafArgs(
            account_id=ACCOUNT,
            region=HOME,
            key_arn=f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1",
            log_days=365,
            mode="block",
            rate_limit=3000,
        ),
    }
    return EdgeArgs(**{**fields, **changes})


def edge(**changes: Any) -> Edge:  # noqa: ANN401 - any field of the edge's
    return Edge("home-edge", args(**changes), opts_in())


def certificate_args(**changes: Any) -> CertificateArgs:  # noqa: ANN401 - any field of the certificate's
    fields: dict[str, Any] = {
        "names": Names(cell="us", place="use2"),
        "zone_id": "Z0123456789",
        "domains": (OWN, SHARED),
        "validation": None,
    }
    return CertificateArgs(**{**fields, **changes})


def certificate(**changes: Any) -> Certificate:  # noqa: ANN401 - any field of the certificate's
    return Certificate("home-certificate", certificate_args(**changes), opts_in())


def certified() -> Edge:
    """An edge behind a certificate of its own."""
    opts = opts_in()
    proven = Certificate("home-certificate", certificate_args(), opts)
    return Edge("home-edge", args(certificate_arn=proven.arn), opts)


def side(
    name: str,
    region: str,
    zone_id: pulumi.Input[str],
    validation: Validation | None = None,
    domains: tuple[str, ...] = (OWN, SHARED),
) -> tuple[Edge, Validation]:
    """An edge in a VPC of its own, and what its certificate was proven by."""
    opts = opts_in(region)
    vpc = ec2.Vpc(name, cidr_block="10.10.0.0/16", opts=opts)
    subnets = [
        ec2.Subnet(
            f"{name}-{letter}",
            vpc_id=vpc.id,
            cidr_block=f"10.10.{place}.0/24",
            availability_zone=f"{region}{letter}",
            map_public_ip_on_launch=False,
            opts=opts,
        )
        for place, letter in enumerate("ab")
    ]
    asked = certificate_args(zone_id=zone_id, validation=validation, domains=domains)
    proven = Certificate(f"{name}-certificate", asked, opts)
    own = args(
        vpc_id=vpc.id,
        public_subnet_ids=[subnet.id for subnet in subnets],
        certificate_arn=proven.arn,
    )
    return Edge(name, own, opts), proven.validation


def two_sides_and_another_cell() -> None:
    zone = route53.Zone("zone", name="example.com", opts=opts_in("eu-west-1"))
    home, proven = side("home-edge", HOME, zone.zone_id)
    _, proven_too = side("recovery-edge", RECOVERY, zone.zone_id, proven)
    side("eu-edge", "eu-central-1", zone.zone_id, domains=(OTHER, SHARED))
    pulumi.export("label", home.request_label)
    pulumi.export("dns_name", home.dns_name)
    pulumi.export("home", proven.fqdns)
    pulumi.export("recovery", proven_too.fqdns)


@pytest.fixture(scope="module")
def program() -> Program:
    return declare(certified)


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Program, Cloud]]:
    with standing(two_sides_and_another_cell) as found:
        yield found


def balancer(cloud: Cloud, region: str = HOME) -> dict[str, Any]:
    return dict(cloud.client("elbv2", region).describe_load_balancers()["LoadBalancers"][0])


def listeners(cloud: Cloud) -> dict[int, dict[str, Any]]:
    found = cloud.client("elbv2", HOME).describe_listeners(LoadBalancerArn=balancer(cloud)["LoadBalancerArn"])
    return {item["Port"]: item for item in found["Listeners"]}


def pairs(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in attributes}


def validation_records(program: Program) -> dict[str, Registration]:
    return {item.name.removeprefix("home-certificate-"): item for item in program.of_type(RECORD)}


def test_anyone_comes_in_on_two_ports_and_nothing_goes_out(program: Program) -> None:
    rules = program.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {80, 443} == {rule.inputs["fromPort"] for rule in rules}
    assert all(rule.inputs["fromPort"] == rule.inputs["toPort"] for rule in rules)
    assert {"0.0.0.0/0"} == {rule.inputs["cidrIpv4"] for rule in rules}
    assert [] == program.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    group = only(program, "aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & set(group.inputs), "inline rules fight with those that the web component adds"


def test_the_https_listener_takes_the_certificate_only_once_it_is_issued(program: Program) -> None:
    listener = only(program, "aws:lb/listener:Listener", "home-edge-https")
    issued = only(program, VALIDATION)
    assert issued.urn in listener.property_dependencies["certificateArn"]


def test_the_label_is_given_out_only_once_listener_and_target_group_are_joined() -> None:
    waits: list[set[str]] = []

    async def ask(label: pulumi.Output[str]) -> None:
        urns = [await resource.urn.future() for resource in await label.resources()]
        waits.append({str(urn).rpartition("::")[2] for urn in urns})

    def ask_later() -> None:
        label = edge().request_label
        pulumi.export("asked", pulumi.Output.from_input(ask(label)))

    declare(ask_later)
    assert "home-edge-https" in waits[0]


def test_slow_start_goes_with_round_robin(program: Program) -> None:
    group = only(program, "aws:lb/targetGroup:TargetGroup").inputs
    assert 30 == group["slowStart"]
    assert "round_robin" == group["loadBalancingAlgorithmType"], "AWS refuses a slow start with any other"


def test_another_port_makes_a_target_group_of_another_name(program: Program) -> None:
    other = declare(lambda: edge(target_port=9443))
    names = {
        only(item, "aws:lb/targetGroup:TargetGroup").inputs["port"]: only(
            item, "aws:lb/targetGroup:TargetGroup"
        ).inputs["name"]
        for item in (program, other)
    }
    assert {8443: "medical-us-use2-web-8443", 9443: "medical-us-use2-web-9443"} == names


def test_names_of_the_longest_cell_fit_and_are_taken_by_elastic_load_balancing() -> None:
    found = declare(lambda: edge(names=Names(cell="a" * 7 + "-" + "b" * 8, place="apne1")))
    for type_ in ("aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"):
        name = only(found, type_).inputs["name"]
        assert len(name) <= 32, f"{name} is longer than Elastic Load Balancing takes"
        assert re.fullmatch(r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", name)


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_is_what_the_cell_says(protected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    found = only(declare(lambda: edge(deletion_protection=protected)), "aws:lb/loadBalancer:LoadBalancer")
    assert protected is found.inputs["enableDeletionProtection"]


def test_each_domain_is_proven_by_its_own_record(program: Program) -> None:
    records = validation_records(program)
    assert {OWN, SHARED} == set(records)
    for domain, record in records.items():
        assert f"${{validation of {domain}}}" == record.inputs["name"]
        assert [f"${{validation value of {domain}}}"] == record.inputs["records"]


def test_the_record_of_a_shared_domain_may_stand_already_and_outlives_the_cell(program: Program) -> None:
    shared = validation_records(program)[SHARED]
    assert shared.inputs["allowOverwrite"], "another cell of the account may have written the same record"
    assert shared.retain_on_delete, "ACM renews other cells' certificates by it"


def test_the_record_of_the_cells_own_domain_is_the_cells_alone(program: Program) -> None:
    own = validation_records(program)[OWN]
    assert not own.inputs["allowOverwrite"]
    assert not own.retain_on_delete


def test_the_other_side_writes_no_records_and_waits_on_those_that_stand() -> None:
    def recovery() -> Certificate:
        standing_ones = Validation(fqdns=[pulumi.Output.from_input(f"_1.{domain}") for domain in (OWN, SHARED)])
        return certificate(validation=standing_ones)

    found = declare(recovery)
    assert [] == found.of_type(RECORD)
    assert [f"_1.{OWN}", f"_1.{SHARED}"] == only(found, VALIDATION).inputs["validationRecordFqdns"]


def test_a_side_with_one_domain_asks_for_no_alternative_names() -> None:
    found = declare(lambda: certificate(domains=(OWN,)))
    assert "subjectAlternativeNames" not in only(found, "aws:acm/certificate:Certificate").inputs
    assert {OWN} == set(validation_records(found))


def test_nothing_depends_on_what_acm_answers(program: Program) -> None:
    unknown = runner.run(STACK, Unknown(), program=lambda: pulumi.export("dns_name", certified().dns_name))
    assert {item.urn for item in program.registrations} == {item.urn for item in unknown.registrations}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"public_subnet_ids": ["subnet-1"]}, "give at least 2"),
        ({"health_path": "livez"}, "must begin with a slash"),
        ({"drain_seconds": 3601}, "must be 0 to 3600 seconds"),
        ({"drain_seconds": -1}, "must be 0 to 3600 seconds"),
    ],
)
def test_what_aws_would_refuse_is_refused_at_once(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        args(**changes)


@pytest.mark.parametrize(
    ("domains", "rule"), [((), "give the cell's own domain first"), ((OWN, OWN), "each domain once")]
)
def test_a_certificate_for_no_domain_or_for_one_twice_is_refused(domains: tuple[str, ...], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        certificate_args(domains=domains)


def test_the_standing_load_balancer_is_hardened(made: tuple[Program, Cloud]) -> None:
    found = balancer(made[1])
    assert ("internet-facing", "application", "ipv4") == (found["Scheme"], found["Type"], found["IpAddressType"])
    attributes = (
        made[1].client("elbv2", HOME).describe_load_balancer_attributes(LoadBalancerArn=found["LoadBalancerArn"])
    )
    expected = {
        "access_logs.s3.bucket": "medical-us-use2-logs",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.prefix": "alb",
        "client_keep_alive.seconds": "60",
        "deletion_protection.enabled": "true",
        "idle_timeout.timeout_seconds": "60",
        "routing.http.desync_mitigation_mode": "strictest",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
    }
    assert expected.items() <= pairs(attributes["Attributes"]).items()


def test_the_standing_load_balancer_spans_its_subnets_behind_its_own_group(made: tuple[Program, Cloud]) -> None:
    found = balancer(made[1])
    assert {f"{HOME}a", f"{HOME}b"} == {zone["ZoneName"] for zone in found["AvailabilityZones"]}
    group = made[1].client("ec2", HOME).describe_security_groups(GroupIds=found["SecurityGroups"])["SecurityGroups"][0]
    assert {80, 443} == {rule["FromPort"] for rule in group["IpPermissions"]}
    assert [] == group["IpPermissionsEgress"]


def test_the_standing_https_listener_serves_the_issued_certificate_to_the_target_group(
    made: tuple[Program, Cloud],
) -> None:
    https = listeners(made[1])[443]
    assert ("HTTPS", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06") == (https["Protocol"], https["SslPolicy"])
    arn = https["Certificates"][0]["CertificateArn"]
    certificate = made[1].client("acm", HOME).describe_certificate(CertificateArn=arn)["Certificate"]
    assert ("ISSUED", "RSA_2048") == (certificate["Status"], certificate["KeyAlgorithm"])
    assert {OWN, SHARED} == set(certificate["SubjectAlternativeNames"])
    groups = made[1].client("elbv2", HOME).describe_target_groups(LoadBalancerArn=https["LoadBalancerArn"])
    action = https["DefaultActions"][0]
    assert ("forward", groups["TargetGroups"][0]["TargetGroupArn"]) == (action["Type"], action["TargetGroupArn"])


def test_the_standing_http_listener_only_sends_on_to_https(made: tuple[Program, Cloud]) -> None:
    actions = listeners(made[1])[80]["DefaultActions"]
    redirect = actions[0]["RedirectConfig"]
    assert ["redirect"] == [action["Type"] for action in actions]
    assert ("HTTPS", "443", "HTTP_301") == (redirect["Protocol"], redirect["Port"], redirect["StatusCode"])


def test_the_standing_target_group_asks_instances_over_tls_how_they_are(made: tuple[Program, Cloud]) -> None:
    elbv2 = made[1].client("elbv2", HOME)
    group = elbv2.describe_target_groups()["TargetGroups"][0]
    assert ("HTTPS", 8443, "HTTP1") == (group["Protocol"], group["Port"], group["ProtocolVersion"])
    assert ("HTTPS", "/livez", "200") == (
        group["HealthCheckProtocol"],
        group["HealthCheckPath"],
        group["Matcher"]["HttpCode"],
    )
    assert (10, 5, 2, 2) == (
        group["HealthCheckIntervalSeconds"],
        group["HealthCheckTimeoutSeconds"],
        group["HealthyThresholdCount"],
        group["UnhealthyThresholdCount"],
    )
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    expected = {
        "deregistration_delay.timeout_seconds": "30",
        "load_balancing.algorithm.type": "round_robin",
        "slow_start.duration_seconds": "30",
    }
    assert expected.items() <= pairs(attributes).items()


def test_the_label_is_what_auto_scaling_calls_the_two(made: tuple[Program, Cloud]) -> None:
    pattern = r"app/medical-us-use2-edge/\w+/targetgroup/medical-us-use2-web-8443/\w+"
    assert re.fullmatch(pattern, made[0].exports["label"])


def test_both_sides_are_proven_by_the_same_records_in_the_zone(made: tuple[Program, Cloud]) -> None:
    program, cloud = made
    zone_id = only(program, "aws:route53/zone:Zone").id
    found = cloud.client("route53", HOME).list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    in_zone = {(item["Name"], item["ResourceRecords"][0]["Value"]) for item in found if item["Type"] == "CNAME"}
    assert program.exports["home"] == program.exports["recovery"]
    for region in (HOME, RECOVERY):
        acm = cloud.client("acm", region)
        arn = acm.list_certificates()["CertificateSummaryList"][0]["CertificateArn"]
        options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        asked = {(item["ResourceRecord"]["Name"], item["ResourceRecord"]["Value"]) for item in options}
        assert asked <= in_zone, f"the certificate in {region} could not be renewed by the zone's records"


def test_cells_that_share_a_domain_share_its_record(made: tuple[Program, Cloud]) -> None:
    written = [item.inputs["name"] for item in made[0].of_type(RECORD)]
    zone_id = only(made[0], "aws:route53/zone:Zone").id
    found = made[1].client("route53", HOME).list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    standing_ones = [item["Name"] for item in found if item["Type"] == "CNAME"]
    assert 4 == len(written)
    assert sorted(set(written)) == sorted(standing_ones)


def test_a_certificate_that_is_not_issued_stops_the_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    def pending() -> None:
        monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", 3600)
        opts = opts_in("eu-west-1")
        certificate = acm.Certificate("slow", domain_name="slow.example.com", validation_method="DNS", opts=opts)
        acm.CertificateValidation("slow", certificate_arn=certificate.arn, opts=opts)

    with pytest.raises(CreationError, match=r"slow .*CertificateValidation.* gave no id"), standing(pending):
        pass
