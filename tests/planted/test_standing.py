"""A cell that stands, and a drill in it: what its secrets are is in no file, no output, no record and no report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from ops.engine.project import ROOT
from ops.sandbox.cells.state import VARIABLE, StateFolder
from tests.planted.scanner import in_folder, shows
from tests.sandbox.conftest import end_all

pytestmark = pytest.mark.slow("a cell and a drill of it in processes of their own, as a user starts them")

REGIONS: Final = ("us-east-2", "us-west-2")
PLANTED: Final = {
    "AWS_SECRET_ACCESS_KEY": "env-planted/key+51f0aa",
    "AWS_SESSION_TOKEN": "env-planted-token-7b21",
    "PULUMI_CONFIG_PASSPHRASE": "env-planted-passphrase-93ce",
}
_LONGEST_SECONDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class Stood:
    """What a cell that stood has left: all outputs, its folder, what it held, and its secrets."""

    folder: Path
    secrets: tuple[str, ...]
    outputs: dict[str, str] = field(default_factory=dict)
    held: dict[str, bytes] = field(default_factory=dict)


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ops", *words],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **PLANTED, VARIABLE: str(folder / "state"), "MEDICAL_DRILLS_DIR": str(folder / "drills")},
        text=True,
        timeout=_LONGEST_SECONDS,
    )
    assert "Traceback" not in done.stderr
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stood]:
    folder = tmp_path_factory.mktemp("planted")
    state = StateFolder(folder / "state")
    try:
        outputs = {"up": run(folder, "sandbox", "up", "us", "--json")}
        standing = state.noted()["us"]
        values = secrets_of(standing.endpoint_url)
        for words in (("sandbox", "status"), ("sandbox", "env", "us"), ("drill", "status", "--cell", "us")):
            outputs[" ".join(words)] = run(folder, *words)
        held = held_by(standing.endpoint_url, REGIONS)
        outputs["drill"] = run(folder, "drill", "run", "failover", "--cell", "us", "--execute", "us", "--standing")
        after = held_by(standing.endpoint_url, REGIONS[1:])  # home's region is lost
        held |= {f"{place}, after the drill": content for place, content in after.items()}
        outputs["down"] = run(folder, "sandbox", "down")
        yield Stood(folder=folder, secrets=(*values, *PLANTED.values()), outputs=outputs, held=held)
    finally:
        end_all(state)


def client(service: str, endpoint: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    session: Any = boto3.Session("sandbox", "sandbox", region_name=region)
    return session.client(service, endpoint_url=endpoint)


def secrets_of(endpoint: str) -> tuple[str, ...]:
    """Every password that the cell's secrets hold."""
    manager = client("secretsmanager", endpoint, REGIONS[0])
    found: set[str] = set()
    for item in manager.list_secrets()["SecretList"]:
        value = json.loads(manager.get_secret_value(SecretId=item["ARN"])["SecretString"])
        found |= {text for key, text in value.items() if key in {"password", "token", "auth_token"}}
    return tuple(sorted(found))


def held_by(endpoint: str, regions: tuple[str, ...]) -> dict[str, bytes]:
    """Whatever of the cell is no secret, by its place: objects, log events, parameters, user data, environments."""
    held: dict[str, bytes] = {}
    for region in regions:
        s3, logs, ssm = (client(name, endpoint, region) for name in ("s3", "logs", "ssm"))
        mark = "-usw2-" if region == REGIONS[1] else "-use2-"
        for bucket in (item for item in s3.list_buckets()["Buckets"] if mark in item["Name"]):
            for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
                body = s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
                held[f"s3 {bucket['Name']}/{item['Key']}"] = body
        for group in logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            held[f"{region} logs {name}"] = json.dumps(logs.filter_log_events(logGroupName=name)["events"]).encode()
        held[f"{region} parameters"] = str(ssm.get_parameters_by_path(Path="/", Recursive=True)["Parameters"]).encode()
        for service, operation in (
            ("ec2", "describe_launch_template_versions"),
            ("lambda", "list_functions"),
            ("rds", "describe_db_instances"),
            ("elasticache", "describe_replication_groups"),
            ("cloudwatch", "describe_alarms"),
            ("iam", "get_account_authorization_details"),
        ):
            words = {"Versions": ["$Latest"]} if service == "ec2" else {}
            held[f"{region} {operation}"] = str(getattr(client(service, endpoint, region), operation)(**words)).encode()
    return held


def test_there_are_secrets_to_look_for(stood: Stood) -> None:
    assert 3 + 2 <= len(stood.secrets)
    assert all(len(value) > 15 for value in stood.secrets)
    assert stood.outputs["up"].startswith("0\n")
    assert "Verdict" in stood.outputs["drill"] or "passed" in stood.outputs["drill"].lower()


def test_they_are_in_no_output(stood: Stood) -> None:
    assert [] == [
        (name, shows(text, value))
        for name, text in stood.outputs.items()
        for value in stood.secrets
        if shows(text, value)
    ]


def test_they_are_in_no_file_of_the_state_the_log_the_journal_or_the_report(stood: Stood) -> None:
    names = {path.suffix for path in stood.folder.rglob("*") if path.is_file()}
    assert {".log", ".json"} <= names
    assert [] == [found for value in stood.secrets for found in in_folder(stood.folder, value)]


def test_they_are_in_nothing_that_the_cell_holds_but_its_secrets(stood: Stood) -> None:
    assert len(stood.held) > 15
    assert [] == [
        (place, shows(content, value))
        for place, content in stood.held.items()
        for value in stood.secrets
        if shows(content, value)
    ]


def test_a_leak_into_any_of_them_is_found(stood: Stood, tmp_path: Path) -> None:
    for value in stood.secrets:
        (tmp_path / "host.log").write_text(f"error: {value}\n", encoding="utf-8")
        (found,) = in_folder(tmp_path, value)
        assert found.startswith("host.log: as it is")
