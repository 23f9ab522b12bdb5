"""The pages of docs/ and the README: what they print is what the program, the tools and the figures say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from domain import documents, drills, hipaa, manifest, waf
from domain.naming import SYSTEM
from functions.documents.limits import Limits
from functions.documents.lineage import IMAGE_NAMES, TEXT_NAMES
from functions.documents.refusals import Refusal
from ops.cli import app
from ops.drill import approval, commands
from ops.drill.model import Kind, Verdict
from ops.engine.project import ROOT
from ops.sandbox.physics.faults import FAULTS, Fault
from ops.sandbox.physics.figures import AS_OF, Figure, Figures
from tests import shell
from tests.test_runbooks import mistakes

DOCS: Final = ROOT / "docs"
PAGES: Final = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
OURS: Final = ("python", "-m", "ops")
_LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_SHELL: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#+ (?P<text>.*)$", re.MULTILINE)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def between(page: str, mark: str) -> str:
    """What stands between `<!-- mark -->` and `<!-- /mark -->`."""
    return page.partition(f"<!-- {mark} -->\n")[2].partition(f"<!-- /{mark} -->")[0]


def table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (tuple(head.split(",")), *rows)]
    lines.insert(1, f"|{' --- |' * len(head.split(','))}")
    return "".join(f"{line}\n" for line in lines)


def figure_row(name: str, figure: Figure) -> tuple[str, ...]:
    bounds = f"{figure.low:g}" if figure.low == figure.high else f"{figure.low:g} to {figure.high:g}"
    return f"`{name}`", f"{bounds} {figure.unit}", figure.source


def fault_row(fault: Fault) -> tuple[str, ...]:
    parameters = ", ".join(f"`{name}={value:g}`" for name, value in fault.parameters.items())
    return f"`{fault.name}`", fault.side, fault.title, parameters, fault.holds


def anchor(heading: str) -> str:
    """The fragment by which a heading is reached, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken(page: Path) -> Iterator[str]:
    """Links of `page` to files or headings that are not there."""
    for link in _LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, fragment = link["target"].partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists():
            yield link["target"]
        elif fragment:
            headings = _HEADING.findall(file.read_text(encoding="utf-8"))
            if fragment not in {anchor(heading) for heading in headings}:
                yield link["target"]


def unknown(words: tuple[str, ...]) -> str:
    """What `python -m ops` would say of the command line `words`; empty if it takes it. Does not carry it out."""
    found = CliRunner().invoke(app, [*words, "--help"])
    return "" if found.exit_code == 0 else found.output


