"""What a deployment by machine may do, service by service, in policies that each fit into a managed one. Pure.

Whatever has a name of ours is named, whatever is known by an id only is known by the tag that the program's providers
put on all that they make. Regions are left open in ARNs: the role's boundary (`ci_limits`) closes all but the cell's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components import policy
from components.access import deploy_verbs as verbs
from domain import canaries
from domain.naming import SYSTEM

_ALL: Final = ("*",)
_TAG: Final = "Cell"  # which every provider of a cell puts on what it makes
# Services that make a role of their own in the account when they are first used.
_LINKED: Final = (
    "access-analyzer.amazonaws.com",
    "autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "config.amazonaws.com",
    "elasticache.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "guardduty.amazonaws.com",
    "inspector2.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "rds.amazonaws.com",
    "securityhub.amazonaws.com",
    "wafv2.amazonaws.com",
)
# Services that the platform hands its roles to.
_PASSED_TO: Final = (
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "ec2.amazonaws.com",
    "events.amazonaws.com",
    "guardduty.amazonaws.com",
    "lambda.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "rds.amazonaws.com",
    "s3.amazonaws.com",
    "synthetics.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a deployment may touch: a cell of an account, and where its state lies (`state_region`)."""

    cell: str
    account_id: str
    state_region: str
    owns_account: bool
    owns_regions: bool

    @property
    def releases(self) -> str:
        """The ARN of what instances and functions run, which a deployment uploads."""
        return f"arn:aws:s3:::{SYSTEM}-{self.cell}-*-releases-{self.account_id}/*"

    @property
    def state(self) -> str:
        """The ARN of Pulumi's state."""
        return f"arn:aws:s3:::{SYSTEM}-platform-state-{self.cell}-{self.account_id}/*"

    def arn(self, service: str, rest: str, *, region: str = "*") -> str:
        """The ARN of `rest`, in which `{own}` is how the cell's names begin."""
        own = f"{SYSTEM}-{self.cell}"
        return f"arn:aws:{service}:{region}:{self.account_id}:{rest.format(own=own, cell=self.cell)}"

    def tagged(self, key: str) -> dict[str, Any]:
        """Only with the cell's tag: of the request (`aws:RequestTag`) or of the resource (`aws:ResourceTag`)."""
        return {"StringEquals": {f"{key}/{_TAG}": self.cell}}


def policies(scope: Scope) -> Mapping[str, list[policy.Statement]]:
    """The statements by policy."""
    return {
        "network": _network(scope),
        "edge": _edge(scope),
        "data": _data(scope),
        "compute": _compute(scope),
        "watch": _watch(scope),
        "identity": _identity(scope),
    }


def _named(sid: str, actions: Sequence[str], scope: Scope, service: str, *rests: str) -> policy.Statement:
    return policy.allow(sid, actions, [scope.arn(service, rest) for rest in rests])


