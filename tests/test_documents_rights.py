"""What the functions call against what their roles may: every call is allowed on what it uses, and nothing else is.

The calls are those that the real code makes on a side of its own; whatever could be called and is not here is found by
reading the code.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from botocore import xform_name
from moto import mock_aws

import functions.documents
from functions.documents import completion, erasure, handler, lineage
from functions.documents.events import Upload
from functions.documents.notices import REMIND_SECONDS
from ops.engine.record import Program
from tests.functions import files
from tests.functions import stage as stages
from tests.functions.arrivals import REGION, Json, analysis, deletion_event, line, result, scan_event, textract_news
from tests.functions.stage import Stage
from tests.support import only, statements, whole

Right = tuple[str, str]
"""An action, and what it is done to: a bucket by its role, objects by role and first folder, or a word for the rest."""

SIDES: Final = ("home", "recovery")
CLIENTS: Final = {"_s3": "s3", "_sns": "sns", "_sqs": "sqs", "_textract": "textract"}
JOB: Final = {"JobId": "job-1"}
# What Lambda itself does as the function: it works the queue off, logs and traces.
LAMBDAS_OWN: Final[frozenset[Right]] = frozenset(
    {
        ("logs:CreateLogStream", "logs"),
        ("logs:PutLogEvents", "logs"),
        ("sqs:DeleteMessage", "queue"),
        ("sqs:GetQueueAttributes", "queue"),
        ("sqs:ReceiveMessage", "queue"),
        ("xray:PutTelemetryRecords", "*"),
        ("xray:PutTraceSegments", "*"),
    }
)


@dataclass(frozen=True)
class Calls:
    """What one function has called: the rights that AWS asks for, and the operations by service."""

    rights: set[Right] = field(default_factory=set)
    operations: set[tuple[str, str]] = field(default_factory=set)

    def note(self, params: Mapping[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own
        service = model.service_model.service_name
        self.operations.add((service, xform_name(model.name)))
        self.rights.update(_rights(service, model.name, params))


def _rights(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Right]:
    """Source: the Service Authorization Reference, and S3's guide, "Required permissions for S3 API operations"."""
    match service:
        case "s3":
            yield from _rights_in_s3(operation, params)
        case "sns":
            yield (f"sns:{operation}", "topics")
        case "sqs":
            yield (f"sqs:{operation}", "queue")
        case _:
            yield (f"{service}:{operation}", "*")
            if "Document" in params or "DocumentLocation" in params:
                # Textract reads the document with the caller's rights.
                yield from (("s3:GetObject", "uploads/"), ("s3:GetObjectVersion", "uploads/"))
            if "NotificationChannel" in params:
                yield ("iam:PassRole", "textract's role")


def _rights_in_s3(operation: str, params: Mapping[str, Any]) -> Iterator[Right]:
    match operation:
        case "GetObject" | "HeadObject":
            yield ("s3:GetObjectVersion" if "VersionId" in params else "s3:GetObject", _object(params))
            yield ("s3:ListBucket", params["Bucket"])  # else what is gone would be called forbidden
        case "PutObject":
            yield ("s3:PutObject", _object(params))
            if "IfMatch" in params:
                yield ("s3:GetObject", _object(params))
        case "ListObjectsV2":
            yield ("s3:ListBucket", params["Bucket"])
        case "ListObjectVersions":
            yield ("s3:ListBucketVersions", params["Bucket"])
        case "DeleteObjects":
            for item in params["Delete"]["Objects"]:
                action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
                yield (action, _object({**params, **item}))
        case _:
            raise AssertionError(f"{operation}: say which right it asks for")


def _object(params: Mapping[str, Any]) -> str:
    """What lies where an object does: `<bucket>/<folder>/`, and all of the uploads alike."""
    folder = "" if params["Bucket"] == "uploads" else f"{params['Key'].partition('/')[0]}/"
    return f"{params['Bucket']}/{folder}"


