"""Which node of the picture a resource belongs to: each resource to exactly one. Pure.

What a table does not know stands in a node of its own, `others`: a new service is seen in the picture at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ops.engine.places import GLOBAL
from ops.preview.model import Preview, Resource

OTHERS: Final = "others"
NETWORK: Final = "network"  # the frames themselves: VPC, subnets, routes, who reaches whom
HOME: Final = "home"
_FOLDER: Final = re.compile(r"\$medical:(\w+):\w+(?=\$aws|\$random|::)")
_BUCKET: Final = "aws:s3/bucket:Bucket"
_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

# What its type and name begin with, which component folder it stands in (any if empty), and the node.
_KINDS: Final = (
    ("pulumi:", "", NETWORK),
    ("random:", "", "secrets"),
    ("aws:secretsmanager/", "", "secrets"),
    ("aws:ec2/(natGateway|eip):", "", "nat"),
    ("aws:ec2/vpcEndpoint", "", "endpoints"),
    ("aws:ec2/launchTemplate:", "", "web"),
    ("aws:ec2/flowLog:", "", "logs"),
    ("aws:(ec2|vpc)/", "", NETWORK),
    ("aws:(lb|wafv2|acm)/", "", "edge"),
    ("aws:autoscaling/", "", "web"),
    ("aws:elasticache/", "", "cache"),
    ("aws:rds/", "", "database"),
    ("aws:backup/", "", "vault"),
    ("aws:(kms|ebs)/", "", "key"),  # volumes are encrypted by default
    ("aws:cloudtrail/", "", "trail"),
    ("aws:route53/resolver", "", "logs"),
    ("aws:route53/", "", "dns"),
    ("aws:(guardduty|securityhub|cfg|inspector2|accessanalyzer)/", "", "detection"),
    ("aws:(budgets|costexplorer)/", "", "spending"),
    ("aws:iam/", "", "iam"),
    ("aws:synthetics/", "", "canaries"),
    ("aws:cloudwatch/log", "", "logs"),
    ("aws:(lambda|sns|sqs|cloudwatch/event\\w+|ssm)[/:]", "documents", "functions"),
    ("aws:cloudwatch/event", "detection", "detection"),
    ("aws:(sns|sqs)/", "operations", "operations"),
    (r"aws:(sns|sqs)/\S+ \S+-operations\b", "", "operations"),
    ("aws:(sns|sqs)/", "", "topics"),
    ("aws:(lambda|ssm/document|cloudwatch/event|scheduler|pipes)", "web", "web"),
    ("aws:(lambda|cloudwatch/event)", "", "handlers"),
    ("aws:ssm/document", "", "handlers"),
    ("aws:ssm/parameter", "manifest", "manifest"),
    ("aws:ssm/", "", "web"),
    ("aws:cloudwatch/", "", "alarms"),
)
_GLOBAL_KINDS: Final = frozenset({"dns", "iam", "spending"})

TITLES: Final[Mapping[str, str]] = {
    "nat": "NAT",
    "edge": "Load balancer",
    "web": "Instances",
    "endpoints": "VPC endpoints",
    "cache": "Cache",
    "database": "Database",
    "vault": "Backup vault",
    "key": "Encryption key",
    "buckets": "Patient buckets",
    "functions": "Documents",
    "trail": "Audit trail",
    "detection": "Detection",
    "secrets": "Secrets",
    "topics": "Journey topics",
    "operations": "Operations",
    "manifest": "Manifest",
    "alarms": "Alarms",
    "shelf": "Other buckets",
    "logs": "Logs",
    "canaries": "Canaries",
    "handlers": "Handlers",
    "others": "Others",
    "dns": "Route 53",
    "iam": "IAM",
    "spending": "Spending",
}


def grouped(found: Preview) -> dict[tuple[str, str], list[Resource]]:
    """The resources of each node, by side and kind."""
    copied = _copied_buckets(found.resources)
    nodes: dict[tuple[str, str], list[Resource]] = {}
    for item in found.resources:
        if item.custom:
            kind = _of_bucket(item, copied) if item.type.startswith("aws:s3/") else kind_of(item)
            nodes.setdefault((_side(item, kind), kind), []).append(item)
    return nodes


def kind_of(item: Resource) -> str:
    """The node of anything but a bucket."""
    folder = folder_of(item.urn)
    known = f"{item.type} {item.name}"
    found = (kind for pattern, where, kind in _KINDS if where in {"", folder} and re.match(pattern, known))
    return next(found, OTHERS)


def folder_of(urn: str) -> str:
    """The folder of the component that a resource stands in."""
    found = _FOLDER.findall(urn)
    return found[-1] if found else ""


def _side(item: Resource, kind: str) -> str:
    """The account's own for what is global; home for what belongs to both."""
    if kind in _GLOBAL_KINDS:
        return ""
    return item.side if item.side or item.region == GLOBAL else HOME


def _copied_buckets(resources: Sequence[Resource]) -> frozenset[str]:
    """The names of buckets that are replicated; in a cell of one side those that hold a dataset of patients."""
    names = {str(item.inputs["bucket"]) for item in resources if item.type == _REPLICATION}
    if names:
        return frozenset(names)
    kept = {"uploads", "derived", "audit"}
    buckets = (item for item in resources if item.type == _BUCKET)
    return frozenset(str(item.inputs["bucket"]) for item in buckets if item.name.rpartition("-")[2] in kept)


def _of_bucket(item: Resource, copied: frozenset[str]) -> str:
    inputs: Mapping[str, object] = item.inputs
    return "buckets" if str(inputs.get("bucket", "")) in copied else "shelf"
