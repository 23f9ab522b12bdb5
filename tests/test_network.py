"""The network, declared and standing."""

from __future__ import annotations

from typing import Any

import pytest

from components.network.args import NetworkArgs
from components.network.network import Network
from domain.naming import Names
from domain.regions import region
from ops.engine.record import Program
from tests.support import ACCOUNT, BOUNDARY, HOME, declare, only, opts_in, standing, statements

ZONES = {"use2-az1", "use2-az2", "use2-az3"}
ENDPOINTS = ("ssm", "kms")


def network(*, nat_per_az: bool = False, endpoints: tuple[str, ...] = ENDPOINTS) -> Network:
    args = NetworkArgs(
        names=Names(cell="us", place="use2"),
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        region=region(HOME),
        cidr="10.10.0.0/16",
        nat_per_az=nat_per_az,
        interface_endpoints=endpoints,
        log_days=365,
        key_arn=f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1",
    )
    return Network("home-network", args, opts_in())


@pytest.fixture(scope="module")
def declared() -> Program:
    return declare(network)


def routes_out(program: Program, tier: str) -> dict[str, Any]:
    """Where each subnet of a tier sends what leaves the VPC, by route table."""
    return {
        item.inputs["routeTableId"]: item.inputs.get("gatewayId") or item.inputs.get("natGatewayId")
        for item in program.of_type("aws:ec2/route:Route")
        if f"-{tier}-" in item.name
    }


def test_only_public_subnets_reach_the_internet_gateway(declared: Program) -> None:
    gateway = only(declared, "aws:ec2/internetGateway:InternetGateway").id
    assert {gateway} == set(routes_out(declared, "public").values())
    assert gateway not in routes_out(declared, "private").values()


@pytest.mark.parametrize("type_", ["aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"])
def test_what_needs_the_internet_waits_for_the_way_there(declared: Program, type_: str) -> None:
    routes = {item.urn for item in declared.of_type("aws:ec2/route:Route") if item.name.endswith("-internet")}
    assert 3 == len(routes)
    for item in declared.of_type(type_):
        assert routes <= set(item.dependencies), f"AWS fails {item.name} in a VPC without an internet gateway"


def test_data_subnets_have_no_way_out(declared: Program) -> None:
    tables = [item.name for item in declared.of_type("aws:ec2/routeTable:RouteTable")]
    assert 3 == sum("-data-" in name for name in tables), "each data subnet has a table of its own"
    assert {} == routes_out(declared, "data")


def test_one_nat_gateway_serves_the_side_by_default(declared: Program) -> None:
    assert 1 == len(declared.of_type("aws:ec2/natGateway:NatGateway"))
    assert 1 == len(set(routes_out(declared, "private").values()))


def test_with_nat_per_az_a_lost_zone_takes_no_other_zones_way_out() -> None:
    program = declare(lambda: network(nat_per_az=True))
    assert 3 == len(program.of_type("aws:ec2/natGateway:NatGateway"))
    assert 3 == len(set(routes_out(program, "private").values()))


def test_endpoints_admit_https_from_the_private_subnets_and_nobody_else(declared: Program) -> None:
    private = {
        item.inputs["cidrBlock"] for item in declared.of_type("aws:ec2/subnet:Subnet") if "-private-" in item.name
    }
    rules = declared.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert private == {rule.inputs["cidrIpv4"] for rule in rules}
    assert {(443, 443, "tcp")} == {
        (rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs["ipProtocol"]) for rule in rules
    }


