"""Whatever is given is refused with value, rule and way out, or is a cell in which everything holds that must hold."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

import hypothesis
import pytest
from hypothesis import strategies as st

from settings import SettingsError
from settings.refusals import Problem
from tests.fuzz import campaign, judge, sound
from tests.fuzz.given import FILE, KEYS, SETTINGS, Given, defaults
from tests.fuzz.tally import Tally

COUNT: Final = 250
FEW: Final = 40
PROGRAMS: Final = 3
LEAST_SHARE: Final = 0.25
STATED: Final = {
    "accountId": "111122223333",
    "domain": "example.com",
    "jurisdiction": "US",
    "homeRegion": "us-east-2",
    "homeCidr": "10.10.0.0/16",
    "recoveryRegion": "us-west-2",
    "recoveryCidr": "10.11.0.0/16",
}


def given(*, cell: str = "us", **changes: str) -> Given:
    return Given(cell=cell, stated={**defaults(), **STATED, **changes})


def file(*lines: str) -> Given:
    text = "\n".join(["config:", *(f'  {key}: "{value}"' for key, value in STATED.items()), *lines, ""])
    return Given(cell="us", stated=STATED, file=text.encode())


@cache
def tally() -> Tally:
    return campaign.run(COUNT, seed=20261122, programs=PROGRAMS)


def test_dozens_of_configurations_are_refused_as_they_must_be_or_hold() -> None:
    found = campaign.run(FEW, seed=20261123, programs=0)
    assert {} == found.findings, "run `make fuzz`, which makes each finding small"
    assert found.total >= FEW * 0.9
    assert found.share >= LEAST_SHARE, "what only ever refuses proves nothing"


@pytest.mark.slow("judges 250 configurations, three of them as whole programs; some dozens are judged always")
def test_hundreds_of_configurations_are_refused_as_they_must_be_or_hold() -> None:
    assert {} == tally().findings, "run `make fuzz`, which makes each finding small"
    assert tally().total >= COUNT * 0.9


@pytest.mark.slow("judges 250 configurations, three of them as whole programs; some dozens are judged always")
def test_a_good_share_of_them_is_accepted_of_every_kind_and_some_run_as_whole_programs() -> None:
    found = tally().accepted
    assert tally().share >= LEAST_SHARE, "what only ever refuses proves nothing"
    assert {SETTINGS, FILE, "warm", "backup-only", "writer home", "writer recovery"} <= set(found)
    assert len([name for name in found if len(name) == 2 and name.isupper()]) >= 8, "jurisdictions"
    assert len({key for key, _ in tally().refused}) >= 20, "settings that were refused"
    assert PROGRAMS == tally().programs


def test_no_setting_is_left_out_of_what_is_generated() -> None:
    others = {"documentsPackage", "rotationPackage"}  # files: what they may be called is left to the hostile
    strategy = st.tuples(sound.sides(), sound.sizes(), sound.continuities())
    stated: set[str] = {"accountId", "domain", "deletionProtection", "throwAway", "vaultLock"}
    stated |= {f"{name}TargetSeconds" for name in ("reads", "writes", "dataLoss")}

    @hypothesis.settings(max_examples=20, database=None)
    @hypothesis.given(strategy)
    def draw(parts: tuple[dict[str, str], ...]) -> None:
        stated.update(key for part in parts for key in part)

    draw()
    assert set(KEYS) - others == stated | set(sound.KNOBS), "say in tests/fuzz/sound.py what a new setting may be"


# What generated configurations have found, and what a person may write.
FOUND: Final = {
    "a bomb of anchors": file(
        "  x0: &x0 [a]", *(f"  x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 10))
    ),
    "a tag of a day that is none": file("  release: !!timestamp never"),
    "a tag of a number that is none": file("  webMax: !!int ''"),
    "a tag of a flag that is none": file("  natPerAz: !!bool maybe"),
    "a database class that AWS does not have": given(databaseClass="db.zzz9g.17xlarge"),
    "a database of m7g.medium, which RDS does not have": given(databaseClass="db.m7g.medium"),
    "an instance that cannot be released, and nothing that can": given(released='["home-1"]'),
    "a key of many lines": file('  "a\\nb": {secure: x}'),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_is_refused_as_it_must_be(name: str) -> None:
    outcome = judge.judge(FOUND[name], whole=False)
    assert ((), None) == (outcome.faults, outcome.accepted)
    assert outcome.refusals


def test_a_sound_configuration_is_accepted_either_way() -> None:
    for configuration in (given(), file()):
        outcome = judge.judge(configuration, whole=False)
        assert outcome.accepted
        assert ((), ()) == (outcome.refusals, outcome.faults)


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("", "'x'", "must be y"),
        ("webMax", "", "must be y"),
        ("webMax", "'x'", ""),
        ("webMax", "'x'", "is wrong"),
        ("webMax", "'x'", "must be\nTraceback"),
        ("webMax", "'\u00fc'", "must be y"),
        ("webMax", "'x'", "Input should be y; set it"),
        ("webMax", "'x'", f"must be y{'y' * 10_000}"),
    ],
)
def test_a_refusal_that_lacks_something_is_a_finding(key: str, value: str, rule: str) -> None:
    bad = SettingsError("us", [Problem(key=key, value=value, rule=rule)])
    good = SettingsError("us", [Problem(key="webMax", value="'x'", rule="must be y")])
    assert [] != list(judge.faults_of_settings(bad))
    assert [] == list(judge.faults_of_settings(good))


@pytest.mark.parametrize(
    "said",
    ["Pulumi.us.yaml: is wrong", "must be y", "Pulumi.us.yaml: must be y\nor z", "Pulumi.us.yaml: \u00fc; keep one"],
)
def test_a_refusal_of_a_file_that_lacks_something_is_a_finding(said: str) -> None:
    assert [] != list(judge.faults_of_text(said, "Pulumi.us.yaml"))
    assert [] == list(judge.faults_of_text("Pulumi.us.yaml: must be y", "Pulumi.us.yaml"))


def test_an_error_that_is_no_refusal_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_cell: str, _raw: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(judge.settings, "load", fail)
    assert ("KeyError came out instead of a refusal: \"'lost'\"",) == judge.judge(given(), whole=False).faults


def test_a_program_that_breaks_an_invariant_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_stack: object, _backend: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(judge.runner, "run", fail)
    (fault,) = judge.judge(given(), whole=True).faults
    assert fault.startswith("ZeroDivisionError came out of the program of accepted settings")


def test_settings_that_cannot_stand_are_findings_if_they_are_accepted() -> None:
    found = judge.judge(given(), whole=False).accepted
    assert found
    wrong = (
        {"jurisdiction": "EU"},
        {"recovery_region": "us-east-2"},
        {"recovery_cidr": "10.10.0.0/16"},
        {"home_cidr": "8.8.0.0/16"},
        {"web_max": 1},
        {"throw_away": True},
        {"reads_target_seconds": 1},
    )
    for change in wrong:
        assert [] != list(judge.faults_of_plan(found.model_copy(update=change))), change
    assert [] == list(judge.faults_of_plan(found))


def test_a_finding_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    real = judge.judge

    def with_fault(candidate: Given, *, whole: bool) -> judge.Outcome:
        needs = candidate.stated.get("webMax") == "7" if candidate.file is None else b"webMax" in candidate.file
        return replace(real(candidate, whole=whole), faults=("seven",) if needs else ())

    monkeypatch.setattr(campaign, "judge", with_fault)
    assert {"webMax": "7"} == campaign.smallest(given(webMax="7"), "seven", whole=False).stated
    assert b"  webMax: 7\n" == campaign.smallest(file("  webMax: 7"), "seven", whole=False).file
