"""The read gate, statement by statement as IAM would judge it: who reads, tags and copies an upload, and when."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.documents import gate
from domain.documents import CLEAN, TAG
from domain.naming import Names
from ops.engine.record import Program
from tests.support import ACCOUNT, CELLS, only, statements, whole

BUCKET: Final = "arn:aws:s3:::medical-us-use2-uploads-111122223333"
UPLOAD: Final = f"{BUCKET}/consultations/42/scan.pdf"
MARKER: Final = f"{BUCKET}/continuity/drill-1/1"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


SCANNER, BACKUP, REPLICATION = (role(name) for name in ("scan", "backup", "replication"))
OTHERS: Final = (
    role("web"),
    role("documents-convert"),
    role("admin"),
    f"arn:aws:iam::{ACCOUNT}:user/anna",
    f"arn:aws:iam::{ACCOUNT}:root",
    REPLICATION,
)
WORDS: Final = ("THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED", "FAILED", "no_threats_found", "")
READS: Final = ("s3:GetObject", "s3:GetObjectVersion")
TAGS: Final = (
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
)


def gate_of(*replicating: str) -> list[dict[str, Any]]:
    found = gate.statements(BUCKET, scanner_arn=SCANNER, backup_arn=BACKUP, replication_arns=replicating)
    return json.loads(json.dumps(found))


GATE: Final = gate_of(REPLICATION)


def like(pattern: str, text: str) -> bool:
    """Whether an ARN with stars matches."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def holds(operator: str, wanted: str | list[str], value: str | None) -> bool:
    """Whether a condition holds, by the rules of IAM: what negates also holds for a key that is absent."""
    values = [wanted] if isinstance(wanted, str) else wanted
    match operator:
        case "Null":
            return (value is None) == (values == ["true"])
        case "StringNotEquals" | "ArnNotEquals":
            return value not in values
        case "Bool" | "ArnEquals" | "StringEquals":
            return value in values
        case "NumericLessThan":
            return value is not None and float(value) < float(values[0])
        case _:
            raise AssertionError(operator)


