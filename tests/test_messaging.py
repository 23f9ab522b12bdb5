"""The topics and queues, declared and standing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.messaging.messaging import JOURNEYS, OPERATIONS, Messaging, MessagingArgs
from domain import naming
from domain.naming import Names
from ops.engine.record import Program, Registration
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, HOME, declare, only, opts_in, standing, statements

KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"
CHANNELS = (*JOURNEYS, OPERATIONS)
TOPIC, TOPIC_POLICY = "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
ALLOW_POLICY = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"


def messaging(*, cell: str = "us") -> Messaging:
    args = MessagingArgs(names=Names(cell=cell, place="use2"), account_id=ACCOUNT, region=HOME, key_arn=KEY)
    return Messaging("home-messaging", args, opts_in())


def arn(service: str, role: str) -> str:
    return f"arn:aws:{service}:{HOME}:{ACCOUNT}:medical-us-use2-{role}"


@pytest.fixture(scope="module")
def program() -> Iterator[tuple[Program, Cloud]]:
    with standing(messaging) as found:
        yield found


@pytest.fixture(scope="module")
def made(program: tuple[Program, Cloud]) -> Program:
    return program[0]


@pytest.fixture(scope="module")
def cloud(program: tuple[Program, Cloud]) -> Cloud:
    return program[1]


def of_role(program: Program, type_: str, role: str) -> Registration:
    return only(program, type_, f"home-messaging-{role}")


def split(program: Program, type_: str, role: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What a policy denies, and what it allows."""
    found = statements(of_role(program, type_, role).inputs["policy"])
    return [item for item in found if item["Effect"] == "Deny"], [item for item in found if item["Effect"] == "Allow"]


def attributes(cloud: Cloud, role: str) -> dict[str, str]:
    sqs = cloud.client("sqs", HOME)
    url = sqs.get_queue_url(QueueName=f"medical-us-use2-{role}")["QueueUrl"]
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def test_the_four_journeys_and_operations_have_a_topic_a_queue_and_dead_letters(cloud: Cloud) -> None:
    topics = {item["TopicArn"] for item in cloud.client("sns", HOME).list_topics()["Topics"]}
    queues = {url.rpartition("/")[2] for url in cloud.client("sqs", HOME).list_queues()["QueueUrls"]}
    roles = ("appointments", "consultations", "prescriptions", "payments", "operations")
    assert {arn("sns", role) for role in roles} == topics
    assert {f"medical-us-use2-{role}{end}" for role in roles for end in ("", "-dead")} == queues


def test_outputs_are_by_journey_and_keep_operations_apart() -> None:
    found: list[Messaging] = []
    declare(lambda: found.append(messaging()))
    (built,) = found
    assert set(JOURNEYS) == set(built.topics) == set(built.queues) == set(built.queue_arns)


def test_all_is_encrypted_with_the_sides_key(made: Program, cloud: Cloud) -> None:
    sns = cloud.client("sns", HOME)
    for role in CHANNELS:
        assert KEY == sns.get_topic_attributes(TopicArn=arn("sns", role))["Attributes"]["KmsMasterKeyId"]
    for role in [role + end for role in CHANNELS for end in ("", "-dead")]:
        assert KEY == attributes(cloud, role)["KmsMasterKeyId"]
    assert 10 == len(made.of_type(QUEUE))


@pytest.mark.parametrize("role", CHANNELS)
def test_a_message_that_keeps_failing_goes_to_the_dead_letters(cloud: Cloud, role: str) -> None:
    found = attributes(cloud, role)
    assert {"deadLetterTargetArn": arn("sqs", f"{role}-dead"), "maxReceiveCount": 5} == json.loads(
        found["RedrivePolicy"]
    )
    assert (180, 4 * 86400) == (int(found["VisibilityTimeout"]), int(found["MessageRetentionPeriod"]))
    dead = attributes(cloud, f"{role}-dead")
    assert 14 * 86400 == int(dead["MessageRetentionPeriod"])
    assert "RedrivePolicy" not in dead, "dead letters go nowhere by themselves"


@pytest.mark.parametrize("role", CHANNELS)
def test_dead_letters_are_taken_from_their_own_queue_only(made: Program, role: str) -> None:
    inputs = of_role(made, ALLOW_POLICY, f"{role}-dead").inputs
    assert {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", role)]} == json.loads(
        inputs["redriveAllowPolicy"]
    )
    assert of_role(made, QUEUE, f"{role}-dead").outputs["url"] == inputs["queueUrl"]


