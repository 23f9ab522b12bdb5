"""What operations is told of by AWS's services, in one line each, and which addresses hear it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pytest

from components.messaging.messaging import Messaging, MessagingArgs
from components.operations.automation import SCRIPTS, Here
from components.operations.operations import Operations, OperationsArgs
from components.operations.redrive import Letters
from components.operations.service_events import notices
from components.operations.subscriptions import Addresses
from domain.naming import Names
from ops.engine.project import ROOT
from ops.engine.record import Program, redact, reveal
from ops.sandbox.cloud import Cloud
from tests.alarmable import METRIC
from tests.findings import PLACE
from tests.rights import allows
from tests.support import ACCOUNT, BOUNDARY, CELLS, HOME, declare, only, opts_in, standing, statements, whole

KEY: Final = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"
EMAIL: Final = "oncall@example.com"
PAGER: Final = "pager@example.com"
WEBHOOK: Final = "https://hooks.example.com/services/T0KEN-of-ours"
RULE: Final = "aws:cloudwatch/eventRule:EventRule"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
RUNBOOK: Final = "Open docs/runbooks/alarms.md"

TOLD: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "a failover of the database": (
        {
            "source": "aws.rds",
            "detail-type": "RDS DB Instance Event",
            "detail": {
                "EventCategories": ["failover"],
                "SourceIdentifier": "medical-us-use2-db-1",
                "Message": "Multi-AZ instance failover completed",
                "EventID": "RDS-EVENT-0049",
            },
        },
        (
            f"RDS, {PLACE} medical-us-use2-db-1: Multi-AZ instance failover completed (RDS-EVENT-0049). "
            f"{RUNBOOK}#database."
        ),
    ),
    "an instance that cannot be had": (
        {
            "source": "aws.autoscaling",
            "detail-type": "EC2 Instance Launch Unsuccessful",
            "detail": {"AutoScalingGroupName": "medical-us-use2-web", "StatusMessage": "no capacity"},
        },
        (
            f"Auto Scaling, {PLACE} EC2 Instance Launch Unsuccessful in medical-us-use2-web: no capacity. "
            f"{RUNBOOK}#instances."
        ),
    ),
    "a fault of a service": (
        {
            "source": "aws.health",
            "detail-type": "AWS Health Event",
            "detail": {
                "eventArn": "arn:aws:health:us-east-2::event/RDS/1",
                "eventRegion": HOME,
                "eventTypeCategory": "issue",
                "eventTypeCode": "AWS_RDS_OPERATIONAL_ISSUE",
                "service": "RDS",
                "statusCode": "open",
            },
        },
        (
            f"AWS Health, issue, in {HOME} for account {ACCOUNT}: RDS, AWS_RDS_OPERATIONAL_ISSUE "
            f"(arn:aws:health:us-east-2::event/RDS/1). {RUNBOOK}#aws-health."
        ),
    ),
    "a repair that failed": (
        {
            "source": "aws.ssm",
            "detail-type": "EC2 Automation Execution Status-change Notification",
            "detail": {"ExecutionId": "333ba70b", "Definition": "medical-us-use2-redrive", "Status": "Failed"},
        },
        (
            f"Systems Manager, {PLACE} the automation medical-us-use2-redrive ended as Failed, execution 333ba70b. "
            f"{RUNBOOK}#repairs."
        ),
    ),
    "a certificate that ends": (
        {
            "source": "aws.acm",
            "detail-type": "ACM Certificate Approaching Expiration",
            "resources": ["arn:aws:acm:us-east-2:111122223333:certificate/1"],
            "detail": {"DaysToExpiry": 31},
        },
        (
            f"ACM Certificate Approaching Expiration, {PLACE} arn:aws:acm:us-east-2:111122223333:certificate/1. "
            f"{RUNBOOK}#certificates."
        ),
    ),
}


def changed(key: str, **detail: object) -> dict[str, Any]:
    event = TOLD[key][0]
    return {**event, "detail": {**event["detail"], **detail}}


NOT_TOLD: Final = {
    "a daily backup": changed("a failover of the database", EventCategories=["backup"]),
    "another cell's database": changed("a failover of the database", SourceIdentifier="medical-eu-euc1-db-1"),
    "another's group": changed("an instance that cannot be had", AutoScalingGroupName="shop"),
    "a fault elsewhere, of which us-west-2 is told as a backup": changed(
        "a fault of a service", eventRegion="eu-west-1"
    ),
    "a fault that is over": changed("a fault of a service", statusCode="closed"),
    "a repair that was done": changed("a repair that failed", Status="Success"),
    "another's automation": changed("a repair that failed", Definition="AWS-StopEC2Instance"),
    "a renewal": {**TOLD["a certificate that ends"][0], "detail-type": "ACM Certificate Available"},
}


LETTERS: Final = Letters(
    dead_letters_arn=f"arn:aws:sqs:{HOME}:{ACCOUNT}:medical-us-use2-documents-dead",
    queue_arns=[f"arn:aws:sqs:{HOME}:{ACCOUNT}:medical-us-use2-documents-text"],
    functions=["medical-us-use2-documents-text"],
    alarms=["documents-text-errors"],
    namespace="Medical",
    returned="Returned",
    dimensions={"service": "documents"},
)


def told(
    opts: pulumi.ResourceOptions | None = None,
    *,
    emails: tuple[str, ...] = (EMAIL,),
    webhooks: tuple[str, ...] = (WEBHOOK,),
    acts: bool = True,
) -> Operations:
    names, opts = Names(cell="us", place="use2"), opts or opts_in()
    channels = Messaging(
        "home-messaging", MessagingArgs(names=names, account_id=ACCOUNT, region=HOME, key_arn=KEY), opts
    )
    here = Here(
        names=names,
        account_id=ACCOUNT,
        region=HOME,
        boundary_arn=BOUNDARY,
        key_arn=KEY,
        operations_topic=channels.operations_topic,
        acts=acts,
    )
    args = OperationsArgs(
        here=here,
        dead_letters_arn=channels.operations_dead_letters,
        everything=Addresses(emails=emails, webhooks=webhooks),
        pages=Addresses(emails=(PAGER,), webhooks=()),
        group="medical-us-use2-web",
        letters=LETTERS,
    )
    return Operations("home-operations", args, opts)


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Program, Cloud]]:
    with standing(told) as found:
        yield found


def heard(cloud: Cloud, event: dict[str, Any]) -> list[str]:
    """What arrives in the operations queue once `event` is on the bus."""
    sqs = cloud.client("sqs", HOME)
    queue = sqs.get_queue_url(QueueName="medical-us-use2-operations")["QueueUrl"]
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
    answer = cloud.client("events", HOME).put_events(Entries=[{**entry, "Resources": event.get("resources", [])}])
    assert 0 == answer["FailedEntryCount"]
    found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=0).get("Messages", [])
    for item in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=item["ReceiptHandle"])
    return [json.loads(item["Body"]) for item in found]


@pytest.mark.parametrize("what", TOLD)
def test_operations_is_told_in_one_line(what: str, built: tuple[Program, Cloud]) -> None:
    event, line = TOLD[what]
    assert [line] == heard(built[1], event)


@pytest.mark.parametrize("what", NOT_TOLD)
def test_operations_is_not_told_of(what: str, built: tuple[Program, Cloud]) -> None:
    assert [] == heard(built[1], NOT_TOLD[what])


def test_every_runbook_that_a_line_names_is_there() -> None:
    page = (ROOT / "docs" / "runbooks" / "alarms.md").read_text(encoding="utf-8")
    headings = {line[3:].lower().replace(" ", "-") for line in page.splitlines() if line.startswith("## ")}
    named = {notice.line.rpartition("#")[2].rstrip(".") for notice in notices("medical-us-use2-", HOME)}
    assert named
    assert set() == named - headings


def test_addresses_are_subscribed_with_the_dead_letters_for_what_cannot_be_delivered(
    built: tuple[Program, Cloud],
) -> None:
    sns = built[1].client("sns", HOME)
    found = {item["Endpoint"]: item for item in sns.list_subscriptions()["Subscriptions"]}
    for endpoint, protocol in ((EMAIL, "email"), (WEBHOOK, "https")):
        assert protocol == found[endpoint]["Protocol"]
        assert found[endpoint]["TopicArn"].endswith(":medical-us-use2-operations")
        attributes = sns.get_subscription_attributes(SubscriptionArn=found[endpoint]["SubscriptionArn"])["Attributes"]
        assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith("-operations-dead")
        assert "FilterPolicy" not in attributes, "these hear everything"


def test_a_pager_is_subscribed_to_pages_alone(built: tuple[Program, Cloud]) -> None:
    sns = built[1].client("sns", HOME)
    (pager,) = [item for item in sns.list_subscriptions()["Subscriptions"] if item["Endpoint"] == PAGER]
    attributes = sns.get_subscription_attributes(SubscriptionArn=pager["SubscriptionArn"])["Attributes"]
    assert "MessageBody" == attributes["FilterPolicyScope"]
    assert {"AlarmDescription": [{"prefix": "page: "}]} == json.loads(attributes["FilterPolicy"])


def test_a_webhook_is_a_secret_in_whatever_is_shown(built: tuple[Program, Cloud]) -> None:
    (item,) = [item for item in built[0].of_type(SUBSCRIPTION) if item.inputs["protocol"] == "https"]
    assert WEBHOOK == reveal(item.inputs["endpoint"])
    assert "T0KEN" not in json.dumps([item.name, redact(dict(item.inputs))])


def test_a_name_does_not_change_with_the_order_of_the_addresses() -> None:
    def names(*emails: str) -> set[str]:
        program = declare(lambda: told(emails=emails))
        return {item.name for item in program.of_type(SUBSCRIPTION) if item.inputs["protocol"] == "email"}

    both = names(EMAIL, "second@example.com")
    assert both == names("second@example.com", EMAIL)
    assert names(EMAIL) < both


@pytest.mark.parametrize("cell", CELLS)
def test_both_sides_of_a_cell_tell_and_nobody_is_subscribed_unless_asked_for(cell: str) -> None:
    program = whole(cell)
    found = {item.name for item in program.of_type("medical:operations:Operations")}
    assert {"home-operations", "recovery-operations"} == found
    assert {"sqs"} == {item.inputs["protocol"] for item in program.of_type(SUBSCRIPTION)}


# Each repair: the state that an alarm must have come to, and from which; its script, and what that is handed.
REPAIRS: Final[dict[str, tuple[dict[str, Any], str, str, object]]] = {
    "repair": ({"state": {"value": ["ALARM"]}}, "replace.py", "limit", 90),
    "redrive": (
        {"state": {"value": ["OK"]}, "previousState": {"value": ["ALARM"]}},
        "redrive.py",
        "functions",
        ["medical-us-use2-documents-text"],
    ),
}
ALARMED: Final = {"repair": "web-disk", "redrive": "documents-text-errors"}


@pytest.mark.parametrize("name", REPAIRS)
def test_a_turn_of_an_alarm_starts_the_script_that_is_tested(name: str, built: tuple[Program, Cloud]) -> None:
    program, cloud = built
    detail, script, key, value = REPAIRS[name]
    events = cloud.client("events", HOME)
    pattern = json.loads(events.describe_rule(Name=f"medical-us-use2-{name}")["EventPattern"])
    alarm = f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:medical-us-use2-{ALARMED[name]}"
    assert (detail, [alarm]) == (pattern["detail"], pattern["resources"])
    (target,) = events.list_targets_by_rule(Rule=f"medical-us-use2-{name}")["Targets"]
    assert target["Arn"].endswith(f":automation-definition/medical-us-use2-{name}:$DEFAULT")
    assert target["RoleArn"].endswith(":role/medical-us-use2-repair-start")
    document = only(program, "aws:ssm/document:Document", f"home-operations-{name}")
    (step,) = json.loads(reveal(document.inputs["content"]))["mainSteps"]
    assert (SCRIPTS / script).read_text(encoding="utf-8") == step["inputs"]["Script"]
    assert value == step["inputs"]["InputPayload"][key]


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_may_be_started_as_systems_manager_asks_and_nothing_else_may(name: str) -> None:
    program = whole("us")
    given = statements(only(program, "aws:iam/rolePolicy:RolePolicy", "home-operations-repair-start").inputs["policy"])
    ours = f"arn:aws:ssm:{HOME}:{ACCOUNT}"
    for asked in (f"document/medical-us-use2-{name}", "automation-execution/1"):
        assert allows(given, "ssm:StartAutomationExecution", f"{ours}:{asked}", region=HOME)
    assert not allows(given, "ssm:StartAutomationExecution", f"{ours}:document/AWS-StopEC2Instance", region=HOME)
    assert not allows(given, "ssm:StopAutomationExecution", f"{ours}:automation-execution/1", region=HOME)


def test_what_could_not_be_started_lies_among_the_dead_letters(built: tuple[Program, Cloud]) -> None:
    events = built[1].client("events", HOME)
    for name in REPAIRS:
        (target,) = events.list_targets_by_rule(Rule=f"medical-us-use2-{name}")["Targets"]
        assert target["DeadLetterConfig"]["Arn"].endswith(":medical-us-use2-operations-dead")


@pytest.mark.parametrize(("acts", "state"), [(True, "ENABLED"), (False, "DISABLED")])
def test_the_stop_holds(state: str, *, acts: bool) -> None:
    program = declare(lambda: told(acts=acts))
    for name in REPAIRS:
        assert state == only(program, RULE, f"home-operations-{name}").inputs["state"]


@pytest.mark.parametrize("cell", CELLS)
def test_every_alarm_that_a_repair_waits_for_is_one_of_its_side(cell: str) -> None:
    program = whole(cell)
    known = {(program.region_of(item), item.inputs["name"]) for item in program.of_type(METRIC)}
    rules = [
        item for item in program.of_type(RULE) if item.name.endswith(tuple(f"-operations-{name}" for name in REPAIRS))
    ]
    assert 2 * len(REPAIRS) == len(rules)
    for rule in rules:
        named = json.loads(reveal(rule.inputs["eventPattern"]))["resources"]
        assert named
        assert {(arn.split(":")[3], arn.rpartition(":")[2]) for arn in named} <= known
        assert {program.region_of(rule)} == {arn.split(":")[3] for arn in named}


def test_letters_are_sent_back_only_from_the_dead_letters_of_functions() -> None:
    program = whole("us")
    (document,) = [
        item for item in program.of_type("aws:ssm/document:Document") if item.name == "home-operations-redrive"
    ]
    (step,) = json.loads(reveal(document.inputs["content"]))["mainSteps"]
    handed = step["inputs"]["InputPayload"]
    dead = re.split("[:/]", handed["dead_letters"])[-1]
    sources = {
        item.inputs["name"]
        for item in program.of_type("aws:sqs/queue:Queue")
        if dead in str(reveal(item.inputs.get("redrivePolicy")))
    }
    assert "medical-us-use2-documents-dead" == dead
    assert {f"medical-us-use2-documents-{task}" for task in ("convert", "text", "erase")} == sources
    assert sources == set(handed["functions"]), "each has a function of its name"
