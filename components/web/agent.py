"""What watches an instance from inside: the CloudWatch agent's configuration, and where the journal goes.

Owns: the configuration as a parameter of Systems Manager, which each instance reads when it first starts, the
journal's log group, and the rights that the agent needs. Does not own: how it is installed (`boot`).

The agent sends memory and disk by instance and for the whole group, and the journal by instance. What names the group
is written into the configuration: asked for by tag, the agent would need to describe every resource's tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch, ssm

from components import policy, texts
from components.logs import log_group
from components.web import boot
from components.web.args import WebArgs
from domain.instances import GROUP, NAMESPACE

_PERIOD_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The agent's configuration and the journal's log group."""

    parameter: ssm.Parameter
    group: cloudwatch.LogGroup


def build_agent(name: str, args: WebArgs, opts: pulumi.ResourceOptions) -> Agent:
    """Make the configuration and the log group."""
    own = f"{name}-agent"
    group = log_group(
        own,
        path=f"/{args.names.path('web', 'journal')}",
        days=args.sessions.log_days,
        key_arn=args.key_arn,
        opts=opts,
    )
    parameter = ssm.Parameter(
        own,
        name=f"/{args.names.path('web', 'agent')}",
        description=f"What the CloudWatch agent watches on web instances of cell {args.names.cell}, {args.side}",
        type=ssm.ParameterType.SECURE_STRING,
        key_id=args.key_arn,
        value=texts.dumps(settings(args.names.of("web"), group.name)),
        opts=opts,
    )
    return Agent(parameter=parameter, group=group)


def settings(fleet: str, group: pulumi.Input[str]) -> dict[str, Any]:
    """The agent's configuration on instances of the Auto Scaling group `fleet`, with the log group of the journal.

    Source of its form: "Manually create or edit the CloudWatch agent configuration file" in CloudWatch's user guide.
    """
    of_fleet = {GROUP: fleet}
    measured = {
        "mem": {"measurement": ["used_percent"], "append_dimensions": of_fleet},
        "disk": {
            "measurement": ["used_percent"],
            "resources": ["/"],
            "drop_device": True,
            "append_dimensions": of_fleet,
        },
    }
    return {
        "agent": {"metrics_collection_interval": _PERIOD_SECONDS, "run_as_user": boot.AGENT_USER},
        "metrics": {
            "namespace": NAMESPACE,
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "aggregation_dimensions": [[GROUP]],
            "metrics_collected": measured,
        },
        "logs": {
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {"file_path": boot.JOURNAL, "log_group_name": group, "log_stream_name": "{instance_id}"}
                    ]
                }
            }
        },
    }


def statements(agent: Agent, args: WebArgs) -> list[policy.Statement]:
    """What the agent may do: read its configuration, and send metrics and log events of its own."""
    return [
        policy.allow("AgentConfiguration", ["ssm:GetParameter"], [agent.parameter.arn]),
        policy.allow(
            "AgentKey",
            ["kms:Decrypt"],
            [args.key_arn],
            condition={
                "StringEquals": {
                    "kms:ViaService": f"ssm.{args.region}.amazonaws.com",
                    "kms:EncryptionContext:PARAMETER_ARN": agent.parameter.arn,
                }
            },
        ),
        # Metrics are no resources: a namespace is what this can be held to.
        policy.allow(
            "AgentMetrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            condition={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        ),
        policy.allow(
            "AgentJournal",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [pulumi.Output.concat(agent.group.arn, ":*")],
        ),
    ]
