"""The rules as a policy pack, asked over gRPC as the Pulumi CLI asks it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

import policies
from ops.engine.project import ROOT
from policies.model import Resource, Severity, View
from policies.pack import ENFORCED
from policies.values import is_unknown
from tests.policies.breaks import BREAKS
from tests.policies.recipes import Change, passing

PACK: Final = ROOT / "policies"
SECONDS: Final = 300  # no answer in this time is none, however busy the machine
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how the engine writes a text that is not known yet


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack, started as the CLI starts it: from another folder, with no path but its own."""
    command = [sys.executable, "-u", str(PACK)]
    folder = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen(  # noqa: S603 - our own interpreter on our own folder
        command, cwd=folder, stdout=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"}, text=True
    ) as process:
        ending = threading.Timer(SECONDS, process.kill)
        ending.start()
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdigit(), "the pack says on which port it listens"
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)]) as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        ending.cancel()
        process.kill()


def asked(analyzer: analyzer_pb2_grpc.AnalyzerStub, view: View) -> dict[str, list[Any]]:
    """What the pack says of a stack, by rule."""
    known = view.by_urn
    request = analyzer_pb2.AnalyzeStackRequest(
        resources=[_wire(item, known.get(item.provider)) for item in view.resources]
    )
    found: dict[str, list[Any]] = {}
    for item in analyzer.AnalyzeStack(request, timeout=SECONDS).diagnostics:
        found.setdefault(item.policyName, []).append(item)
    return found


def _wire(item: Resource, provider: Resource | None) -> analyzer_pb2.AnalyzerResource:
    carried = None
    if provider is not None:
        carried = analyzer_pb2.AnalyzerProviderResource(
            type=provider.type, urn=provider.urn, name=provider.name, properties=_struct(provider.inputs)
        )
    return analyzer_pb2.AnalyzerResource(
        type=item.type,
        urn=item.urn,
        name=item.name,
        properties=_struct(item.inputs),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=item.protect),
        provider=carried,
        parent=item.parent,
        dependencies=item.dependencies,
        propertyDependencies={
            key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
            for key, urns in item.property_dependencies.items()
        },
    )


def _struct(inputs: Any) -> struct_pb2.Struct:  # noqa: ANN401 - a property tree is any JSON
    found = struct_pb2.Struct()
    found.update(_plain(inputs))
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - as above
    if is_unknown(value):
        return UNKNOWN_TEXT
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def test_the_pack_offers_every_rule_and_stops_an_update_for_the_worst(
    analyzer: analyzer_pb2_grpc.AnalyzerStub,
) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty(), timeout=SECONDS)
    assert "medical-platform-guardrails" == info.name
    offered = {item.name: item for item in info.policies}
    assert {rule.name for rule in policies.RULES} | {"expired-exemption"} == set(offered)
    levels = {"advisory": analyzer_pb2.ADVISORY, "mandatory": analyzer_pb2.MANDATORY}
    for rule in policies.RULES:
        assert levels[ENFORCED[rule.severity].value] == offered[rule.name].enforcementLevel
        assert rule.way_out == offered[rule.name].remediation_steps
    assert "mandatory" == ENFORCED[Severity.HIGH].value
    assert "advisory" == ENFORCED[Severity.MEDIUM].value


@pytest.mark.slow("hands every resource of a whole cell to the pack's own process over gRPC")
def test_the_pack_finds_nothing_in_a_cell_of_ours(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    assert {} == asked(analyzer, passing())


@pytest.mark.slow("hands every resource of a whole cell to the pack's own process over gRPC")
def test_the_pack_finds_what_the_preview_finds_but_for_marks(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    broken = passing()
    for name, recipes in BREAKS.items():
        # A provider that moves takes all that it carries along, on the wire: the other example breaks one thing.
        broken = recipes[-1 if name == "no-foreign-region" else 0](broken)
    found = asked(analyzer, broken)
    expected = [item for item in policies.evaluate(broken).found if item.rule.name != "no-plain-secret"]
    assert len(policies.RULES) - 1 == len({item.rule.name for item in expected}), "every rule has something to find"
    assert {(item.rule.name, item.urn) for item in expected} == {
        (name, item.urn) for name, items in found.items() for item in items
    }
    for item in expected:
        told = next(one for one in found[item.rule.name] if one.urn == item.urn)
        assert item.rule.way_out in told.message


def test_what_is_not_known_yet_is_no_finding_of_the_pack(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    change = next(recipe for recipe in BREAKS["no-public-database"] if isinstance(recipe, Change))
    few = {"aws:cloudtrail/trail:Trail", "aws:rds/instance:Instance", "pulumi:providers:aws"}
    view = passing()
    view = replace(view, resources=tuple(item for item in view.resources if item.type in few))
    assert {"no-public-database"} == set(asked(analyzer, change(view)))
    assert {} == asked(analyzer, change.unknown(view))


def test_no_module_of_the_pack_hides_one_of_pythons() -> None:
    """The CLI puts the folder itself on the path, before the standard library."""
    assert set() == {path.stem for path in PACK.glob("*.py")} & set(sys.stdlib_module_names)


def test_the_packs_files_name_one_runtime_and_pin_the_projects_versions() -> None:
    text = (PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    assert "name: python" in text
    wanted = (PACK / "requirements.in").read_text(encoding="utf-8")
    pinned = (PACK / "requirements.txt").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for line in (line for line in wanted.splitlines() if "==" in line):
        assert f'"{line}"' in project
        assert f"{line} \\" in pinned
    assert pinned.count("==") == sum("--hash" not in line and "==" in line for line in pinned.splitlines())
    assert Path(PACK / "__main__.py").is_file()
