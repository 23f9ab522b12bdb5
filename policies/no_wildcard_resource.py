"""Nobody is allowed something on every resource, but where AWS knows no narrower one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.identities import EVERYTHING, GRANTS, granted
from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa

# Actions that AWS gives no narrower resource, or whose purpose is to list. Source: the Service Authorization Reference.
_UNSCOPED: Final = (
    "ec2messages:",  # Session Manager's channels have no ARN
    "ssmmessages:",
    "ssm:UpdateInstanceInformation",
    "xray:PutT",  # traces have no ARN
    "xray:GetSampling",
    "textract:",  # nor have the documents that Textract is shown
    "cloudwatch:PutMetricData",  # a metric has no ARN
    "cloudwatch:GetMetric",
    "cloudwatch:ListMetrics",
    "sts:GetCallerIdentity",
    "secretsmanager:GetRandomPassword",
    "ecr:GetAuthorizationToken",
    "tag:Get",
    "cloudtrail:LookupEvents",
    # What an auditor reads: findings, configuration and rights of the whole account, and no patient's data.
    "access-analyzer:GetFinding",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrailStatus",
    "config:Get",
    "config:SelectResourceConfig",
    "guardduty:Get",
    "inspector2:Get",
    "iam:GetA",
    "iam:GetCredentialReport",
    "iam:GetPolicy",
    "iam:GetRole",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "securityhub:Get",
    "servicequotas:GetServiceQuota",
    "kms:ListAliases",
    "ec2:CreateNetworkInterface",  # Lambda makes them in subnets that it chooses among the function's
    "ec2:DeleteNetworkInterface",
)
_READS: Final = ("Describe", "List")  # what describes without a name describes all, and changes nothing


def _check(view: View) -> Iterator[Breach]:
    for item, statement in granted(view):
        if statement.not_resources:
            yield Breach(item.urn, f"{statement.label} allows whatever NotResource does not name")
        if any(EVERYTHING.fullmatch(resource) for resource in statement.resources):
            wide = [action for action in statement.actions if not _unscoped(action)]
            if wide:
                yield Breach(item.urn, f"{statement.label} allows {', '.join(wide)} on everything")


def _unscoped(action: str) -> bool:
    return action.startswith(_UNSCOPED) or action.partition(":")[2].startswith(_READS)


RULE: Final = Rule(
    name="no-wildcard-resource",
    title="No role is allowed something on every resource",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(4)(ii)(B)", "312(a)(1)"), *cis("1.16"), *fsbp("IAM.1")),
    types=GRANTS,
    way_out="name the resources; if AWS knows none for the action, add it to the rule's table with the reason",
    check=_check,
)
