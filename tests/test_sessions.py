"""Sessions on instances: their preferences, declared and standing, and what instances may do for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.web import sessions
from components.web.sessions import DOCUMENT, SessionsArgs
from domain.naming import Names
from ops.engine.record import Program, reveal
from tests.support import ACCOUNT, CELLS, HOME, declare, only, opts_in, standing, statements, whole

TYPE = "aws:ssm/document:Document"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"


def args(cell: str = "us", *, owned: bool = True) -> SessionsArgs:
    names = Names(cell=cell, place="use2")
    return SessionsArgs(names=names, account_id=ACCOUNT, region=HOME, owned=owned, key_arn=KEY, log_days=365)


def preferences() -> None:
    sessions.build_preferences("home-web", args(), opts_in())


def inputs(program: Program) -> dict[str, Any]:
    """What the document says of sessions."""
    return dict(json.loads(reveal(only(program, TYPE).inputs["content"]))["inputs"])


def rights(given: SessionsArgs) -> dict[str, dict[str, Any]]:
    return {item["Sid"]: dict(item) for item in sessions.statements(given)}


def test_the_document_is_the_one_that_session_manager_reads() -> None:
    document = only(declare(preferences), TYPE)
    assert ("SSM-SessionManagerRunShell", "Session") == (document.inputs["name"], document.inputs["documentType"])
    content = json.loads(reveal(document.inputs["content"]))
    assert ("1.0", "Standard_Stream") == (content["schemaVersion"], content["sessionType"])


def test_sessions_are_encrypted_and_logged_as_they_run() -> None:
    program = declare(preferences)
    found, group = inputs(program), only(program, GROUP)
    assert KEY == found["kmsKeyId"] == group.inputs["kmsKeyId"]
    assert group.inputs["name"] == found["cloudWatchLogGroupName"]
    assert found["cloudWatchEncryptionEnabled"] is True
    assert found["cloudWatchStreamingEnabled"] is True, "a session that is cut off is logged too"
    assert 365 == group.inputs["retentionInDays"]


def test_a_forgotten_session_ends_by_itself() -> None:
    found = inputs(declare(preferences))
    idle, longest = int(found["idleSessionTimeout"]), int(found["maxSessionDuration"])
    assert 1 <= idle <= 60, "what Session Manager takes"
    assert idle < longest <= 1440


@pytest.mark.parametrize("cell", CELLS)
def test_both_sides_of_every_cell_keep_its_sessions(cell: str) -> None:
    program = whole(cell)
    documents = [item for item in program.of_type(TYPE) if item.inputs["documentType"] == "Session"]
    assert [DOCUMENT] * 2 == [item.inputs["name"] for item in documents]
    keys = {program.region_of(item): item.outputs["arn"] for item in program.of_type("aws:kms/key:Key")}
    for item in documents:
        content = json.loads(reveal(item.inputs["content"]))["inputs"]
        assert keys[program.region_of(item)] == content["kmsKeyId"]


def test_a_stack_that_does_not_own_its_regions_makes_no_preferences_and_writes_to_the_owners_log() -> None:
    program = whole("us", regionOwner="core")
    assert [] == [item for item in program.of_type(TYPE) if item.inputs["documentType"] == "Session"]
    assert not [item for item in program.of_type(GROUP) if "sessions" in item.inputs["name"]]
    role = only(program, "aws:iam/rolePolicy:RolePolicy", "home-web")
    (log,) = [item for item in statements(role.inputs["policy"]) if item["Sid"] == "LogSessions"]
    assert f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/medical/core/use2/sessions" in log["Resource"]


def test_instances_may_write_to_the_log_of_sessions_alone() -> None:
    log = rights(args())["LogSessions"]
    group = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/medical/us/use2/sessions"
    assert [group, f"{group}:*"] == log["Resource"]


@pytest.mark.parametrize("owned", [True, False])
def test_instances_decrypt_the_keys_of_sessions_and_nothing_else_directly(owned: bool) -> None:  # noqa: FBT001 - a parameter of the test
    found = rights(args(owned=owned))["EncryptSessions"]
    assert ["kms:Decrypt"] == found["Action"]
    assert {"kms:EncryptionContext:aws:ssm:TargetId": "false"} == found["Condition"]["Null"]


def test_the_owners_key_is_known_by_its_alias() -> None:
    assert [KEY] == rights(args())["EncryptSessions"]["Resource"]
    other = rights(args("core", owned=False))["EncryptSessions"]
    assert {"kms:ResourceAliases": "alias/medical-core-use2-data"} == other["Condition"]["ForAnyValue:StringEquals"]


def test_the_standing_preferences_are_what_was_declared() -> None:
    with standing(preferences) as (_, cloud):
        found = cloud.client("ssm", HOME).get_document(Name=DOCUMENT)
        assert "Session" == found["DocumentType"]
        assert "/medical/us/use2/sessions" == json.loads(found["Content"])["inputs"]["cloudWatchLogGroupName"]
