"""A fault of a function, its dead letters, and their way back once it is mended: with the script that AWS is to run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest

from components.documents.documents import RETURNED
from components.operations.automation import SCRIPTS
from functions.repairs.redrive import PAUSE
from ops.sandbox.physics.functions.moves import UNKNOWN_SOURCE
from tests.functions import files
from tests.physics.documents_cell import LONGEST, RECEIVES, VISIBILITY, DocumentsCell, client, documents_cell
from tests.support import ACCOUNT, HOME

ALARM: Final = "medical-us-use2-documents-returned"
REDRIVE: Final = "medical-us-use2-redrive"
GIVEN_UP: Final = RECEIVES * VISIBILITY + LONGEST
JUDGED: Final = 16 * 60  # the three periods of five minutes that the alarm looks at, and a minute


class Ailing:
    """Home's documents, whose conversions can be broken and mended, with their repair."""

    def __init__(self, cell: DocumentsCell) -> None:
        """Make what leads from the alarm to the repair, and begin."""
        self.cell, self.world = cell, cell.world
        topic = client("sns", HOME).create_topic(Name="operations")["TopicArn"]
        client("sqs", HOME).create_queue(QueueName="operations")
        client("sns", HOME).subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{HOME}:{ACCOUNT}:operations",
            Attributes={"RawMessageDelivery": "true"},
        )
        client("cloudwatch", HOME).put_metric_alarm(
            AlarmName=ALARM,
            Namespace=RETURNED.namespace,
            MetricName=RETURNED.metric,
            Dimensions=[{"Name": key, "Value": value} for key, value in RETURNED.dimensions.items()],
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        self._lead(topic)
        self.world.begin(1)

    def _lead(self, topic: str) -> None:
        handed = {
            "region": HOME,
            "topic": topic,
            "dead_letters": f"arn:aws:sqs:{HOME}:{ACCOUNT}:dead",
            "functions": ["convert", "text", "erase"],
            "returned": {
                "namespace": RETURNED.namespace,
                "metric": RETURNED.metric,
                "dimensions": dict(RETURNED.dimensions),
            },
        }
        step = {
            "name": "redrive",
            "action": "aws:executeScript",
            "inputs": {
                "Handler": "handler",
                "InputPayload": handed,
                "Script": (SCRIPTS / "redrive.py").read_text(encoding="utf-8"),
            },
            "outputs": [{"Name": "line", "Selector": "$.Payload.line", "Type": "String"}],
        }
        content = {"assumeRole": f"arn:aws:iam::{ACCOUNT}:role/redrive", "mainSteps": [step], "schemaVersion": "0.3"}
        client("ssm", HOME).create_document(Name=REDRIVE, DocumentType="Automation", Content=json.dumps(content))
        events = client("events", HOME)
        detail = {"previousState": {"value": ["ALARM"]}, "state": {"value": ["OK"]}}
        pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [ALARM], **detail}}
        events.put_rule(Name=REDRIVE, EventPattern=json.dumps(pattern))
        arn = f"arn:aws:ssm:{HOME}:{ACCOUNT}:automation-definition/{REDRIVE}:$DEFAULT"
        events.put_targets(Rule=REDRIVE, Targets=[{"Id": "redrive", "Arn": arn}])

    def fault(self, *, stands: bool) -> None:
        """Break what conversions need, or mend it: the bucket that they write to."""
        function = self.world.backend("lambda", HOME).get_function("convert")
        name = function.environment_vars["DERIVED_BUCKET"].removesuffix("-gone")
        function.environment_vars = {
            **function.environment_vars,
            "DERIVED_BUCKET": f"{name}-gone" if stands else name,
        }

    def dead(self) -> int:
        return len(self.cell.queue("dead")._messages)

    def lines(self) -> list[str]:
        """What the repair told operations."""
        return [message.body for message in self.cell.queue("operations")._messages]

    def give_up(self, key: str) -> str:
        """Upload a picture that cannot be converted, until it is a dead letter."""
        version = self.cell.put(key, files.png())
        self.world.advance(GIVEN_UP)
        return version


@pytest.fixture
def ailing() -> Iterator[Ailing]:
    with documents_cell() as cell:
        yield Ailing(cell)


