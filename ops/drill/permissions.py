"""Whether the caller may do all that a plan does, found out before the first change.

IAM is asked to simulate the caller's policies: each call on the very resource that the plan means, in its region, so
that policies for these resources alone suffice, and with what such policies ask of a metric: its namespace. IAM's
control plane is in us-east-1: in a failover it may be away with home, so what it does not say stops no failover; what
it refuses stops everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain import drills, switch
from domain import manifest as manifests
from domain.manifest import Manifest, SideName
from domain.regions import GLOBAL_REGION
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Kind, Plan
from ops.drill.parity.ties import ENDPOINTS, REPLICATED
from ops.drill.site import UnreachableError

_ANY: Final = "*"
_ROOT: Final = ":root"
_ASSUMED: Final = ":assumed-role/"
_FEDERATED: Final = ":federated-user/"
_ROUTE_53: Final = "route53:"
# Auto Scaling puts an id of its own before a group's name, which policies leave open.
_ANY_ID: Final = "00000000-0000-0000-0000-000000000000"
# What every run does in recovery beside its steps: it looks around, reads its approval, takes and gives back the lock.
_EVERY_RUN: Final = (
    "rds:DescribeDBInstances",
    "ssm:DeleteParameter",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
)
# What the curves are drawn from, in both regions: `ops.drill.equipment.sampler`.
_SAMPLES: Final = (
    "autoscaling:DescribeAutoScalingGroups",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
)


@dataclass(frozen=True, kw_only=True)
class Right:
    """A call, where, and on what."""

    permission: str
    region: str
    resource: str


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the caller may not do of a plan. `unknown` says why that could not be found out; empty if it could."""

    refused: tuple[Right, ...] = ()
    unknown: str = ""

    def refusal(self, kind: Kind) -> str:
        """Why a plan of `kind` is not begun, and what to do; empty if it is."""
        if self.refused:
            shown = "; ".join(f"{item.permission} on {item.resource} in {item.region}" for item in self.refused)
            return f"the caller may not: {shown}; grant these to whoever runs the drill"
        if self.unknown and kind is not Kind.FAILOVER:
            return f"{self.unknown}; grant iam:SimulatePrincipalPolicy, or sign in as a user or role, and begin again"
        return ""


def needed(plan: Plan, manifest: Manifest, calls: Mapping[str, Iterable[str]]) -> tuple[Right, ...]:
    """Every call that `plan` may make, once: of its steps as they say, and of its stops by `calls`, in both regions.

    And what every run does beside its steps.
    """
    lines = [line for step in plan.steps for line in step.calls]
    lines += [f"{name} {plan.recovery_region}" for name in _EVERY_RUN]
    lines += [f"{name} {region}" for name in _SAMPLES for region in _regions(manifest)]
    for stop in plan.stops:
        lines += [f"{name} {region}" for name in calls.get(stop.probe, ()) for region in _regions(manifest)]
    found: dict[Right, None] = {}
    for line in lines:
        permission, placed, *_ = line.split()
        region = GLOBAL_REGION if permission.startswith(_ROUTE_53) else placed
        for resource in _resources(permission, region, manifest):
            found[Right(permission=permission, region=region, resource=resource)] = None
    return tuple(found)


def ask(sts: Any, iam: Any, rights: Iterable[Right]) -> Rights:  # noqa: ANN401 - boto3's clients have no static type
    """Which of `rights` the caller lacks. `sts` is of the recovery region."""
    try:
        principal = _principal(str(call(sts, "get_caller_identity")["Arn"]), iam)
        if principal is None:
            return Rights(unknown="a federated user's rights cannot be simulated")
        if principal.endswith(_ROOT):
            return Rights()
        refused = [
            right for region, group in _grouped(rights).items() for right in _refused(iam, principal, region, group)
        ]
    except (ActionError, UnreachableError) as error:
        return Rights(unknown=f"the caller's rights are not known: {error}")
    return Rights(refused=tuple(refused))


