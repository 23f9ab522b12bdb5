"""A row for each control: the rules that hold it, the resources of the us cell that they judge, and their tests.

Read off the registry of guardrails, the program and the drill's evidence, so that it says what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import pulumi

import policies
from ops.drill.model import Kind, Verdict
from ops.drill.report.evidence import evidence
from ops.engine import project, runner
from ops.engine.record import Program
from ops.engine.synthetic import Synthetic
from ops.refusal import RefusalError

CELL: Final = "us"
HOLDS: Final = "tests/policies/test_rules.py::test_our_own_stacks_break_no_rule"
BREAKS: Final = "tests/policies/test_rules.py::test_what_breaks_a_rule_is_found_by_exactly_that_rule"
DRILLED: Final = "tests/drill/test_whole.py::test_a_failover_passes_with_its_time_by_phase_and_its_loss"
REPORTED: Final = "tests/drill/test_report.py"
_GROUPS: Final = {"HIPAA": "hipaa", "CIS AWS Foundations 3.0": "cis", "AWS FSBP": "fsbp"}


@dataclass(frozen=True)
class _Failover:
    """A failover on AWS, as far as its evidence goes."""

    kind: Kind = Kind.FAILOVER
    simulated: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A control, what holds it, and what proves that. `resources` are types that the cell registers."""

    group: str
    framework: str
    control: str
    rule: str
    asks: str
    resources: tuple[str, ...]
    tests: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The row for machines."""
        return asdict(self)


def rows(program: Program | None = None) -> list[Row]:
    """Every row, by framework and control; `program` is the us cell's, which is run if it is not given.

    Raises:
        RefusalError: the cell's program cannot be run.
    """
    try:
        found = program or runner.run(project.load(CELL), Synthetic())
    except (project.ProjectError, runner.ProgramError, pulumi.RunError) as error:
        raise RefusalError(str(error)) from None
    types = frozenset(item.type for item in found.registrations)
    return [*sorted(_guarded(types), key=_order), *_drilled()]


def _guarded(types: frozenset[str]) -> Iterator[Row]:
    for rule in policies.RULES:
        for control in rule.controls:
            yield Row(
                group=_GROUPS[control.framework.value],
                framework=control.framework.value,
                control=control.id,
                rule=rule.name,
                asks=rule.title,
                resources=tuple(sorted(types & set(rule.types))),
                tests=(HOLDS, f"{BREAKS}[{rule.name}]"),
            )


def _order(row: Row) -> tuple[int, list[tuple[int, str]], str]:
    """By framework, then by control as people count, then by rule."""
    parts = [(int(part) if part.isdigit() else -1, part) for part in re.findall(r"\d+|\D+", row.control)]
    return list(_GROUPS.values()).index(row.group), parts, row.rule


def _drilled() -> Iterator[Row]:
    """What a drill's report is evidence of."""
    for item in evidence(_Failover(), Verdict.PASSED):
        yield Row(
            group="drill",
            framework=item.framework,
            control=item.clause,
            rule="",
            asks=item.asks,
            resources=("medical:drill:DrillRole",),
            tests=(DRILLED, REPORTED),
        )