def test_dead_letters_go_back_once_calls_end_well_and_are_worked_off(ailing: Ailing) -> None:
    ailing.fault(stands=True)
    version = ailing.give_up("scan")
    assert 1 == ailing.dead()
    ailing.fault(stands=False)
    ailing.cell.put("other", files.png())
    ailing.world.advance(LONGEST)
    client("ssm", HOME).start_automation_execution(DocumentName=REDRIVE)
    ailing.world.advance(60 + LONGEST)
    assert "1 dead letters of dead are sent back to their queues: nothing has failed since" in ailing.lines()[-1]
    assert 0 == ailing.dead()
    assert "converted" == ailing.cell.status("scan", version)["state"]


def test_silence_after_a_fault_sends_nothing_back(ailing: Ailing) -> None:
    ailing.fault(stands=True)
    ailing.give_up("scan")
    ailing.world.advance(JUDGED)
    assert "OK" == ailing.world.metrics.alarm_state(HOME, ALARM)
    assert [] == ailing.lines(), "while it was tried again there was nothing to send back"
    client("ssm", HOME).start_automation_execution(DocumentName=REDRIVE)
    ailing.world.advance(60)
    assert 1 == ailing.dead()
    assert "messages came back at" in ailing.lines()[-1]
    assert ailing.lines()[-1].endswith("no call has ended well since. Open docs/runbooks/alarms.md#queues.")
    assert [] == ailing.cell.events("letter-moved")


def test_a_change_of_the_function_after_its_failure_is_proof_enough(ailing: Ailing) -> None:
    ailing.fault(stands=True)
    version = ailing.give_up("scan")
    ailing.fault(stands=False)
    ailing.world.advance(6 * 60)
    client("lambda", HOME).update_function_configuration(FunctionName="convert", Description="mended")
    client("ssm", HOME).start_automation_execution(DocumentName=REDRIVE)
    ailing.world.advance(60 + LONGEST)
    assert "converted" == ailing.cell.status("scan", version)["state"]


def test_the_end_of_the_alarm_sends_back_what_was_given_up(ailing: Ailing) -> None:
    ailing.fault(stands=True)
    ailing.give_up("scan")
    ailing.cell.put("late", files.png())
    ailing.world.advance(2 * LONGEST)
    assert "ALARM" == ailing.world.metrics.alarm_state(HOME, ALARM)
    ailing.fault(stands=False)
    ailing.cell.put("new", files.png())
    ailing.world.advance(JUDGED)
    assert 1 == len(ailing.cell.events("letter-moved"))
    assert 0 == ailing.dead()


def test_a_letter_that_is_given_up_again_is_not_sent_back_a_second_time(ailing: Ailing) -> None:
    ailing.fault(stands=True)
    ailing.give_up("scan")
    ailing.fault(stands=False)
    ailing.cell.put("other", files.png())
    ailing.world.advance(LONGEST)
    ailing.fault(stands=True)
    client("ssm", HOME).start_automation_execution(DocumentName=REDRIVE)
    ailing.world.advance(GIVEN_UP + 60)
    assert (1, 1) == (ailing.dead(), len(ailing.cell.events("letter-moved")))
    ailing.fault(stands=False)
    ailing.cell.put("another", files.png())
    ailing.world.advance(LONGEST)
    client("ssm", HOME).start_automation_execution(DocumentName=REDRIVE)
    ailing.world.advance(JUDGED)
    assert (1, 1) == (ailing.dead(), len(ailing.cell.events("letter-moved")))
    assert "once a day: what comes back needs a person" in ailing.lines()[-1]
    assert timedelta(hours=1) < PAUSE, "longer than a letter takes to be given up again"


def test_a_letter_that_no_queue_gave_up_stays_and_ends_the_task(ailing: Ailing) -> None:
    sqs = client("sqs", HOME)
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="what a rule could not deliver")
    arn = f"arn:aws:sqs:{HOME}:{ACCOUNT}:dead"
    sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=5)
    with pytest.raises(sqs.exceptions.UnsupportedOperation):
        sqs.start_message_move_task(SourceArn=arn)
    ailing.world.advance(5)
    (task,) = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
    assert ("FAILED", UNKNOWN_SOURCE, 0) == (
        task["Status"],
        task["FailureReason"],
        task["ApproximateNumberOfMessagesMoved"],
    )
    assert 1 == ailing.dead()
