"""The runbooks: every command is one that the AWS CLI knows, and says what the program and the settings say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from pydantic.alias_generators import to_camel

from domain import manifest, switch
from domain.budget import STEP_SECONDS
from ops.engine.project import ROOT
from settings import Settings
from tests.shell import Command, commands

RUNBOOKS: Final = ROOT / "docs" / "runbooks"
PAGES: Final = ("failover.md", "failback.md")
EVERYWHERE: Final = {"--region", "--query", "--output"}
PAGINATION: Final = {"--max-items"}
FENCE: Final = "4. Fence home"
SESSION: Final = botocore.session.get_session()


def text(page: str) -> str:
    return (RUNBOOKS / page).read_text(encoding="utf-8")


def calls(page: str) -> list[Command]:
    return [command for command in commands(text(page)) if command.words[0] == "aws"]


def operation(command: Command) -> OperationModel:
    """The operation that a call of the AWS CLI is of, or that it waits with."""
    service, name, *rest = command.words[1:]
    assert service in SESSION.get_available_services(), f"the AWS CLI has no service {service}"
    model = SESSION.get_service_model(service)
    if name == "wait":
        waiters = SESSION.get_waiter_model(service)
        known = {xform_name(waiter, "-"): waiters.get_waiter(waiter).operation for waiter in waiters.waiter_names}
        return model.operation_model(known[rest[0]])
    known = {xform_name(each, "-"): each for each in model.operation_names}
    assert name in known, f"{service} has no operation {name}"
    return model.operation_model(known[name])


def mistakes(command: Command) -> Iterator[str]:
    """What the AWS CLI would refuse in `command`."""
    try:
        model = operation(command)
    except (AssertionError, KeyError) as error:
        yield str(error)
        return
    members = model.input_shape.members if model.input_shape else {}
    known = {f"--{xform_name(name, '-')}": shape for name, shape in members.items()}
    negated = {name.replace("--", "--no-", 1) for name, shape in known.items() if shape.type_name == "boolean"}
    paginated = PAGINATION if is_paginated(command, model) else set()
    for name, values in command.options.items():
        if name not in known and name not in EVERYWHERE | negated | paginated:
            yield f"{model.name} has no parameter {name}"
        elif name in known:
            yield from (f"{name}: no member {key}" for key in unknown_members(known[name], values))
    for name in model.input_shape.required_members if model.input_shape else ():
        if f"--{xform_name(name, '-')}" not in command.options:
            yield f"{model.name} needs --{xform_name(name, '-')}"


def is_paginated(command: Command, model: OperationModel) -> bool:
    try:
        return bool(SESSION.get_paginator_model(command.words[1]).get_paginator(model.name))
    except ValueError:
        return False


def unknown_members(shape: Shape, values: tuple[str, ...]) -> Iterator[str]:
    """Members that a value in the AWS CLI's shorthand (`Name=a,Value=b`) names, and the parameter does not have."""
    allowed = set(members_of(shape))
    for value in values:
        for key in re.findall(r"(?:^|[,{\[])(\w+)=", value):
            if allowed and key not in allowed:
                yield key


def members_of(shape: Shape) -> Iterator[str]:
    if isinstance(shape, ListShape):
        yield from members_of(shape.member)
    elif isinstance(shape, StructureShape):
        for name, inner in shape.members.items():
            yield name
            yield from members_of(inner)


