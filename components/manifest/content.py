"""Collects what the manifest says of a cell from the parts that stand: `domain.manifest` in the making."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.cell.regional import RegionalStack
from components.web.release import Release
from domain import quotas, switch
from domain.objectives import JOURNEYS, Objective
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class SideParts:
    """What is known of a side beside its stack. `minimum` are the instances that it keeps while the other serves."""

    region: str
    generation: int
    minimum: int
    stack: RegionalStack
    parameter_group: pulumi.Input[str]
    application_secret_arn: pulumi.Input[str]
    master_secret_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    vault_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Routing:
    """What turns the cell's users: the switch's alarm, in recovery, and the health checks' ids by what they watch."""

    switch_alarm: pulumi.Input[str]
    health_checks: Mapping[str, pulumi.Input[str]]


def collect(
    settings: Settings, home: SideParts, recovery: SideParts, *, release: Release, image: str, routing: Routing
) -> dict[str, Any]:
    """The content of the manifest. `image` is the public parameter that names the machine image in each region."""
    return {
        "cell": settings.cell,
        "jurisdiction": settings.jurisdiction,
        "account_id": settings.account_id,
        "writer": settings.writer,
        "home": _side(settings, home),
        "recovery": _side(settings, recovery),
        "release": {"key": release.key, "sha256": release.sha256},
        "image": image,
        "switch": {
            "region": recovery.region,
            "namespace": switch.NAMESPACE,
            "metric": switch.METRIC,
            "dimension": switch.DIMENSION,
            "alarm": routing.switch_alarm,
        },
        "health_checks": dict(routing.health_checks),
        "quotas": {item.key: item.needed for item in quotas.needed(settings)},
        "targets": {
            "reads_seconds": settings.reads_target_seconds,
            "writes_seconds": settings.writes_target_seconds,
            "data_loss_seconds": settings.data_loss_target_seconds,
        },
        "journeys": {journey: _promise(settings.journey_objectives[journey]) for journey in JOURNEYS},
    }


def _promise(promised: Objective) -> dict[str, int]:
    return {"rto_seconds": promised.rto_seconds, "rpo_seconds": promised.rpo_seconds}


def _side(settings: Settings, parts: SideParts) -> dict[str, Any]:
    stack = parts.stack
    return {
        "region": parts.region,
        "load_balancer": stack.edge.dns_name,
        "target_group": stack.edge.target_group_arn,
        "fleet": {
            "autoscaling_group": stack.web.autoscaling_group_name,
            "minimum": parts.minimum,
            "maximum": settings.web_max,
            # Either side carries all of the cell's load when it is alone, which is what home is sized for.
            "scale_to": max(settings.web_home_min, parts.minimum),
        },
        "database": {
            "identifier": stack.database.identifier,
            "arn": stack.database.arn,
            "generation": parts.generation,
            "parameter_group": parts.parameter_group,
        },
        "secrets": {
            "database": parts.application_secret_arn,
            "master": parts.master_secret_arn,
            "cache": stack.cache.secret_arn,
        },
        "key": parts.key_arn,
        "buckets": {role: bucket.name for role, bucket in stack.storage.buckets.items()},
        "vault": parts.vault_arn,
        "operations_topic": stack.messaging.operations_topic,
    }
