"""A repair as a whole: a rule for the events of alarms, an automation that it starts, and the automation's role.

Owns: these, and the stop (`acts`: with it false the rule is off, and the alarm alone speaks). Does not own: what a
script does and what it may (`repairs`, `redrive`), and the role as which rules start automations, which all repairs of
a side share (`build_starter`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch, iam, ssm

from components import policy, texts
from domain.naming import Names

SCRIPTS: Final = Path(__file__).resolve().parents[2] / "functions" / "repairs"
_TIMEOUT_SECONDS: Final = 120


@dataclass(frozen=True, kw_only=True)
class Here:
    """The side, the topic that is told, and whether anything is done."""

    names: Names
    account_id: str
    region: str
    boundary_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    operations_topic: pulumi.Input[str]
    acts: bool

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a resource of this side."""
        return pulumi.Output.concat(f"arn:aws:{service}:{self.region}:{self.account_id}:", resource)


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A repair called `name`, which does what it `does`.

    `detail` is what must be so of the events of `alarms`, which are names. The script, a file in `functions/repairs`,
    is handed what `told` has, the region and the topic; it may do what `may` says, and tell operations.
    """

    name: str
    does: str
    alarms: Sequence[pulumi.Input[str]]
    detail: Mapping[str, Any]
    script: str
    told: Mapping[str, pulumi.Input[object]]
    may: Sequence[policy.Statement]


@dataclass(frozen=True, kw_only=True)
class Startable:
    """An automation and its role, by their ARNs, and the rule that starts it.

    `definition` is how EventBridge names the automation, `document` how Systems Manager asks for the right to start it.
    """

    definition: pulumi.Output[str]
    document: pulumi.Output[str]
    role: pulumi.Output[str]
    rule: cloudwatch.EventRule


def build_repair(name: str, repair: Repair, here: Here, opts: pulumi.ResourceOptions) -> Startable:
    """Make the role, the automation and the rule; what the rule starts, `build_starter` says."""
    role = _build_role(
        name,
        here.names.of(repair.name),
        repair.does,
        policy.trust(
            "ssm.amazonaws.com",
            account_id=here.account_id,
            source_arn=f"arn:aws:ssm:{here.region}:{here.account_id}:automation-execution/*",
        ),
        [*repair.may, *_tell(here)],
        here,
        opts,
    )
    document = ssm.Document(
        name,
        name=here.names.of(repair.name),
        document_type="Automation",
        document_format="JSON",
        content=texts.dumps(_automation(repair, here, role)),
        opts=opts,
    )
    rule = cloudwatch.EventRule(
        name,
        name=here.names.of(repair.name),
        description=repair.does,
        event_pattern=texts.dumps(
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "resources": [here.arn("cloudwatch", pulumi.Output.concat("alarm:", alarm)) for alarm in repair.alarms],
                "detail": repair.detail,
            }
        ),
        state="ENABLED" if here.acts else "DISABLED",
        opts=opts,
    )
    definition = here.arn("ssm", pulumi.Output.concat("automation-definition/", document.name, ":$DEFAULT"))
    return Startable(
        definition=definition,
        document=here.arn("ssm", pulumi.Output.concat("document/", document.name)),
        role=role,
        rule=rule,
    )


def build_starter(
    name: str,
    started: Mapping[str, Startable],
    here: Here,
    dead_letters_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Let each rule start its automation, all as one role that may start these and nothing else.

    `started` is by the name of the repair. What could not be started lies in `dead_letters_arn`, which has an alarm.

    Starting asks for the document and for the execution that comes of it; `automation-definition` is what it was asked
    by before. Source: "Setting up identity based policies examples" in Systems Manager's guide, read November 2026.
    """
    startable = [arn for one in started.values() for arn in (one.definition, one.document)]
    startable.append(here.arn("ssm", "automation-execution/*"))
    statements = [
        policy.allow("Start", ["ssm:StartAutomationExecution"], startable),
        policy.allow(
            "HandOver",
            ["iam:PassRole"],
            [one.role for one in started.values()],
            condition={"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
        ),
    ]
    rules = [f"arn:aws:events:{here.region}:{here.account_id}:rule/{here.names.of(repair)}" for repair in started]
    starter = _build_role(
        f"{name}-repair-start",
        here.names.of("repair-start"),
        "Starts what repairs itself",
        policy.trust("events.amazonaws.com", account_id=here.account_id, source_arn=rules),
        statements,
        here,
        opts,
    )
    for repair, one in started.items():
        cloudwatch.EventTarget(
            f"{name}-{repair}",
            rule=one.rule.name,
            target_id=repair,
            arn=one.definition,
            role_arn=starter,
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead_letters_arn),
            opts=opts,
        )


def _automation(repair: Repair, here: Here, role: pulumi.Input[str]) -> dict[str, pulumi.Input[object]]:
    """The automation: one step, whose source is a file that tests run too."""
    step = {
        "name": repair.name,
        "action": "aws:executeScript",
        "timeoutSeconds": _TIMEOUT_SECONDS,
        "isEnd": True,
        "inputs": {
            "Runtime": "python3.11",
            "Handler": "handler",
            "InputPayload": {"region": here.region, "topic": here.operations_topic, **repair.told},
            "Script": (SCRIPTS / repair.script).read_text(encoding="utf-8"),
        },
        "outputs": [{"Name": "line", "Selector": "$.Payload.line", "Type": "String"}],
    }
    return {
        "schemaVersion": "0.3",
        "description": f"{repair.does}, within limits",
        "assumeRole": role,
        "mainSteps": [step],
    }


def _tell(here: Here) -> list[policy.Statement]:
    through = {
        "StringEquals": {
            "kms:ViaService": f"sns.{here.region}.amazonaws.com",
            "kms:EncryptionContext:aws:sns:topicArn": here.operations_topic,
        }
    }
    return [
        policy.allow("Tell", ["sns:Publish"], [here.operations_topic]),
        policy.allow("KeyThroughTopic", ["kms:Decrypt", "kms:GenerateDataKey"], [here.key_arn], condition=through),
    ]


def _build_role(
    name: str,
    physical: str,
    does: str,
    trust: str,
    statements: Sequence[policy.Statement],
    here: Here,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Make a role; give its ARN, which waits for what the role may do."""
    role = iam.Role(
        name,
        name=physical,
        description=does,
        assume_role_policy=trust,
        permissions_boundary=here.boundary_arn,
        opts=opts,
    )
    given = iam.RolePolicy(name, role=role.name, policy=policy.document(*statements), opts=opts)
    return pulumi.Output.all(role.arn, given.id).apply(lambda found: str(found[0]))
