"""Recipes of plans for the three shipped cells, from their settings alone."""

from __future__ import annotations

from typing import Any, Final

import settings
from domain import manifest as manifests
from domain import quotas
from domain.manifest import Manifest
from domain.naming import Names
from domain.objectives import JOURNEYS
from domain.regions import region as find_region
from ops.drill.plans import Recipe
from ops.engine import project

CELLS: Final = ("us", "eu", "apac")
CALLS: Final = {
    "promote": ("rds:PromoteReadReplica",),
    "promoted": ("rds:DescribeDBInstances",),
    "one-writer": ("rds:DescribeDBInstances",),
    "fence": ("rds:ModifyDBParameterGroup",),
    "unfence": ("rds:ResetDBParameterGroup",),
    "fenced": ("rds:DescribeDBInstances", "rds:DescribeDBParameters"),
    "turn-switch": ("cloudwatch:PutMetricData",),
    "grow": ("autoscaling:UpdateAutoScalingGroup",),
    "desired": ("autoscaling:DescribeAutoScalingGroups",),
    "received-applied": ("cloudwatch:GetMetricStatistics",),
    "stores-agree": ("s3:GetObject",),
}


def manifest(cell: str, writer: str = "home", **targets: int) -> Manifest:
    """The manifest of a shipped cell, with names as the program gives them."""
    stack = project.load(cell)
    own = f"{stack.project}:"
    found = settings.load(cell, {k.removeprefix(own): v for k, v in stack.config.items() if k.startswith(own)})
    account = found.account_id
    switch_name = Names(cell=cell, place=find_region(found.recovery_region).abbreviation).of("failover-switch")
    content = {
        "cell": cell,
        "jurisdiction": found.jurisdiction,
        "account_id": account,
        "writer": writer,
        "home": _side(cell, found.home_region, account, found.web_home_min, found.web_max),
        "recovery": _side(cell, found.recovery_region, account, found.web_home_min, found.web_max),
        "release": {"key": "starter-0a1b2c3d.zip", "sha256": "ab" * 32},
        "image": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "switch": {
            "region": found.recovery_region,
            "namespace": "Medical/Continuity",
            "metric": "FailoverSwitch",
            "dimension": "Cell",
            "alarm": switch_name,
        },
        "health_checks": {"primary": "abcdef11-2222-3333-4444-555555fedcba"},
        "quotas": {item.key: item.needed for item in quotas.needed(found)},
        "targets": {
            "reads_seconds": found.reads_target_seconds,
            "writes_seconds": found.writes_target_seconds,
            "data_loss_seconds": found.data_loss_target_seconds,
            **targets,
        },
        "journeys": {
            journey: {
                "rto_seconds": found.journey_objectives[journey].rto_seconds,
                "rpo_seconds": found.journey_objectives[journey].rpo_seconds,
            }
            for journey in JOURNEYS
        },
    }
    return manifests.read(manifests.write(content))


def recipe(cell: str = "us", *, writer: str = "home", **changes: Any) -> Recipe:  # noqa: ANN401 - any field's value
    """How a plan for `cell` is made on the local cloud, unless `changes` say otherwise."""
    made: dict[str, Any] = {
        "manifest": manifest(cell, writer),
        "site": "sandbox",
        "code": "c0de",
        "calls": CALLS,
        "seed": 1,
        "checks": ("secrets", "replica-lag"),
    }
    return Recipe(**{**made, **changes})


def _side(cell: str, region: str, account: str, wanted: int, most: int) -> dict[str, Any]:
    named = f"medical-{cell}-{find_region(region).abbreviation}"
    key = f"arn:aws:kms:{region}:{account}:key/1f6ae4a1-2c0e-4a0c-9d2b-6d3b5c8f3c1e"
    secret = f"arn:aws:secretsmanager:{region}:{account}:secret:medical/{cell}"
    group = f"arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{named}/6d0ecf831eec9f09"
    return {
        "region": region,
        "load_balancer": f"{named}-edge-1234567890.{region}.elb.amazonaws.com",
        "target_group": group,
        "fleet": {"autoscaling_group": f"{named}-web", "minimum": 1, "maximum": most, "scale_to": wanted},
        "database": {
            "identifier": f"{named}-db-1",
            "arn": f"arn:aws:rds:{region}:{account}:db:{named}-db-1",
            "generation": 1,
            "parameter_group": f"{named}-db-1-mysql84",
        },
        "secrets": {
            "database": f"{secret}/application-AbCdEf",
            "master": f"{secret}/database-AbCdEf",
            "cache": f"{secret}/cache-AbCdEf",
        },
        "key": key,
        "buckets": {"uploads": f"{named}-uploads-{account}"},
        "vault": f"arn:aws:backup:{region}:{account}:backup-vault:{named}-backup",
        "operations_topic": f"arn:aws:sns:{region}:{account}:{named}-operations",
    }