@contextmanager
def noted(stage: Stage, calls: Calls) -> Iterator[None]:
    """Within, what is called is what a function calls."""
    clients = (stage.s3, stage.sns, stage.sqs, stage.textract)
    for client in clients:
        client.meta.events.register("before-parameter-build", calls.note)
    yield
    for client in clients:
        client.meta.events.unregister("before-parameter-build", calls.note)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with mock_aws():
            made = stages.made(io.StringIO())
            with made.stubber:
                yield made


def works(stage: Stage, calls: Calls, module: ModuleType, *bodies: Json | str) -> None:
    """A function does what messages ask for, and none returns."""
    with noted(stage, calls):
        assert [] == stage.run(module, *bodies)


def status_key(upload: Upload) -> str:
    return lineage.status_key(upload.key, upload.version)


def converts(stage: Stage, calls: Calls) -> None:
    """A picture with its text, twice: the second time what an attempt has left stands, all but the record."""
    picture = stage.upload(files.png())
    for _ in range(2):
        stage.stubber.add_response("analyze_document", analysis(line("text")))
        works(stage, calls, handler, scan_event(picture))
        stage.s3.delete_object(Bucket="derived", Key=status_key(picture))
    # A document of many pages, whose completion is lost.
    stage.stubber.add_response("start_document_analysis", JOB)
    document = stage.upload(files.pdf(3))
    works(stage, calls, handler, scan_event(document))
    stage.later(REMIND_SECONDS)
    stage.stubber.add_response("get_document_analysis", result(line("text")))
    works(stage, calls, handler, stage.reminders[-1]["MessageBody"])
    # A message that returns.
    stage.stubber.add_client_error("analyze_document", "ThrottlingException")
    other = stage.upload(files.png())
    with noted(stage, calls):
        assert ["0"] == stage.run(handler, scan_event(other))


def reads(stage: Stage, calls: Calls) -> None:
    """A text of many pages, twice: the second time what an attempt has left stands, all but the record of its end."""
    stage.stubber.add_response("start_document_analysis", JOB)
    upload = stage.convert(files.pdf(3))
    pending = stage.body(status_key(upload))
    stage.stubber.add_response("get_document_analysis", result(status="IN_PROGRESS"))
    works(stage, calls, completion, textract_news(upload))
    for _ in range(2):
        stage.s3.put_object(Bucket="derived", Key=status_key(upload), Body=pending)
        stage.stubber.add_response("get_document_analysis", result(line("text")))
        works(stage, calls, completion, textract_news(upload))
    stage.s3.put_object(Bucket="derived", Key=status_key(upload), Body=pending)
    stage.stubber.add_client_error("get_document_analysis", "ThrottlingException")
    with noted(stage, calls):
        assert ["0"] == stage.run(completion, textract_news(upload))


def erases(stage: Stage, calls: Calls) -> None:
    """A picture that was converted, in two goes: at the first S3 keeps it for now."""
    stage.stubber.add_response("analyze_document", analysis(line("text")))
    upload = stage.convert(files.png())

    def keep(parsed: Json, **_: object) -> None:
        parsed["Errors"] = [{"Key": "x", "Code": "InternalError", "Message": "later"}]

    # In place of the removal itself: what S3 keeps must be there for the second go.
    with noted(stage, calls), stage.before("s3.DeleteObjects", lambda params: params.update(Delete={"Objects": []})):
        stage.s3.meta.events.register("after-call.s3.DeleteObjects", keep)
        assert ["0"] == stage.run(erasure, deletion_event(upload))
        stage.s3.meta.events.unregister("after-call.s3.DeleteObjects", keep)
    works(stage, calls, erasure, deletion_event(upload))


SCENES: Final = {"convert": converts, "text": reads, "erase": erases}


@pytest.fixture(scope="module")
def called(stage: Stage) -> Mapping[str, Calls]:
    found = {name: Calls() for name in SCENES}
    for name, scene in SCENES.items():
        scene(stage, found[name])
    stage.stubber.assert_no_pending_responses()
    return found


@pytest.fixture(scope="module")
def program() -> Program:
    return whole("us")