def denials(
    found: list[dict[str, Any]], action: str, resource: str, principal: str | None, **tags: str | None
) -> list[str]:
    """The statements that deny a request over TLS 1.3. `existing` and `given` are the scanner's tag, None for none."""
    context = {
        "aws:PrincipalArn": principal,
        f"s3:ExistingObjectTag/{TAG}": tags.get("existing"),
        f"s3:RequestObjectTag/{TAG}": tags.get("given"),
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
    }
    return [
        item["Sid"]
        for item in found
        if item["Effect"] == "Deny"
        and any(like(pattern, action) for pattern in item["Action"])
        and (
            any(like(pattern, resource) for pattern in item["Resource"])
            if "Resource" in item
            else not any(like(pattern, resource) for pattern in item["NotResource"])
        )
        and all(
            holds(operator, wanted, context.get(key))
            for operator, keys in item.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    ]


@pytest.mark.parametrize("action", READS)
@pytest.mark.parametrize("principal", OTHERS)
def test_nobody_reads_what_was_not_scanned(principal: str, action: str) -> None:
    assert ["DenyUnscanned"] == denials(GATE, action, UPLOAD, principal)
    assert [] == denials(GATE, action, UPLOAD, principal, existing=CLEAN), "and what is clean is not held back"


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("action", READS)
def test_nobody_reads_what_the_scanner_did_not_find_clean(action: str, word: str) -> None:
    for principal in OTHERS:
        assert ["DenyUnscanned"] == denials(GATE, action, UPLOAD, principal, existing=word)


@given(name=st.text(), word=st.text())
def test_only_the_one_word_opens_the_gate_whoever_asks(name: str, word: str) -> None:
    principal = role(name)
    if principal in {SCANNER, BACKUP}:
        return
    denied = denials(GATE, "s3:GetObject", UPLOAD, principal, existing=word)
    assert ([] if word == CLEAN else ["DenyUnscanned"]) == denied


def test_a_service_that_comes_as_no_role_is_held_back_too() -> None:
    assert ["DenyUnscanned"] == denials(GATE, "s3:GetObject", UPLOAD, None)


@pytest.mark.parametrize("action", READS)
def test_the_scanner_reads_what_it_is_to_scan_and_backups_copy_it_unopened(action: str) -> None:
    for principal in (SCANNER, BACKUP):
        for word in (None, *WORDS):
            assert [] == denials(GATE, action, UPLOAD, principal, existing=word)


@pytest.mark.parametrize(
    "action",
    [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:ReplicateObject",
        "s3:ReplicateDelete",
        "s3:ReplicateTags",
    ],
)
def test_replication_copies_an_upload_and_its_tag_scanned_or_not(action: str) -> None:
    for word in (None, CLEAN, "THREATS_FOUND"):
        assert [] == denials(GATE, action, UPLOAD, REPLICATION, existing=word, given=word)


@pytest.mark.parametrize("action", TAGS)
def test_nobody_but_the_scanner_tags_an_upload_or_takes_a_tag_away(action: str) -> None:
    for principal in (*OTHERS, BACKUP):
        for word in (None, CLEAN):
            assert ["DenyTags"] == denials(GATE, action, UPLOAD, principal, existing=word, given=CLEAN)
    assert [] == denials(GATE, action, UPLOAD, SCANNER, given=CLEAN)


def test_nobody_but_replication_brings_a_tag_from_the_other_side() -> None:
    for principal in (SCANNER, BACKUP, *OTHERS):
        denied = denials(GATE, "s3:ReplicateTags", UPLOAD, principal, given=CLEAN)
        assert (principal == REPLICATION) == (denied == [])
        assert {"DenyReplicatedTags"} >= set(denied)


def test_where_nothing_is_replicated_nobody_brings_a_tag() -> None:
    for principal in (SCANNER, *OTHERS):
        assert ["DenyReplicatedTags"] == denials(gate_of(), "s3:ReplicateTags", UPLOAD, principal)


@pytest.mark.parametrize("principal", [SCANNER, BACKUP, *OTHERS])
def test_an_upload_cannot_bring_the_scanners_word_along(principal: str) -> None:
    for word in (CLEAN, "THREATS_FOUND", ""):
        assert ["DenyTagOnUpload"] == denials(GATE, "s3:PutObject", UPLOAD, principal, given=word)
    assert [] == denials(GATE, "s3:PutObject", UPLOAD, principal), "and an upload without it is taken"


@pytest.mark.parametrize("action", READS)
def test_markers_of_continuity_can_be_read_at_once_and_nothing_that_only_looks_like_one(action: str) -> None:
    assert [] == denials(GATE, action, MARKER, role("web"))
    for key in ("continuity", "consultations/continuity/1", "Continuity/1"):
        assert ["DenyUnscanned"] == denials(GATE, action, f"{BUCKET}/{key}", role("web"))


def test_every_statement_only_denies() -> None:
    assert {"Deny"} == {item["Effect"] for item in GATE}


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


SIDES: Final = (("home", "recovery"), ("recovery", "home"))


@pytest.mark.parametrize(("side", "other"), SIDES)
def test_the_gate_of_a_cell_names_the_roles_that_stand(program: Program, side: str, other: str) -> None:
    document = only(program, "aws:s3/bucketPolicy:BucketPolicy", f"{side}-storage-uploads").inputs["policy"]
    found = statements(document)
    bucket = only(program, "aws:s3/bucket:Bucket", f"{side}-storage-uploads").outputs["arn"]

    def arn(name: str) -> str:
        return role(str(only(program, "aws:iam/role:Role", name).inputs["name"]))

    scanner, replication, own = arn(f"{side}-documents-scan"), arn(f"{other}-replication"), arn(f"{side}-replication")
    upload = f"{bucket}/payments/1.pdf"
    web, converter = arn(f"{side}-web"), arn(f"{side}-documents-convert")
    assert [] == denials(found, "s3:GetObject", upload, scanner)
    assert [] == denials(found, "s3:PutObjectTagging", upload, scanner, given=CLEAN)
    assert [] == denials(found, "s3:ReplicateTags", upload, replication, given=CLEAN)
    assert ["DenyReplicatedTags"] == denials(found, "s3:ReplicateTags", upload, own, given=CLEAN), "it reads here"
    for principal in (web, converter):
        assert ["DenyUnscanned"] == denials(found, "s3:GetObject", upload, principal)
        assert [] == denials(found, "s3:GetObject", upload, principal, existing=CLEAN)
    assert ["DenyTagOnUpload"] == denials(found, "s3:PutObject", upload, web, given=CLEAN)
    assert [] == denials(found, "s3:GetObjectVersionForReplication", upload, own)


def test_the_role_that_backs_up_passes_on_the_side_that_is_backed_up(program: Program) -> None:
    document = only(program, "aws:s3/bucketPolicy:BucketPolicy", "home-storage-uploads").inputs["policy"]
    name = only(program, "aws:iam/role:Role", "home-backup-plan").inputs["name"]
    assert [] == denials(statements(document), "s3:GetObject", UPLOAD, role(str(name)))


def test_no_other_bucket_has_a_gate(program: Program) -> None:
    gated = {
        item.name
        for item in program.of_type("aws:s3/bucketPolicy:BucketPolicy")
        if any(found["Sid"] == "DenyUnscanned" for found in statements(item.inputs["policy"]))
    }
    assert {"home-storage-uploads", "recovery-storage-uploads"} == gated


def test_a_role_is_named_as_it_will_be_called() -> None:
    names = Names(cell="us", place="use2")
    assert role("medical-us-use2-documents-scan") == gate.role_arn(ACCOUNT, gate.scanner_name(names))
