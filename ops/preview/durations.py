"""How long AWS takes to make things: seconds by type, each with its source, and what of a thing waits for what. Pure.

The times are published ranges' middles, of the provider's own acceptance logs and of AWS's guides, gathered in November
2026. They promise nothing; a chain of them says where the time of a first deployment goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

API_CALL_SECONDS: Final = 3  # a request, the reading back of it, and the state's write
REPLICA_SECONDS: Final = 600


class Duration(NamedTuple):
    """How long one takes, in seconds, and who says so."""

    seconds: int
    source: str


_LOGS: Final = "creation times that users of the provider published"
_GUIDE: Final = "AWS's guide to the service"

DURATIONS: Final[Mapping[str, Duration]] = {
    "aws:acm/certificateValidation:CertificateValidation": Duration(240, f"{_LOGS}: 1m29 to 8m52"),
    "aws:autoscaling/group:Group": Duration(240, f"{_LOGS}: instances answer after 3 to 5 minutes"),
    "aws:cfg/conformancePack:ConformancePack": Duration(180, _GUIDE),
    "aws:ec2/internetGateway:InternetGateway": Duration(5, _LOGS),
    "aws:ec2/natGateway:NatGateway": Duration(98, f"{_LOGS}: 1m23 to 1m52"),
    "aws:ec2/vpc:Vpc": Duration(12, _LOGS),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Duration(75, _LOGS),
    "aws:elasticache/replicationGroup:ReplicationGroup": Duration(337, f"{_LOGS}: 5m37 for one node"),
    "aws:iam/instanceProfile:InstanceProfile": Duration(8, _LOGS),
    "aws:kms/key:Key": Duration(12, _LOGS),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Duration(20, _LOGS),
    "aws:lambda/function:Function": Duration(15, _LOGS),
    "aws:lb/loadBalancer:LoadBalancer": Duration(155, f"{_LOGS}: 2m19 to 2m52"),
    "aws:rds/instance:Instance": Duration(480, f"{_LOGS}: 5 to 17 minutes, median 8"),
    "aws:route53/record:Record": Duration(40, f"{_GUIDE}: in sync within 60 s"),
    "aws:route53/zone:Zone": Duration(45, _LOGS),
    "aws:synthetics/canary:Canary": Duration(40, _LOGS),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Duration(20, _LOGS),
}
# Multi-AZ adds the standby, and a replica in another region a snapshot that travels: 8 minutes at least, when empty.
REPLICA: Final = Duration(REPLICA_SECONDS, f"{_LOGS}: 8 minutes or more, when empty")
ELSE: Final = Duration(API_CALL_SECONDS, "one API call and its answer")

# What cannot be made, or cannot work, before something else is there, whoever writes the program: a database lies in
# subnets under a key, a replica follows a source, instances are told at boot where their own side's database and cache
# are, a listener shows a certificate that was validated. What the program adds to this of its own accord is its waste.
NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "aws:ec2/subnet:Subnet": frozenset({"aws:ec2/vpc:Vpc"}),
    "aws:ec2/natGateway:NatGateway": frozenset({"aws:ec2/subnet:Subnet", "aws:ec2/eip:Eip"}),
    "aws:ec2/route:Route": frozenset({"aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway"}),
    "aws:rds/subnetGroup:SubnetGroup": frozenset({"aws:ec2/subnet:Subnet"}),
    "aws:elasticache/subnetGroup:SubnetGroup": frozenset({"aws:ec2/subnet:Subnet"}),
    "aws:rds/instance:Instance": frozenset(
        {"aws:rds/subnetGroup:SubnetGroup", "aws:kms/key:Key", "aws:rds/instance:Instance"}
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset(
        {"aws:elasticache/subnetGroup:SubnetGroup", "aws:kms/key:Key"}
    ),
    "aws:lb/loadBalancer:LoadBalancer": frozenset({"aws:ec2/subnet:Subnet", "aws:s3/bucketPolicy:BucketPolicy"}),
    "aws:acm/certificateValidation:CertificateValidation": frozenset(
        {"aws:acm/certificate:Certificate", "aws:route53/record:Record"}
    ),
    "aws:route53/record:Record": frozenset({"aws:route53/zone:Zone", "aws:lb/loadBalancer:LoadBalancer"}),
    "aws:lb/listener:Listener": frozenset(
        {"aws:acm/certificateValidation:CertificateValidation", "aws:lb/loadBalancer:LoadBalancer"}
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": frozenset(
        {"aws:rds/instance:Instance", "aws:elasticache/replicationGroup:ReplicationGroup"}
    ),
    "aws:autoscaling/group:Group": frozenset(
        {"aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/subnet:Subnet", "aws:lb/listener:Listener"}
    ),
    "aws:autoscaling/policy:Policy": frozenset({"aws:autoscaling/group:Group"}),
}
