"""What repairs itself on a side: an instance whose disk is full is replaced, by SSM Automation.

Auto Scaling replaces what fails the load balancer's or EC2's checks; a full disk fails neither. The agent's metric
raises an alarm, the alarm's event starts an automation, and that runs `functions/repairs/replace.py`, which holds the
limits and tells operations of what it did or left. With `acts` false the rule is off: then the alarm alone speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, iam, ssm

from components import policy, texts
from components.web import agent
from domain.naming import ALARM, Names

SCRIPT: Final = Path(__file__).resolve().parents[2] / "functions" / "repairs" / "replace.py"
DISK_PERCENT: Final = 90
_PERIOD_SECONDS: Final = 300
_TIMEOUT_SECONDS: Final = 120


@dataclass(frozen=True, kw_only=True)
class RepairArgs:
    """The side, the Auto Scaling group that is looked after, and whether anything is done to it."""

    names: Names
    account_id: str
    region: str
    boundary_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    operations_topic: pulumi.Input[str]
    group: pulumi.Input[str]
    acts: bool

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a resource of this side."""
        return pulumi.Output.concat(f"arn:aws:{service}:{self.region}:{self.account_id}:", resource)


def build_repairs(name: str, args: RepairArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the alarm, the automation, and the rule that leads from one to the other."""
    alarm = _build_alarm(name, args, opts)
    role = _build_role(name, "repair", "ssm", "automation-execution/*", _repair(args), args, opts)
    document = ssm.Document(
        name,
        name=args.names.of("repair"),
        document_type="Automation",
        document_format="JSON",
        content=texts.dumps(_automation(args, role)),
        opts=opts,
    )
    definition = args.arn("ssm", pulumi.Output.concat("automation-definition/", document.name, ":$DEFAULT"))
    rule = cloudwatch.EventRule(
        name,
        name=args.names.of("repair"),
        description="Replaces an instance whose disk is full",
        event_pattern=texts.dumps(
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "resources": [alarm.arn],
                "detail": {"state": {"value": ["ALARM"]}},
            }
        ),
        state="ENABLED" if args.acts else "DISABLED",
        opts=opts,
    )
    start = [
        policy.allow("Start", ["ssm:StartAutomationExecution"], [definition]),
        policy.allow(
            "HandOver",
            ["iam:PassRole"],
            [role],
            condition={"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
        ),
    ]
    starter = _build_role(
        f"{name}-start", "repair-start", "events", f"rule/{args.names.of('repair')}", start, args, opts
    )
    cloudwatch.EventTarget(name, rule=rule.name, target_id="repair", arn=definition, role_arn=starter, opts=opts)


def _build_alarm(name: str, args: RepairArgs, opts: pulumi.ResourceOptions) -> cloudwatch.MetricAlarm:
    return cloudwatch.MetricAlarm(
        name,
        name=args.names.of("web-disk", ALARM),
        alarm_description=f"An instance has more than {DISK_PERCENT} % of its disk in use. "
        "Open docs/runbooks/alarms.md#instances.",
        namespace=agent.NAMESPACE,
        metric_name=agent.DISK,
        dimensions={agent.GROUP: args.group},
        statistic="Maximum",
        period=_PERIOD_SECONDS,
        evaluation_periods=2,
        datapoints_to_alarm=2,
        comparison_operator="GreaterThanThreshold",
        threshold=DISK_PERCENT,
        treat_missing_data="missing",  # silent agents say nothing of disks
        alarm_actions=[args.operations_topic],
        ok_actions=[args.operations_topic],
        opts=opts,
    )


def _automation(args: RepairArgs, role: pulumi.Input[str]) -> dict[str, pulumi.Input[object]]:
    """The automation: one step, whose source is a file that tests run too."""
    told = {
        "region": args.region,
        "group": args.group,
        "topic": args.operations_topic,
        "limit": DISK_PERCENT,
        "namespace": agent.NAMESPACE,
        "metric": agent.DISK,
    }
    step = {
        "name": "replace",
        "action": "aws:executeScript",
        "timeoutSeconds": _TIMEOUT_SECONDS,
        "isEnd": True,
        "inputs": {
            "Runtime": "python3.11",
            "Handler": "handler",
            "InputPayload": told,
            "Script": SCRIPT.read_text(encoding="utf-8"),
        },
        "outputs": [{"Name": "line", "Selector": "$.Payload.line", "Type": "String"}],
    }
    return {
        "schemaVersion": "0.3",
        "description": "Replaces an instance whose disk is full, within limits",
        "assumeRole": role,
        "mainSteps": [step],
    }


def _repair(args: RepairArgs) -> list[policy.Statement]:
    """What the script may do: look, mark instances of the one group, and tell operations."""
    through = {
        "StringEquals": {
            "kms:ViaService": f"sns.{args.region}.amazonaws.com",
            "kms:EncryptionContext:aws:sns:topicArn": args.operations_topic,
        }
    }
    group = pulumi.Output.concat("autoScalingGroup:*:autoScalingGroupName/", args.group)
    return [
        # Descriptions and figures have no resources; the region is what these can be held to.
        policy.allow(
            "Look",
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeScalingActivities",
                "cloudwatch:GetMetricStatistics",
                "cloudwatch:ListMetrics",
            ],
            ["*"],
            condition={"StringEquals": {"aws:RequestedRegion": args.region}},
        ),
        policy.allow("Replace", ["autoscaling:SetInstanceHealth"], [args.arn("autoscaling", group)]),
        policy.allow("Tell", ["sns:Publish"], [args.operations_topic]),
        policy.allow("KeyThroughTopic", ["kms:Decrypt", "kms:GenerateDataKey"], [args.key_arn], condition=through),
    ]


def _build_role(
    name: str,
    suffix: str,
    service: str,
    source: str,
    statements: list[policy.Statement],
    args: RepairArgs,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Make a role that `service` takes for `source`; give its ARN, which waits for what the role may do."""
    role = iam.Role(
        name,
        name=args.names.of(suffix),
        description="Replaces an instance whose disk is full" if service == "ssm" else "Starts that repair",
        assume_role_policy=policy.trust(
            f"{service}.amazonaws.com",
            account_id=args.account_id,
            source_arn=f"arn:aws:{service}:{args.region}:{args.account_id}:{source}",
        ),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    given = iam.RolePolicy(name, role=role.name, policy=policy.document(*statements), opts=opts)
    return pulumi.Output.all(role.arn, given.id).apply(lambda found: str(found[0]))