def our_commands(page: Path) -> list[tuple[str, ...]]:
    """The command lines of ours in a page's shell blocks."""
    lines = "".join(_SHELL.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ").splitlines()
    split = [tuple(shlex.split(line, comments=True)) for line in lines if line.startswith(" ".join(OURS))]
    return [words[len(OURS) :] for words in split]


def test_the_figures_of_the_local_cloud_are_those_of_the_page() -> None:
    rows = (figure_row(name, figure) for name, figure in Figures().named())
    expected = table("figure,drawn between,source", rows)
    assert expected == between(text("drills.md"), "figures"), f"docs/drills.md is to have:\n{expected}"
    assert f"({AS_OF})" in text("drills.md"), "the page says as of when"


def test_a_figure_that_differs_is_seen() -> None:
    rows = [figure_row(name, figure) for name, figure in Figures(rename=Figure(1, 2, "none")).named()]
    assert table("figure,drawn between,source", rows) != between(text("drills.md"), "figures")


def test_the_faults_of_the_local_cloud_are_those_of_the_page() -> None:
    rows = (fault_row(fault) for fault in FAULTS.values())
    expected = table("fault,at,what happens,parameters,what must hold", rows)
    assert expected == between(text("drills.md"), "faults"), f"docs/drills.md is to have:\n{expected}"


def test_every_kind_of_drill_is_told() -> None:
    told = re.findall(r"^\| `([a-z]+)` \|", text("drills.md").partition("\n## ")[0], re.MULTILINE)
    assert [kind.value for kind in Kind] == told


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_stands_beside_its_exit_status(verdict: Verdict) -> None:
    assert f"| {commands.STATUS[verdict]} | {verdict} |" in text("drills.md")


def test_the_role_and_the_approval_are_called_as_the_program_calls_them() -> None:
    page = text("drills.md")
    assert f"role/{drills.role_name('us')}\n" in page
    assert f'"{drills.approvals_path("us")}/$PLAN_HASH"' in page
    assert f"{approval.MOST.days} days" in page.replace("seven", "7")
    (put,) = [found for found in shell.commands(page) if found.words[:3] == ("aws", "ssm", "put-parameter")]
    value = put.options["--value"][0].replace("$PLAN_HASH", "0" * 64).replace("$EXPIRES", "2026-12-01T16:00:00Z")
    assert (
        approval.text(
            "0" * 64,
            approval.Approval.model_validate_json(
                value.replace("}", ',"by":"arn:aws:iam::111122223333:user/ada"}')
            ).expires,
        )
        == value
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [] == list(broken(page))


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A b\n[one](gone.md) [two](#a-b) [three](page.md#c) [four](https://aws.example)", encoding="utf-8"
    )
    assert ["gone.md", "page.md#c"] == list(broken(page))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_ours_is_one_that_we_know(page: Path) -> None:
    assert [] == [f"{' '.join(words)}: {said}" for words in our_commands(page) if (said := unknown(words))]


def test_a_command_of_ours_that_we_do_not_know_is_found() -> None:
    assert len(our_commands(DOCS / "drills.md")) > 8, "the page's commands are read"
    assert "No such option" in unknown(("drill", "run", "failover", "--cell", "us", "--executes", "us"))
    assert "No such command" in unknown(("drills",))


def test_every_call_for_a_drill_is_one_that_the_aws_cli_knows() -> None:
    found = [command for command in shell.commands(text("drills.md")) if command.words[0] == "aws"]
    assert len(found) > 4, "the page's calls are read"
    asked = [shell.Command(heading=item.heading, words=tuple(map(_spelt, item.words))) for item in found]
    assert [] == [f"{' '.join(call.words)}: {mistake}" for call in asked for mistake in mistakes(call)]


def _spelt(word: str) -> str:
    """A word as the AWS CLI's models have it: a loop's variable filled in, and no profile, which is the CLI's own."""
    return {"$way": "--egress", "--profile": "--region"}.get(word, word)


def test_what_documents_become_is_told_as_the_functions_make_it() -> None:
    page = text("documents.md")
    for name in (*TEXT_NAMES, *IMAGE_NAMES, *Refusal, documents.TAG, documents.CLEAN):
        assert f"`{name}`" in page, f"{name} is told"
    limits = Limits()
    for figure in (limits.max_pages, limits.max_pixels):
        assert f"{figure:,}" in page, f"the limit {figure} is told"


def test_regions_in_which_text_is_off_are_told() -> None:
    page = text("documents.md")
    assert sorted(documents.TEXT_REGIONS) == re.findall(r"`([a-z]+(?:-[a-z]+)+-\d)`", between(page, "regions"))


def test_the_rules_of_the_firewall_are_those_of_the_page() -> None:
    answers = {"rate": "429", "body-size": "413"}
    rows = ((f"`{role}`", str(units), answers.get(role, "403")) for role, units in waf.CAPACITY.items())
    expected = table("rule,capacity (WCU),refuses with", rows)
    assert expected == between(text("security.md"), "waf"), f"docs/security.md is to have:\n{expected}"
    assert f"need {sum(waf.CAPACITY.values()):,} of the {waf.FREE_CAPACITY:,}" in text("security.md")
    assert f"never below {waf.LEAST_RATE:,}" in text("security.md")


def test_the_rules_of_the_hipaa_pack_are_those_of_the_page() -> None:
    rows = (
        (
            f"`{rule.identifier}`",
            ", ".join(rule.safeguards),
            f"{rule.asks}, once an account" if rule.once else rule.asks,
        )
        for rule in hipaa.RULES
    )
    expected = table("rule,safeguards,asks", rows)
    assert expected == between(text("security.md"), "hipaa"), f"docs/security.md is to have:\n{expected}"
    expected = table("rule,why", ((f"`{name}`", why) for name, why in hipaa.LEFT_OUT.items()))
    assert expected == between(text("security.md"), "hipaa-left-out"), f"docs/security.md is to have:\n{expected}"


def test_the_manifest_is_called_as_the_pages_call_it() -> None:
    assert f"/{SYSTEM}/<cell>/continuity/manifest" == manifest.parameter_name("<cell>")
    assert manifest.parameter_name("<cell>") in text("continuity.md")
