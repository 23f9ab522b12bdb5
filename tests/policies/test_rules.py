"""The guardrails over our own stacks, and each over a stack that breaks it."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest

import policies
from ops.engine import project, runner
from ops.engine.synthetic import Unknown
from ops.preview import findings
from policies.exemptions import EXEMPTIONS, Exemption
from tests.policies.breaks import BREAKS
from tests.policies.recipes import TODAY, Change, Drop, Field, Recipe, each_unknown, passing
from tests.support import CELLS, whole

RULES: Final = {rule.name: rule for rule in policies.RULES}
ALONE: Final = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}
STACKS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *((cell, {}) for cell in CELLS),
    ("us", ALONE),
    ("us", {"writer": "recovery"}),
    ("us", {"ciRepository": "clinic/platform"}),
)
RARER: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("us", {"deletionProtection": "false", "throwAway": "true"}),
    ("us", {"writer": "recovery", "homeGeneration": "2"}),
    ("eu", {"vaultLock": "compliance", "natPerAz": "true"}),
)
_RARER: Final = pytest.mark.slow("runs the program with settings that few cells have")


def cases() -> list[tuple[str, Recipe]]:
    return [(name, recipe) for name, recipes in BREAKS.items() for recipe in recipes]


def told(view: policies.View) -> list[str]:
    """What is found, in lines."""
    return [f"{item.rule.name} {item.urn}: {item.message}" for item in policies.evaluate(view).found]


@pytest.mark.parametrize(
    ("cell", "overrides"), [*STACKS, *(pytest.param(*stack, marks=_RARER) for stack in RARER)], ids=str
)
def test_our_own_stacks_break_no_rule(cell: str, overrides: dict[str, Any]) -> None:
    assert [] == told(passing(cell, **overrides))


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_is_found_where_nothing_is_known_yet(cell: str) -> None:
    program = runner.run(project.load(cell), Unknown())
    assert [] == told(findings.view(program, TODAY))


@pytest.mark.slow("judges a whole cell anew for each way to break a rule")
def test_what_is_certainly_wrong_shows_where_next_to_nothing_is_known_yet() -> None:
    """Each value that is taken away or changed, in a stack of which AWS has answered nothing."""
    view = findings.view(runner.run(project.load("us"), Unknown()), TODAY)
    unseen = [
        (name, recipe)
        for name, recipe in cases()
        if isinstance(recipe, Change | Drop | Field) and name != "no-plain-secret"
        if [name] != sorted({item.rule.name for item in policies.evaluate(recipe(view)).found})
    ]
    assert [] == unseen


def test_inputs_that_are_not_known_break_no_rule() -> None:
    view = passing()
    assert [] == told(replace(view, resources=tuple(each_unknown(view))))


@pytest.mark.parametrize("name", [*RULES])
def test_each_rule_has_an_example_that_breaks_it(name: str) -> None:
    assert BREAKS.get(name), f"give {name} an example in tests/policies/breaks.py"


def test_no_example_is_of_a_rule_that_is_gone() -> None:
    assert set() == set(BREAKS) - set(RULES)


@pytest.mark.parametrize(("name", "recipe"), cases(), ids=str)
def test_what_breaks_a_rule_is_found_by_exactly_that_rule(name: str, recipe: Recipe) -> None:
    found = policies.evaluate(recipe(passing())).found
    assert [name] == sorted({item.rule.name for item in found}), found
    assert all(item.message for item in found)


@pytest.mark.slow("judges a whole cell anew for each value that may be unknown")
@pytest.mark.parametrize(("name", "recipe"), [case for case in cases() if isinstance(case[1], Change)], ids=str)
def test_a_value_that_is_not_known_yet_is_no_finding(name: str, recipe: Change) -> None:
    assert [] == told(recipe.unknown(passing())), name


def test_each_rule_is_named_as_its_file_and_says_why_and_how_to_mend_it() -> None:
    files = {path.stem.replace("_", "-") for path in Path(policies.__file__).parent.glob("no_*.py")}
    assert files == set(RULES)
    for rule in policies.RULES:
        assert rule.title
        assert rule.way_out
        assert rule.types
        assert rule.controls
        assert len(set(rule.controls)) == len(rule.controls)


def test_the_controls_are_written_as_their_frameworks_write_them() -> None:
    shapes = {
        "HIPAA": r"164\.3(08|10|12|14|16)\([a-z]\)(\(\d\))?(\([ivx]+\))?(\([A-Z]\))?",
        "CIS AWS Foundations 3.0": r"[1-5](\.\d+){1,2}",
        "AWS FSBP": r"[A-Za-z0-9]+\.\d+",
    }
    for rule in policies.RULES:
        for control in rule.controls:
            assert re.fullmatch(shapes[control.framework.value], control.id), f"{rule.name}: {control.id}"


def test_rules_import_nothing_but_the_domain() -> None:
    """So that the pack needs nothing but Pulumi's SDK, and a rule cannot ask how a stack is made or run."""
    allowed = {"domain", "policies", "pulumi_policy", *sys.stdlib_module_names}
    for path in Path(policies.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, path.name


def test_all_rules_over_a_cell_take_a_fraction_of_a_second() -> None:
    view = passing()
    began = perf_counter()
    policies.evaluate(view)
    assert 5 > perf_counter() - began, "a tenth of that was measured; a slow machine is no failure"


def test_what_may_be_thrown_away_need_not_be_protected_and_only_that() -> None:
    overrides = {"deletionProtection": "false", "throwAway": "true"}
    view = passing("us", **overrides)
    assert view.throw_away
    assert [] == told(view)
    providers = [item for item in view.resources if item.type == "pulumi:providers:aws"]
    for provider in providers:
        tags = {key: value for key, value in provider.at("defaultTags.tags").items() if key != "Lifetime"}
        kept = replace(provider, inputs={**provider.inputs, "defaultTags": {"tags": tags}})
        view = replace(view, resources=tuple(kept if item is provider else item for item in view.resources))
    found = {item.rule.name for item in policies.evaluate(view).found}
    assert {"no-deletable-database", "no-deletable-balancer", "no-unprotected-store", "no-unlocked-vault"} <= found


def test_no_finding_repeats_a_secret() -> None:
    view = passing()
    secret = "correct-horse-battery"  # noqa: S105 - planted, to be found nowhere
    for recipe in (
        Change("aws:rds/instance:Instance", "password", secret),
        Change("aws:lambda/function:Function", "environment.variables.PASSWORD", secret),
        Change("aws:sns/topic:Topic", "displayName", f"mysql://root:{secret}@db/x"),
    ):
        view = recipe(view)
    found = findings.as_json(policies.evaluate(view))
    assert {"no-secret-in-text"} == {item["rule"] for item in found["found"]}
    assert secret not in str(found)


def exemption(expires: date) -> Exemption:
    return Exemption(
        rule="no-public-database", urn="*::home-database-1", reason="a test", owner="nobody", expires=expires
    )


def test_an_exemption_exempts_through_its_last_day_and_is_a_finding_from_the_next() -> None:
    broken = BREAKS["no-public-database"][0](passing())
    held = policies.evaluate(broken, exemptions=[exemption(TODAY)])
    assert () == held.found
    assert ["no-public-database"] == [item.rule.name for item, _ in held.exempted]
    over = policies.evaluate(broken, exemptions=[exemption(TODAY - timedelta(days=1))])
    assert ["no-public-database", "expired-exemption"] == [item.rule.name for item in over.found]
    assert () == over.exempted


def test_an_exemption_says_why_and_who_answers_for_it() -> None:
    with pytest.raises(ValueError, match="without owner"):
        replace(exemption(TODAY), owner=" ")


def test_no_exemption_of_ours_is_left_over() -> None:
    found = {(item.rule, item.urn) for item in EXEMPTIONS}
    used = {
        (one.rule, one.urn)
        for cell, overrides in STACKS
        for _, one in policies.evaluate(findings.view(whole(cell, **overrides), TODAY)).exempted
    }
    assert found == used