def _refused(iam: Any, principal: str, region: str, rights: list[Right]) -> list[Right]:  # noqa: ANN401 - as above
    """Those of `rights`, all of one region, that IAM does not allow."""
    found: list[Right] = []
    context = [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in (("aws:RequestedRegion", region), ("cloudwatch:namespace", switch.NAMESPACE))
    ]
    for resource in dict.fromkeys(right.resource for right in rights):
        of_resource = {right.permission: right for right in rights if right.resource == resource}
        answers = pages(
            iam,
            "simulate_principal_policy",
            "EvaluationResults",
            PolicySourceArn=principal,
            ActionNames=list(of_resource),
            ResourceArns=[resource],
            ContextEntries=context,
        )
        allowed = {item["EvalActionName"] for item in answers if item["EvalDecision"] == "allowed"}
        found += [right for name, right in of_resource.items() if name not in allowed]
    return found


def _principal(arn: str, iam: Any) -> str | None:  # noqa: ANN401 - as above
    """Whose policies count for the caller `arn`; None if that cannot be simulated."""
    if _FEDERATED in arn:
        return None
    if _ASSUMED not in arn:
        return arn
    role = arn.split("/")[1]
    return str(call(iam, "get_role", RoleName=role)["Role"]["Arn"])  # a session's ARN lacks the role's path


def _grouped(rights: Iterable[Right]) -> dict[str, list[Right]]:
    found: dict[str, list[Right]] = {}
    for right in rights:
        found.setdefault(right.region, []).append(right)
    return found


def _regions(manifest: Manifest) -> tuple[str, str]:
    return manifest.home.region, manifest.recovery.region


def _resources(permission: str, region: str, manifest: Manifest) -> list[str]:
    """What `permission` is needed on in `region`; everything where the call names no resource."""
    side: SideName = "home" if region == manifest.home.region else "recovery"
    place, account, cell = manifest.side(side), manifest.account_id, manifest.cell
    named = f"arn:aws:{{}}:{region}:{account}:{{}}"
    found: dict[str, list[str]] = {
        "rds:ModifyDBParameterGroup": [named.format("rds", f"pg:{place.database.parameter_group}")],
        "rds:DescribeDBParameters": [named.format("rds", f"pg:{place.database.parameter_group}")],
        "rds:PromoteReadReplica": [place.database.arn],
        "autoscaling:UpdateAutoScalingGroup": [
            named.format(
                "autoscaling", f"autoScalingGroup:{_ANY_ID}:autoScalingGroupName/{place.fleet.autoscaling_group}"
            )
        ],
        "ssm:GetParameter": [
            named.format("ssm", f"parameter{name}")
            for name in (manifests.parameter_name(cell), drills.lock_parameter(cell))
        ],
        "ssm:PutParameter": [named.format("ssm", f"parameter{drills.lock_parameter(cell)}")],
        "ssm:DeleteParameter": [named.format("ssm", f"parameter{drills.lock_parameter(cell)}")],
        "ssm:GetParameterHistory": [named.format("ssm", f"parameter{drills.approvals_path(cell)}/plan")],
        "ssm:GetParametersByPath": [named.format("ssm", f"parameter{drills.approvals_path(cell)}")],
        "secretsmanager:DescribeSecret": [place.secrets.database, place.secrets.master, place.secrets.cache],
        "kms:DescribeKey": [place.key],
        "kms:GetKeyPolicy": [place.key],
        "s3:GetObject": [f"arn:aws:s3:::{place.buckets['releases']}/{manifest.release.key}"],
        "s3:ListBucket": [f"arn:aws:s3:::{place.buckets['releases']}"],
        "s3:GetReplicationConfiguration": [
            f"arn:aws:s3:::{name}" for role, name in place.buckets.items() if role in REPLICATED
        ],
        "route53:GetHealthCheckStatus": [
            f"arn:aws:route53:::healthcheck/{manifest.health_checks[name]}"
            for name in ENDPOINTS
            if name in manifest.health_checks
        ],
    }
    return found.get(permission, [_ANY])