@pytest.mark.parametrize("role", CHANNELS)
def test_a_topic_sends_to_its_own_queue_as_it_was_published(cloud: Cloud, role: str) -> None:
    sns = cloud.client("sns", HOME)
    (found,) = sns.list_subscriptions_by_topic(TopicArn=arn("sns", role))["Subscriptions"]
    assert ("sqs", arn("sqs", role)) == (found["Protocol"], found["Endpoint"])
    kept = sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    assert "true" == kept["RawMessageDelivery"]
    assert {"deadLetterTargetArn": arn("sqs", f"{role}-dead")} == json.loads(kept["RedrivePolicy"])


def test_what_is_published_arrives_in_its_journeys_queue_and_in_no_other(cloud: Cloud) -> None:
    sns, sqs = cloud.client("sns", HOME), cloud.client("sqs", HOME)
    sns.publish(TopicArn=arn("sns", "payments"), Message='{"paid": true}')

    def received(role: str) -> list[str]:
        url = sqs.get_queue_url(QueueName=f"medical-us-use2-{role}")["QueueUrl"]
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
        return [item["Body"] for item in answer.get("Messages", [])]

    assert ['{"paid": true}'] == received("payments")
    assert [] == received("appointments")


@pytest.mark.parametrize("role", [role + end for role in CHANNELS for end in ("", "-dead")])
def test_only_its_own_topic_sends_to_a_queue(made: Program, cloud: Cloud, role: str) -> None:
    denied, (allowed, *rest) = split(made, QUEUE_POLICY, role)
    assert ({"Service": "sns.amazonaws.com"}, ["sqs:SendMessage"]) == (allowed["Principal"], allowed["Action"])
    assert arn("sqs", role) == allowed["Resource"]
    topic = arn("sns", role.removesuffix("-dead"))
    assert {"ArnEquals": {"aws:SourceArn": topic}} == allowed["Condition"]
    assert [{"Bool": {"aws:SecureTransport": "false"}}] == [item["Condition"] for item in denied]
    assert [*denied, allowed, *rest] == json.loads(attributes(cloud, role)["Policy"])["Statement"]
    rules = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{HOME}:{ACCOUNT}:rule/*"}}
    undelivered = [({"Service": "events.amazonaws.com"}, rules)] if role == f"{OPERATIONS}-dead" else []
    assert undelivered == [(item["Principal"], item["Condition"]) for item in rest]


@pytest.mark.parametrize("role", CHANNELS)
def test_a_topic_takes_nothing_without_tls(made: Program, cloud: Cloud, role: str) -> None:
    (denied,), _ = split(made, TOPIC_POLICY, role)
    assert (["sns:Publish"], [arn("sns", role)]) == (denied["Action"], denied["Resource"])
    assert {"Bool": {"aws:SecureTransport": "false"}} == denied["Condition"]
    policy = cloud.client("sns", HOME).get_topic_attributes(TopicArn=arn("sns", role))["Attributes"]["Policy"]
    assert denied in json.loads(policy)["Statement"]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journeys_topic_is_opened_to_nobody_by_its_policy(made: Program, journey: str) -> None:
    assert [] == split(made, TOPIC_POLICY, journey)[1]


def test_only_alarms_backups_and_budgets_of_this_account_and_rules_publish_to_operations(made: Program) -> None:
    allowed = {item["Principal"]["Service"]: item.get("Condition") for item in split(made, TOPIC_POLICY, OPERATIONS)[1]}
    mine = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    alarms = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:*"}, **mine}
    others = ("backup.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com")
    unconditional = allowed.pop("events.amazonaws.com")
    assert unconditional is None, "EventBridge supports no condition in a topic's policy"
    assert {"cloudwatch.amazonaws.com": alarms, **dict.fromkeys(others, mine)} == allowed


@pytest.mark.parametrize("role", CHANNELS)
def test_a_topic_delivers_only_once_its_queues_admit_it(made: Program, role: str) -> None:
    subscription = of_role(made, SUBSCRIPTION, role)
    for policy in (role, f"{role}-dead"):
        assert of_role(made, QUEUE_POLICY, policy).urn in subscription.dependencies
    assert of_role(made, TOPIC_POLICY, role).urn in subscription.property_dependencies["topic"]


def test_the_longest_cell_name_makes_names_that_sqs_takes() -> None:
    found = declare(lambda: messaging(cell="c" * naming.CELL_LIMIT))
    names = [item.inputs["name"] for item in found.of_type(QUEUE)]
    assert 10 == len(set(names))
    assert naming.TOPIC >= max(map(len, names))


def test_what_moto_cannot_hold_is_recorded_and_not_claimed(cloud: Cloud) -> None:
    assert {ALLOW_POLICY} == {item.type for item in cloud.recorded}