def names_of(program: Program, side: str, name: str) -> dict[str, str]:
    """What resources of a side are called here, by ARN."""
    buckets = {
        only(program, "aws:s3/bucket:Bucket", f"{side}-storage-{role}").outputs["arn"]: role
        for role in ("uploads", "derived", "audit")
    }
    journeys = ("appointments", "consultations", "payments", "prescriptions")
    topics = [only(program, "aws:sns/topic:Topic", f"{side}-messaging-{item}").outputs["arn"] for item in journeys]
    return {
        **buckets,
        **{f"{arn}/*": f"{role}/" for arn, role in buckets.items()},
        **dict.fromkeys(topics, "topics"),
        only(program, "aws:sqs/queue:Queue", f"{side}-documents-{name}").outputs["arn"]: "queue",
        only(program, "aws:cloudwatch/logGroup:LogGroup", f"{side}-documents-{name}").outputs["arn"] + ":*": "logs",
        only(program, "aws:iam/role:Role", f"{side}-documents-text-tells").outputs["arn"]: "textract's role",
        "*": "*",
    }


def allowed(program: Program, side: str, name: str) -> set[Right]:
    """What the role of a function may do, but for its key."""
    names = names_of(program, side, name)

    def called_here(arn: str) -> str:
        bucket, _, folder = arn.removesuffix("/*").partition("/")
        return names[arn] if arn in names else f"{names[bucket]}/{folder}/"

    document = only(program, "aws:iam/rolePolicy:RolePolicy", f"{side}-documents-{name}").inputs["policy"]
    return {
        (action, called_here(resource))
        for item in statements(document)
        for action in item["Action"]
        for resource in item["Resource"]
        if not action.startswith("kms:")
    }


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", SCENES)
def test_a_function_may_do_what_it_does_and_nothing_else(
    program: Program, called: Mapping[str, Calls], side: str, name: str
) -> None:
    needed, given = called[name].rights | LAMBDAS_OWN, allowed(program, side, name)
    assert set() == needed - given, "it would be refused"
    assert set() == given - needed, "nothing asks for it"


@pytest.mark.parametrize("name", SCENES)
def test_the_key_is_used_through_the_services_that_are_called(
    program: Program, called: Mapping[str, Calls], name: str
) -> None:
    document = only(program, "aws:iam/rolePolicy:RolePolicy", f"home-documents-{name}").inputs["policy"]
    found = {item["Sid"]: item for item in statements(document) if item["Sid"].startswith("KeyThrough")}
    through = {item["Condition"]["StringEquals"]["kms:ViaService"].partition(".")[0]: item for item in found.values()}
    services = {service for service, _ in called[name].operations} - {"textract"}  # it reads through S3
    assert services | {"lambda"} == set(through), "Lambda decrypts the environment"
    for service, item in through.items():
        reading = ["kms:Decrypt"] if service == "lambda" else ["kms:Decrypt", "kms:GenerateDataKey"]
        assert reading == item["Action"]
        assert "kms:EncryptionContext:" in str(item["Condition"]), "for what the function may use, and nothing else"
    objects = through["s3"]["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"]
    assert not [arn for arn in objects if "-releases-" in arn or "-backups-" in arn]


def in_the_code() -> set[tuple[str, str]]:
    """Every operation that the code names, by service."""
    found = set()
    for file in Path(functions.documents.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            client = node.func.value
            if not (isinstance(client, ast.Attribute) and client.attr in CLIENTS):
                continue
            operation = node.func.attr
            if operation == "get_paginator":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant)
                operation = str(argument.value)
            found.add((CLIENTS[client.attr], operation))
    return found


def test_every_call_in_the_code_was_made(called: Mapping[str, Calls]) -> None:
    made = {operation for calls in called.values() for operation in calls.operations}
    assert in_the_code() == made, "else no right was compared with it"
    assert ("s3", "put_object") in made


def test_no_client_is_used_but_those_that_were_listened_to() -> None:
    made = [
        node.args[0]
        for file in Path(functions.documents.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "boto3.client"
    ]
    named = {item.value for item in made if isinstance(item, ast.Constant)}
    assert named <= set(CLIENTS.values())
    assert {"s3", "textract"} <= named