def _network(scope: Scope) -> list[policy.Statement]:
    any_ = [scope.arn("ec2", "*/*")]
    return [
        policy.allow("Look", verbs.EC2_LOOK, _ALL),  # descriptions are about no resource
        policy.allow("Make", verbs.EC2_MAKE, any_, condition=scope.tagged("aws:RequestTag")),
        policy.allow("Own", [*verbs.EC2_MAKE, *verbs.EC2_CHANGE], any_, condition=scope.tagged("aws:ResourceTag")),
        policy.allow(
            "TagWhatIsMade",
            ["ec2:CreateTags"],
            any_,
            condition={**scope.tagged("aws:RequestTag"), "Null": {"ec2:CreateAction": "false"}},
        ),
        # A new VPC's default group comes without a tag; it is emptied, and then tagged.
        policy.allow(
            "CloseDefaultGroup",
            ["ec2:CreateTags", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
            [scope.arn("ec2", "security-group/*")],
            condition={"Null": {f"aws:ResourceTag/{_TAG}": "true"}},
        ),
        policy.allow("QueryLogs", verbs.RESOLVER, _ALL),  # known by ids only
        # Auto Scaling tries whether its caller could launch what a template says.
        policy.allow(
            "TryTemplates",
            ["ec2:RunInstances"],
            _ALL,
            condition={"ArnLike": {"ec2:LaunchTemplate": scope.arn("ec2", "launch-template/*")}},
        ),
    ]


def _edge(scope: Scope) -> list[policy.Statement]:
    balancers = [f"{kind}/{{own}}-*" for kind in ("loadbalancer/app", "listener/app", "listener-rule/app")]
    own = ("regional/*/{own}-*/*", "regional/managedruleset/*/*")
    return [
        _named("Balancers", verbs.ELB, scope, "elasticloadbalancing", *balancers, "targetgroup/{own}-*"),
        policy.allow("LookAtBalancers", ["elasticloadbalancing:Describe*"], _ALL),
        policy.allow("AskForCertificates", ["acm:RequestCertificate"], _ALL, condition=scope.tagged("aws:RequestTag")),
        policy.allow(
            "Certificates",
            verbs.ACM,
            [scope.arn("acm", "certificate/*")],
            condition=scope.tagged("aws:ResourceTag"),
        ),
        # Zones and health checks are known by ids, and their changes by no tag.
        policy.allow("MakeNames", ["route53:CreateHealthCheck", "route53:CreateHostedZone"], _ALL),
        policy.allow(
            "Names",
            verbs.ROUTE_53,
            ["arn:aws:route53:::change/*", "arn:aws:route53:::healthcheck/*", "arn:aws:route53:::hostedzone/*"],
        ),
        _named("Firewall", verbs.WAF, scope, "wafv2", *own),
        _named("FirewallOfBalancers", verbs.WAF_OF_BALANCERS, scope, "elasticloadbalancing", balancers[0]),
        policy.allow("SetFirewall", ["elasticloadbalancing:SetWebAcl"], _ALL),  # which IAM knows no resource for
    ]


def _data(scope: Scope) -> list[policy.Statement]:
    buckets = f"arn:aws:s3:::{SYSTEM}-{scope.cell}-*"
    vaults = ("backup-vault:{own}-*", "restore-testing-plan:*")
    return [
        _named(
            "Databases",
            verbs.RDS,
            scope,
            "rds",
            *(f"{kind}:{{own}}-*" for kind in ("db", "og", "pg", "snapshot", "subgrp")),
            "og:default*",  # every instance is in an option group, if only in the default one
        ),
        policy.allow("LookAtDatabases", ["elasticache:Describe*", "rds:Describe*"], _ALL),
        _named(
            "Caches",
            verbs.ELASTICACHE,
            scope,
            "elasticache",
            *(f"{kind}:{{own}}-*" for kind in ("cluster", "parametergroup", "replicationgroup", "snapshot")),
            "subnetgroup:{own}-*",
        ),
        policy.allow("Buckets", verbs.S3_BUCKETS, [buckets]),
        policy.allow("Releases", verbs.S3_OBJECTS, [scope.releases]),
        policy.allow("MakeKeys", ["kms:CreateKey"], _ALL, condition=scope.tagged("aws:RequestTag")),
        policy.allow("Keys", verbs.KMS, [scope.arn("kms", "key/*")], condition=scope.tagged("aws:ResourceTag")),
        _named("Aliases", verbs.KMS_ALIASES, scope, "kms", "alias/{own}-*"),
        policy.allow("LookAtAliases", ["kms:ListAliases"], _ALL),
        policy.allow("Secrets", verbs.SECRETS, [scope.arn("secretsmanager", f"secret:{SYSTEM}/{{cell}}/*")]),
        _named("Vaults", verbs.BACKUP, scope, "backup", *vaults),
        policy.allow("MountVaults", ["backup-storage:MountCapsule"], _ALL),  # AWS Backup asks for it with each vault
        policy.allow("MakeBackupPlans", ["backup:CreateBackupPlan"], _ALL, condition=scope.tagged("aws:RequestTag")),
        policy.allow(
            "BackupPlans",
            verbs.BACKUP_PLANS,
            [scope.arn("backup", "backup-plan:*")],
            condition=scope.tagged("aws:ResourceTag"),
        ),
    ]


def _compute(scope: Scope) -> list[policy.Statement]:
    groups = (
        f"/{SYSTEM}/{{cell}}/*",
        "/aws/*/{own}-*",
        "aws-waf-logs-{own}-*",
        canaries.log_pattern(scope.cell),
    )
    own_functions = {"ArnLike": {"lambda:FunctionArn": scope.arn("lambda", "function:{own}-*")}}
    return [
        _named("Fleets", verbs.AUTOSCALING, scope, "autoscaling", "autoScalingGroup:*:autoScalingGroupName/{own}-*"),
        policy.allow("LookAtFleets", ["autoscaling:Describe*"], _ALL),
        _named("Functions", verbs.LAMBDA, scope, "lambda", "function:{own}-*", "layer:{own}-*"),
        policy.allow("MakeMappings", ["lambda:CreateEventSourceMapping"], _ALL, condition=own_functions),
        policy.allow("Mappings", verbs.MAPPINGS, [scope.arn("lambda", "event-source-mapping:*")]),
        policy.allow("LookAtMappings", ["lambda:ListEventSourceMappings"], _ALL),
        _named("Topics", verbs.SNS, scope, "sns", "{own}-*"),
        policy.allow("Subscriptions", verbs.SUBSCRIPTIONS, _ALL),  # a subscription is no resource to IAM
        _named("Queues", verbs.SQS, scope, "sqs", "{own}-*"),
        _named("Rules", verbs.EVENTS, scope, "events", "rule/{own}-*"),
        _named("Parameters", verbs.SSM, scope, "ssm", f"parameter/{SYSTEM}/{{cell}}/*", "document/{own}-*"),
        policy.allow("LookAtParameters", ["ssm:DescribeParameters"], _ALL),
        # The machine image of the fleet, AWS's own public parameter.
        policy.allow("Images", ["ssm:GetParameters"], ["arn:aws:ssm:*:*:parameter/aws/service/*"]),
        _named("LogGroups", verbs.LOGS, scope, "logs", *(f"log-group:{group}" for group in groups)),
        policy.allow("LookAtLogs", verbs.LOGS_OF_ACCOUNT, _ALL),
        _named("Alarms", verbs.CLOUDWATCH, scope, "cloudwatch", "alarm:{own}-*"),
        policy.allow("Dashboards", verbs.DASHBOARDS, [scope.arn("cloudwatch", "dashboard/{own}-*", region="")]),
        policy.allow("LookAtAlarms", ["cloudwatch:DescribeAlarms"], _ALL),
    ]


def _watch(scope: Scope) -> list[policy.Statement]:
    """Evidence and detection: made and changed here, ended by nobody, see `ci_limits`; and canaries."""
    functions = canaries.function_pattern(scope.cell)
    found = [
        _named("Trails", verbs.CLOUDTRAIL, scope, "cloudtrail", "trail/{own}-*"),
        # Detectors, recorders and hubs are one a region and have no names; where they have, they are the account's.
        policy.allow("Detectors", verbs.DETECTORS, _ALL),
        policy.allow("Budgets", verbs.BUDGETS, [scope.arn("budgets", "budget/{own}-*", region="")]),
        policy.allow("Anomalies", verbs.ANOMALIES, _ALL),  # monitors are known by ids only, and each cell has its own
        _named("Analyzers", verbs.ANALYZERS, scope, "access-analyzer", "analyzer/{own}-*"),
        _named("Canaries", verbs.CANARIES, scope, "synthetics", "canary:{own}-*"),
        _named("CanaryFunctions", verbs.CANARY_FUNCTIONS, scope, "lambda", f"function:{functions}"),
        _named("CanaryLayers", verbs.CANARY_LAYERS, scope, "lambda", f"layer:{functions}"),
        # The runtime is a layer of AWS's own account.
        policy.allow("CanaryRuntime", ["lambda:GetLayerVersion"], ["arn:aws:lambda:*:*:layer:Synthetics*:*"]),
    ]
    if scope.owns_regions:
        found.append(policy.allow("Regions", verbs.REGION, _ALL))  # the same, in the cell's regions
    if scope.owns_account:
        found.append(policy.allow("Account", verbs.ACCOUNT, _ALL))  # settings of the account itself
    return found


def _identity(scope: Scope) -> list[policy.Statement]:
    roles = f"arn:aws:iam::{scope.account_id}:role/{SYSTEM}-{scope.cell}-*"
    profiles = f"arn:aws:iam::{scope.account_id}:instance-profile/{SYSTEM}-{scope.cell}-*"
    return [
        policy.allow("Roles", verbs.ROLES, [roles]),
        policy.allow("Profiles", verbs.PROFILES, [profiles]),
        policy.allow(
            "HandRolesOut", ["iam:PassRole"], [roles], condition={"StringEquals": {"iam:PassedToService": _PASSED_TO}}
        ),
        policy.allow(
            "LinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            [f"arn:aws:iam::{scope.account_id}:role/aws-service-role/*"],
            condition={"StringEquals": {"iam:AWSServiceName": _LINKED}},
        ),
        policy.allow("LookAtPolicies", verbs.POLICIES, [f"arn:aws:iam::{scope.account_id}:policy/{SYSTEM}-*"]),
        policy.allow("LookAtAwssPolicies", verbs.POLICIES, ["arn:aws:iam::aws:policy/*"]),
        *state(scope, write=True),
    ]


def state(scope: Scope, *, write: bool) -> list[policy.Statement]:
    """Pulumi's state of the cell, and the key that encrypts it and the secrets in it: docs/deploy.md makes both."""
    alias = f"alias/{SYSTEM}-platform-state-{scope.cell}"
    return [
        policy.allow("StateThere", ["s3:GetBucketLocation", "s3:ListBucket"], [scope.state.removesuffix("/*")]),
        policy.allow("State", verbs.STATE_WRITE if write else verbs.STATE_READ, [scope.state]),
        policy.allow(
            "StateKey",
            verbs.STATE_KEY_WRITE if write else verbs.STATE_KEY_READ,
            [scope.arn("kms", "key/*", region=scope.state_region)],
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": [alias]}},
        ),
    ]
