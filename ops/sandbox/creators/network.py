"""Creators for the network, its flow logs, and the roles and keys that it needs."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Values

_EC2_ARN = "arn:aws:ec2:{region}:{account}:"

# AWS opens every new group's way out, and the provider closes it again.
_CLOSE_EGRESS = Call(
    operation="revoke_security_group_egress",
    params={"GroupId": "{id}", "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
)


def _permission(values: Values) -> dict[str, Any]:
    """A rule in the nested form that EC2 takes."""
    note = {"Description": values.get("description", "")}
    permission: dict[str, Any] = {"IpProtocol": values["ipProtocol"]}
    if "fromPort" in values:
        permission |= {"FromPort": values["fromPort"], "ToPort": values["toPort"]}
    if "cidrIpv4" in values:
        permission["IpRanges"] = [{"CidrIp": values["cidrIpv4"], **note}]
    if "referencedSecurityGroupId" in values:
        permission["UserIdGroupPairs"] = [{"GroupId": values["referencedSecurityGroupId"], **note}]
    if "prefixListId" in values:
        permission["PrefixListIds"] = [{"PrefixListId": values["prefixListId"], **note}]
    return {"securityGroupId": values["securityGroupId"], "permission": permission}


def _rule(operation: str) -> Creator:
    return Creator(
        service="ec2",
        operation=operation,
        id="SecurityGroupRules[0].SecurityGroupRuleId",
        prepare=_permission,
        params={"GroupId": "{securityGroupId}", "IpPermissions": ["{permission}"]},
    )


CREATORS: Final = {
    "aws:ec2/vpc:Vpc": Creator(
        service="ec2",
        operation="create_vpc",
        id="Vpc.VpcId",
        tag_type="vpc",
        outputs={"arn": _EC2_ARN + "vpc/{id}"},
        then=(
            Call(
                operation="modify_vpc_attribute",
                params={"VpcId": "{id}", "EnableDnsHostnames": {"Value": "{enableDnsHostnames}"}},
                when="enableDnsHostnames",
            ),
            Call(
                operation="modify_vpc_attribute",
                params={"VpcId": "{id}", "EnableDnsSupport": {"Value": "{enableDnsSupport}"}},
                when="enableDnsSupport",
            ),
        ),
    ),
    "aws:ec2/subnet:Subnet": Creator(
        service="ec2",
        operation="create_subnet",
        id="Subnet.SubnetId",
        tag_type="subnet",
        outputs={"arn": "Subnet.SubnetArn", "availabilityZone": "Subnet.AvailabilityZone"},
        then=(
            Call(
                operation="modify_subnet_attribute",
                params={"SubnetId": "{id}", "MapPublicIpOnLaunch": {"Value": "{mapPublicIpOnLaunch}"}},
            ),
        ),
    ),
    "aws:ec2/internetGateway:InternetGateway": Creator(
        service="ec2",
        operation="create_internet_gateway",
        id="InternetGateway.InternetGatewayId",
        tag_type="internet-gateway",
        then=(
            Call(
                operation="attach_internet_gateway",
                params={"InternetGatewayId": "{id}", "VpcId": "{vpcId}"},
            ),
        ),
    ),
    "aws:ec2/routeTable:RouteTable": Creator(
        service="ec2",
        operation="create_route_table",
        id="RouteTable.RouteTableId",
        tag_type="route-table",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Creator(
        service="ec2",
        operation="associate_route_table",
        id="AssociationId",
    ),
    "aws:ec2/route:Route": Creator(
        service="ec2",
        operation="create_route",
        id="{routeTableId}:{destinationCidrBlock}",
    ),
    "aws:ec2/eip:Eip": Creator(
        service="ec2",
        operation="allocate_address",
        id="AllocationId",
        tag_type="elastic-ip",
        outputs={"allocationId": "AllocationId", "publicIp": "PublicIp"},
    ),
    "aws:ec2/natGateway:NatGateway": Creator(
        service="ec2",
        operation="create_nat_gateway",
        id="NatGateway.NatGatewayId",
        tag_type="natgateway",
        outputs={"publicIp": "NatGateway.NatGatewayAddresses[0].PublicIp"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Creator(
        service="ec2",
        operation="create_vpc_endpoint",
        id="VpcEndpoint.VpcEndpointId",
        params={"PolicyDocument": "{policy}"},
        tag_type="vpc-endpoint",
    ),
    "aws:ec2/securityGroup:SecurityGroup": Creator(
        service="ec2",
        operation="create_security_group",
        id="GroupId",
        params={"GroupName": "{name}"},
        tag_type="security-group",
        outputs={"arn": _EC2_ARN + "security-group/{id}"},
        then=(_CLOSE_EGRESS,),
    ),
    "aws:ec2/flowLog:FlowLog": Creator(
        service="ec2",
        operation="create_flow_logs",
        id="FlowLogIds[0]",
        params={"ResourceIds": ["{vpcId}"], "ResourceType": "VPC", "DeliverLogsPermissionArn": "{iamRoleArn}"},
        tag_type="vpc-flow-log",
    ),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": Creator(
        service="route53resolver",
        operation="create_resolver_query_log_config",
        id="ResolverQueryLogConfig.Id",
        params={"CreatorRequestId": "{logicalName}"},
        outputs={"arn": "ResolverQueryLogConfig.Arn"},
    ),
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": Creator(
        service="route53resolver",
        operation="associate_resolver_query_log_config",
        id="ResolverQueryLogConfigAssociation.Id",
    ),
    "aws:cloudwatch/logGroup:LogGroup": Creator(
        service="logs",
        operation="create_log_group",
        id="{name}",
        params={"logGroupName": "{name}", "kmsKeyId": "{kmsKeyId}"},
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        then=(
            Call(
                operation="put_retention_policy",
                params={"logGroupName": "{name}", "retentionInDays": "{retentionInDays}"},
            ),
        ),
    ),
    "aws:iam/role:Role": Creator(
        service="iam",
        operation="create_role",
        id="Role.RoleName",
        params={"RoleName": "{name}", "AssumeRolePolicyDocument": "{assumeRolePolicy}"},
        outputs={"arn": "Role.Arn", "uniqueId": "Role.RoleId"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Creator(
        service="iam",
        operation="put_role_policy",
        id="{role}:{logicalName}",
        params={"RoleName": "{role}", "PolicyName": "{logicalName}", "PolicyDocument": "{policy}"},
    ),
    "aws:kms/key:Key": Creator(
        service="kms",
        operation="create_key",
        id="KeyMetadata.KeyId",
        outputs={"arn": "KeyMetadata.Arn", "keyId": "KeyMetadata.KeyId"},
        dropped={"deletionWindowInDays": "says what happens at deletion, which moto asks at that time"},
        then=(Call(operation="enable_key_rotation", params={"KeyId": "{id}"}, when="enableKeyRotation"),),
    ),
    "aws:kms/alias:Alias": Creator(
        service="kms",
        operation="create_alias",
        id="{name}",
        params={"AliasName": "{name}"},
        outputs={"arn": "arn:aws:kms:{region}:{account}:{name}"},
    ),
    # A group without rules is closed: the provider takes away those that AWS puts into a new VPC's default group.
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Creator(
        service="ec2",
        operation="describe_security_groups",
        id="SecurityGroups[0].GroupId",
        params={
            "Filters": [
                {"Name": "vpc-id", "Values": ["{vpcId}"]},
                {"Name": "group-name", "Values": ["default"]},
            ],
        },
        then=(_CLOSE_EGRESS,),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("authorize_security_group_ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("authorize_security_group_egress"),
}
