"""Judges one configuration: refused as a refusal must be, or a program in which everything holds that must hold."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

import settings
from components import package
from components.network import layout
from components.package import PackageError
from components.web import release
from components.web.package import ReleaseError
from domain import continuity, jurisdictions
from domain.budget import budget
from domain.regions import REGIONS
from ops.engine import project, runner
from ops.engine.project import ROOT, ProjectError, Stack
from ops.engine.synthetic import Synthetic
from settings import PROJECT, Settings, SettingsError
from tests import invariants
from tests.case import Case
from tests.fuzz.given import Given

_LONGEST: Final = 6000  # characters of a refusal, all its problems together
_WAY_OUT: Final = re.compile(
    r"\b(choose|set|(?<!in )use|drop|rename|lower|raise|give|keep|write|remove|correct|leave|run|make|did you mean"
    r"|name (?:its|each)|must (be|have|hold|lie|start|name|not have)|pulumi config set)\b"
)
_FOREIGN: Final = re.compile(r"Traceback|Value error|[Ii]nput should|pydantic|0x[0-9a-f]{8,}")
_VALUE: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\[secret\]|\(missing\)")
_NAMES: Final = re.compile(r"(?<=[ ,])[a-z0-9-]+(, [A-Za-z0-9.-]+){2,}")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a configuration. `refusals` are (key, rule); `faults` are what must not be."""

    accepted: Settings | None = None
    refusals: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()
    ran: bool = field(default=False)


def judge(given: Given, *, whole: bool) -> Outcome:
    """What becomes of `given`; where it is accepted and `whole`, its program is run and judged."""
    try:
        stack = _stack(given)
        found = settings.load(stack.name, stack.stated)
        _starts(found)
    except SettingsError as error:
        return Outcome(
            refusals=tuple((problem.key, template(problem.rule)) for problem in error.problems),
            faults=tuple(faults_of_settings(error)),
        )
    except (ProjectError, ReleaseError, PackageError) as error:
        said = str(error)
        where = f"Pulumi.{given.cell}.yaml" if isinstance(error, ProjectError) else ""
        return Outcome(refusals=((type(error).__name__, template(said)),), faults=tuple(faults_of_text(said, where)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return Outcome(faults=(f"{type(error).__name__} came out instead of a refusal: {str(error)[:200]!a}",))
    faults = list(faults_of_plan(found))
    if whole:
        faults += _faults_of_program(stack, found)
    return Outcome(accepted=found, faults=tuple(faults), ran=whole)


def _stack(given: Given) -> Stack:
    if given.file is None:
        config = {f"{PROJECT}:{key}" if ":" not in key else key: value for key, value in given.stated.items()}
        return Stack(name=given.cell, project=PROJECT, config=config)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"Pulumi.{given.cell}.yaml"
        place.write_bytes(given.file)
        return project.load(given.cell, folder=place.parent)


def _starts(found: Settings) -> None:
    """What the program asks of files before it makes anything."""
    if found.release == settings.STARTER:
        release.starter(ROOT, found.regions)
    else:
        release.parse(found.release)
    package.find(ROOT, found)


def _faults_of_program(stack: Stack, found: Settings) -> list[str]:
    try:
        program = runner.run(stack, Synthetic())
    except Exception as error:  # noqa: BLE001 - the settings were accepted: nothing may come out
        return [f"{type(error).__name__} came out of the program of accepted settings: {str(error)[:300]!a}"]
    return invariants.broken(Case(program=program, settings=found))


def faults_of_settings(error: SettingsError) -> Iterator[str]:
    """What a refusal of settings lacks: each problem is to have key, value, rule and way out, in a line of its own."""
    said = str(error)
    if not error.problems or len(said.splitlines()) != 1 + len(error.problems):
        yield f"{len(error.problems)} problems in {len(said.splitlines())} lines"
    if len(said) > _LONGEST or not said.isascii() or _FOREIGN.search(said):
        yield f"cannot be printed or read anywhere: {said[:300]!a}"
    for problem in error.problems:
        if not (problem.key and problem.value and problem.rule):
            yield f"{problem} does not show key, value and rule"
        if not _WAY_OUT.search(problem.rule):
            yield f"{problem.key}: {problem.rule!a} tells no way out"


def faults_of_text(said: str, where: str) -> Iterator[str]:
    """What a refusal of a file lacks: what is wrong, where, and the way out."""
    if len(said.splitlines()) != 1 or len(said) > _LONGEST or not said.isascii() or _FOREIGN.search(said):
        yield f"cannot be printed or read anywhere: {said[:300]!a}"
    if where not in said:
        yield f"{said!a} does not name {where}"
    if not _WAY_OUT.search(said):
        yield f"{said!a} tells no way out"


def faults_of_plan(found: Settings) -> Iterator[str]:
    """What accepted settings must not be, as far as it can be told without a program."""
    inside = jurisdictions.REGIONS_OF[found.jurisdiction]
    yield from (f"{region} is outside {found.jurisdiction}" for region in found.regions if region not in inside)
    if len(set(found.regions)) != len(found.sides):
        yield "the two sides are in one region"
    taken: list[IPv4Network] = []
    for region, cidr in zip(found.regions, (found.home_cidr, found.recovery_cidr), strict=False):
        network = IPv4Network(cidr)
        plans = [IPv4Network(plan.cidr) for plan in layout.subnets(cidr, REGIONS[region].zone_ids)]
        yield from (f"{plan} is outside {cidr}" for plan in plans if not plan.subnet_of(network))
        yield from (f"{plan} overlaps {other}" for plan in plans for other in taken if plan.overlaps(other))
        if sum(plan.num_addresses for plan in plans) > network.num_addresses or len(set(plans)) != len(plans):
            yield f"the subnets of {cidr} overlap"
        if not network.is_private:
            yield f"{cidr} is not private"
        taken.append(network)
    if not 1 <= found.web_home_min <= found.web_max or not 1 <= found.web_recovery_min <= found.web_max:
        yield "fewer instances at most than at least"
    if found.throw_away and (found.deletion_protection or found.vault_lock == "compliance"):
        yield "a stack to be thrown away is locked"
    if not found.alone:
        now = budget(found)
        yield from (f"{total} is not met" for total in (now.reads, now.writes, now.data_loss) if not total.met)
        standing = continuity.standing(found.state, found.released)
        if [side for side in continuity.SIDES if not standing[side]]:
            yield "a side has no database"


def template(rule: str) -> str:
    """A rule without what depends on the value: texts in quotes, figures and lists of names."""
    short = re.sub(r"^.*?Pulumi\.[^:]*yaml: ", "", rule)
    short = _VALUE.sub("'...'", short)
    short = _NAMES.sub("...", short)
    return re.sub(r"\b\d[\d.,/]*", "N", short)