@pytest.mark.parametrize("page", PAGES)
def test_every_call_is_one_that_the_aws_cli_knows(page: str) -> None:
    found = calls(page)
    assert len(found) > 8, "the page's calls are read"
    assert [] == [f"{' '.join(call.words)}: {mistake}" for call in found for mistake in mistakes(call)]


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("aws rdz describe-db-instances", "no service rdz"),
        ("aws rds promote-replica --db-instance-identifier x", "no operation promote-replica"),
        ("aws rds promote-read-replica --db-instance x", "no parameter --db-instance"),
        ("aws rds promote-read-replica --backup-retention-period 1", "needs --db-instance-identifier"),
        ("aws rds wait db-instance-up --db-instance-identifier x", "db-instance-up"),
        ("X=$(timeout 5 aws rds describe-db-instances --max-item 1)", "no parameter --max-item"),
        (
            "aws rds reset-db-parameter-group --db-parameter-group-name x --parameters ParameterNam=read_only",
            "no member ParameterNam",
        ),
    ],
)
def test_a_call_that_the_aws_cli_does_not_know_is_found(line: str, mistake: str) -> None:
    (call,) = [command for command in commands(f"# A\n```sh\n{line}\n```\n") if command.words[0] == "aws"]
    assert mistake in "; ".join(mistakes(call))


@pytest.mark.parametrize("page", PAGES)
def test_every_call_says_its_region(page: str) -> None:
    regions = {call.options.get("--region") for call in calls(page)}
    assert {("$HOME_REGION",), ("$RECOVERY_REGION",)} == regions


def test_a_failover_asks_nothing_of_home_but_the_fence() -> None:
    asked = [call for call in calls("failover.md") if call.options["--region"] == ("$HOME_REGION",)]
    assert {FENCE} == {call.heading for call in asked}
    assert {"rds"} == {call.words[1] for call in asked}


def test_a_failover_needs_pulumi_only_once_home_is_back() -> None:
    used = [command.heading for command in commands(text("failover.md")) if command.words[0] == "pulumi"]
    assert {"9. When home is back: tell Pulumi"} == set(used)


@pytest.mark.parametrize(("page", "value"), [("failover.md", switch.ON), ("failback.md", switch.OFF)])
def test_the_switch_is_turned_as_the_program_reads_it(page: str, value: int) -> None:
    (turned,) = [call for call in calls(page) if call.words[2] == "put-metric-data"]
    assert (switch.NAMESPACE,) == turned.options["--namespace"]
    dimensions = f"Dimensions=[{{Name={switch.DIMENSION},Value=$CELL}}]"
    assert (f"MetricName={switch.METRIC},{dimensions},Value={value}",) == turned.options["--metric-data"]


@pytest.mark.parametrize("page", PAGES)
def test_the_manifest_is_read_where_it_is_kept(page: str) -> None:
    (read,) = [call for call in calls(page) if call.words[1] == "ssm"]
    assert (manifest.parameter_name("$CELL"),) == read.options["--name"]
    assert ("$RECOVERY_REGION",) == read.options["--region"]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_taken_from_the_manifest_stands_in_it(page: str) -> None:
    paths = re.findall(r"jq -r \.([\w.]+)", text(page))
    assert len(paths) > 4
    schema = manifest.Manifest.model_json_schema()
    for path in paths:
        part = schema
        for name in path.split("."):
            assert name in part["properties"], f"the manifest has no {path}"
            part = part["properties"][name]
            part = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_that_are_set_exist(page: str) -> None:
    words = [command.words for command in commands(text(page)) if command.words[:2] == ("pulumi", "config")]
    keys = {next(word for word in rest[3:] if word != "--path").partition("[")[0] for rest in words}
    assert {"writer", "webRecoveryMin"} <= keys
    assert keys <= {to_camel(name) for name in Settings.model_fields}


def test_the_bounds_of_the_steps_are_those_of_the_budget() -> None:
    bounds = re.findall(r"^\| \d: [^|]*\| [^|]*\| (\d+) minutes? \|$", text("failover.md"), re.MULTILINE)
    assert [seconds // 60 for seconds in STEP_SECONDS.values()] == [int(minutes) for minutes in bounds]


@pytest.mark.parametrize("page", sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
def test_links_lead_to_pages_that_are_there(page: str) -> None:
    here = ROOT / page
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", here.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"\w+:", link)]
    assert [] == [link for link in local if not (here.parent / Path(link)).exists()]