def test_without_interface_endpoints_only_the_gateway_endpoint_is_left() -> None:
    program = declare(lambda: network(endpoints=()))
    assert ["home-network-s3"] == [item.name for item in program.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")]
    assert [] == program.of_type("aws:ec2/securityGroup:SecurityGroup"), "no group is left without a use"


def test_each_interface_endpoint_answers_to_the_services_own_name_in_every_private_subnet(declared: Program) -> None:
    private = {item.id for item in declared.of_type("aws:ec2/subnet:Subnet") if "-private-" in item.name}
    assert 3 == len(private)
    group = only(declared, "aws:ec2/securityGroup:SecurityGroup").id
    interfaces = [
        item.inputs
        for item in declared.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if item.inputs["vpcEndpointType"] == "Interface"
    ]
    assert len(ENDPOINTS) == len(interfaces)
    for item in interfaces:
        assert item["privateDnsEnabled"] is True, "without it the service's name leads out through NAT"
        assert private == set(item["subnetIds"])
        assert [group] == item["securityGroupIds"]


def test_the_flow_logs_role_writes_to_its_own_log_group_only(declared: Program) -> None:
    group = only(declared, "aws:cloudwatch/logGroup:LogGroup", "home-network-flow-logs")
    (statement,) = statements(only(declared, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    assert [group.outputs["arn"], f"{group.outputs['arn']}:*"] == statement["Resource"]


def test_flow_logs_keep_refused_and_allowed_connections(declared: Program) -> None:
    log = only(declared, "aws:ec2/flowLog:FlowLog")
    assert "ALL" == log.inputs["trafficType"]
    assert only(declared, "aws:ec2/vpc:Vpc").id == log.inputs["vpcId"]


def test_every_name_that_the_vpc_asks_for_is_logged(declared: Program) -> None:
    group = only(declared, "aws:cloudwatch/logGroup:LogGroup", "home-network-resolver-queries")
    config = only(declared, "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig")
    admitted = only(declared, "aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    association = only(declared, "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation")
    assert "/medical/us/use2/resolver-queries" == group.inputs["name"]
    assert group.outputs["arn"] == config.inputs["destinationArn"]
    assert admitted.urn in config.property_dependencies["destinationArn"], "it may be written to before it is"
    assert (config.id, only(declared, "aws:ec2/vpc:Vpc").id) == (
        association.inputs["resolverQueryLogConfigId"],
        association.inputs["resourceId"],
    )


def test_the_standing_network_is_what_was_declared() -> None:
    with standing(network) as (program, cloud):
        ec2 = cloud.client("ec2", HOME)
        mine = [{"Name": "vpc-id", "Values": [only(program, "aws:ec2/vpc:Vpc").id]}]

        found = ec2.describe_subnets(Filters=mine)["Subnets"]
        assert dict.fromkeys(ZONES, 3) == {
            zone: sum(item["AvailabilityZoneId"] == zone for item in found) for zone in ZONES
        }
        assert not any(item["MapPublicIpOnLaunch"] for item in found)

        (default,) = [
            group
            for group in ec2.describe_security_groups(Filters=mine)["SecurityGroups"]
            if group["GroupName"] == "default"
        ]
        assert ([], []) == (default["IpPermissions"], default["IpPermissionsEgress"]), "the default group is closed"

        endpoints = {
            item["ServiceName"].rpartition(".")[2]: item
            for item in ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]
        }
        assert {"s3", *ENDPOINTS} == set(endpoints)
        private = {item["SubnetId"] for item in found if {"Key": "Tier", "Value": "private"} in item["Tags"]}
        assert 3 == len(private)
        for service in ENDPOINTS:
            assert ("Interface", True) == (
                endpoints[service]["VpcEndpointType"],
                endpoints[service]["PrivateDnsEnabled"],
            )
            assert private == set(endpoints[service]["SubnetIds"])

        (group,) = cloud.client("logs", HOME).describe_log_groups(logGroupNamePrefix="/medical/us/use2/flow-logs")[
            "logGroups"
        ]
        assert (365, f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1") == (group["retentionInDays"], group["kmsKeyId"])

        resolver = cloud.client("route53resolver", HOME)
        (config,) = resolver.list_resolver_query_log_configs()["ResolverQueryLogConfigs"]
        assert config["DestinationArn"].endswith(":log-group:/medical/us/use2/resolver-queries")
        (link,) = resolver.list_resolver_query_log_config_associations()["ResolverQueryLogConfigAssociations"]
        assert only(program, "aws:ec2/vpc:Vpc").id == link["ResourceId"]
