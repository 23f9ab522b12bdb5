"""Which properties tell the most about a resource, by type, and how a value is shown in a line. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.preview.model import Resource

_LONGEST: Final = 72  # characters of a value in a line
_FALLBACK: Final = 3  # properties of a type without an entry
_DULL: Final = frozenset({"tags", "description", "policy", "assumeRolePolicy", "region"})

# Short type: paths of inputs, of which the first of a list stands for the list.
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "provider:aws": ("region", "allowedAccountIds"),
    "acm:Certificate": ("domainName", "subjectAlternativeNames", "validationMethod"),
    "autoscaling:Group": ("name", "minSize", "maxSize", "desiredCapacity", "healthCheckType"),
    "autoscaling:Policy": ("policyType", "targetTrackingConfiguration.predefinedMetricSpecification"),
    "cloudwatch:LogGroup": ("name", "retentionInDays"),
    "ec2:FlowLog": ("trafficType", "logDestination"),
    "ec2:LaunchTemplate": ("name", "imageId", "instanceType", "metadataOptions.httpTokens"),
    "ec2:NatGateway": ("subnetId",),
    "ec2:Route": ("destinationCidrBlock", "natGatewayId", "gatewayId"),
    "ec2:SecurityGroup": ("name", "vpcId"),
    "ec2:Subnet": ("cidrBlock", "availabilityZoneId"),
    "ec2:Vpc": ("cidrBlock",),
    "ec2:VpcEndpoint": ("serviceName", "vpcEndpointType"),
    "elasticache:ReplicationGroup": (
        "replicationGroupId",
        "engine",
        "engineVersion",
        "nodeType",
        "numCacheClusters",
        "multiAzEnabled",
    ),
    "iam:Role": ("name",),
    "iam:RolePolicy": ("name", "role"),
    "kms:Alias": ("name",),
    "kms:Key": ("description", "enableKeyRotation"),
    "lb:Listener": ("port", "protocol", "sslPolicy"),
    "lb:LoadBalancer": ("name", "internal", "enableDeletionProtection"),
    "lb:TargetGroup": ("name", "port", "protocol", "healthCheck.path"),
    "random:RandomPassword": ("length",),
    "rds:Instance": (
        "identifier",
        "engine",
        "engineVersion",
        "instanceClass",
        "allocatedStorage",
        "multiAz",
        "replicateSourceDb",
        "deletionProtection",
    ),
    "rds:ParameterGroup": ("name", "family"),
    "route53:HealthCheck": ("type", "fqdn", "requestInterval", "childHealthThreshold", "cloudwatchAlarmName"),
    "route53:Record": ("name", "type", "setIdentifier", "failoverRoutingPolicies.type"),
    "route53:Zone": ("name",),
    "s3:Bucket": ("bucket",),
    "s3:BucketLifecycleConfiguration": ("rules.id",),
    "s3:BucketVersioning": ("bucket", "versioningConfiguration.status"),
    "secretsmanager:Secret": ("name", "replicas.region"),
    "sns:Topic": ("name",),
    "sqs:Queue": ("name", "messageRetentionSeconds"),
    "vpc:SecurityGroupEgressRule": ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"),
    "vpc:SecurityGroupIngressRule": ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"),
}


def telling(item: Resource) -> list[tuple[str, str]]:
    """The properties of `item` to show in its line, each as name and value."""
    paths = _TELLING.get(item.short_type)
    if paths is None:
        paths = tuple(_plain_inputs(item))[:_FALLBACK]
    found = ((path, _at(item.inputs, path)) for path in paths)
    return [(path, shown(value)) for path, value in found if value is not None]


def _plain_inputs(item: Resource) -> Iterator[str]:
    """Inputs that are one plain value, names first."""
    plain = [key for key, value in item.inputs.items() if key not in _DULL and not isinstance(value, (Mapping, list))]
    yield from sorted(plain, key=lambda key: (key != "name" and not key.endswith("Name"), key))


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - a property tree is any JSON
    for name in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def shown(value: Any, longest: int = _LONGEST) -> str:  # noqa: ANN401 - a property tree is any JSON
    """`value` on one line, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    line = text if text.isprintable() else ascii(text)[1:-1]
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
