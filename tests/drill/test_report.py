"""The report: one document in three forms, which says what it must, stands by itself and obeys nothing it quotes."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from ops.drill.model import Kind, Phase, Plan, Verdict
from ops.drill.report import render, words
from ops.drill.report.build import build
from ops.drill.report.model import Report, as_json
from tests.drill.journals import RUN, STORIES, Story, failover, plan

HOSTILE = (
    "</title><script>alert(1)</script> | `rm -rf` [x](http://evil.example) \x00\u202e & <img src=http://evil.example>"
)


def report(story: Story) -> Report:
    return build(story.plan, story.entries, RUN)


@pytest.fixture(params=STORIES, scope="module")
def any_report(request: pytest.FixtureRequest) -> Report:
    return report(STORIES[request.param]())


def hostile() -> Story:
    """A run in which whatever can come from elsewhere is hostile."""
    story = failover()
    for entry in story.entries:
        if "text" in entry["data"]:
            entry["data"]["text"] = HOSTILE
    story.entries[0]["data"]["participants"] = [HOSTILE]
    story.entries[0]["data"]["approvals"] = [{"by": HOSTILE, "signature": "not shown"}]
    story.tell("finding", severity="high", title=HOSTILE, text=HOSTILE, remedy=HOSTILE)
    story.tell("stop", probe="lock-held", text=HOSTILE)
    return story


def html_of(story: Story) -> ET.Element:
    return ET.fromstring(render.html(report(story)))  # noqa: S314 - our own text


def test_the_html_is_well_formed(any_report: Report) -> None:
    root = ET.fromstring(render.html(any_report))  # noqa: S314 - our own text
    assert "html" == root.tag
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers)), "an id stands once"


def test_the_html_loads_nothing_and_runs_nothing(any_report: Report) -> None:
    text = render.html(any_report)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    tags = {element.tag for element in root.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "use", "image", "foreignObject"}
    names = {name for element in root.iter() for name in element.keys()}  # noqa: SIM118 - an element is no mapping
    assert not {name for name in names if name in {"src", "href"} or name.startswith("on")}
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", text)
    policy = next(element for element in root.iter("meta") if element.get("http-equiv"))
    assert "default-src 'none'; style-src 'unsafe-inline'" == policy.get("content")


def test_what_comes_from_elsewhere_is_shown_and_never_obeyed() -> None:
    story = hostile()
    root = html_of(story)
    assert "script" not in {element.tag for element in root.iter()}
    assert any("<script>alert(1)</script>" in (element.text or "") for element in root.iter("td"))
    text = render.markdown(report(story))
    assert "<script" not in text.replace("\\<script", "")
    assert "](http" not in text.replace("\\](http", "")
    rows = [line for line in text.splitlines() if line.startswith("|") and "evil" in line]
    assert rows
    assert {8} == {len(re.findall(r"(?<!\\)\|", line)) for line in rows if "done" in line}, "no column was added"


def test_controls_and_directions_of_writing_are_taken_out_of_quoted_texts() -> None:
    text = render.html(report(hostile()))
    assert "\x00" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("denied for AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
        ("Password=hunter2 refused", "hunter2"),
        ('{"SecretString": "s3 cr3t"}', "cr3t"),
        ("mysql://admin:hunter2@db.example/x", "hunter2"),
        ("see ?X-Amz-Signature=abcdef0123", "abcdef0123"),
        ("Authorization: Bearer eyJhbGciOi", "eyJhbGciOi"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "MIIE"),
    ],
)
def test_what_looks_like_a_secret_is_in_no_form_of_the_report(said: str, secret: str) -> None:
    story = failover()
    for entry in story.entries:
        if entry["kind"] == "step-end":
            entry["data"]["text"] = said
    document = report(story)
    assert words.HIDDEN in as_json(document)
    for form in (as_json(document), render.html(document), render.markdown(document)):
        assert secret not in form


def test_a_text_without_secrets_is_shown_as_it_is() -> None:
    text = "the secret medical-us-database is missing in us-west-2; token expired"
    assert text == words.plain(text)


def test_arguments_of_actions_and_fields_of_approvals_that_have_no_place_are_not_shown() -> None:
    story = hostile()
    story.tell("act", step="grow", action="grow", arguments={"count": "confidential"})
    assert "confidential" not in as_json(report(story))
    assert "not shown" not in as_json(report(story))


def test_a_run_in_the_local_cloud_says_that_it_is_simulated_and_a_real_one_does_not() -> None:
    story = failover()
    real = plan(site="aws", seed=None)
    for document, said in ((report(story), True), (build(real, story.entries, RUN), False)):
        assert said == document.simulated
        assert said == ('class="badge simulated"' in render.html(document))
        assert said == ("SIMULATED" in render.html(document))
        assert said == ("SIMULATED" in render.markdown(document))


@pytest.mark.parametrize(
    ("name", "verdict"), [("passed", "PASSED"), ("failed", "FAILED"), ("inconclusive", "INCONCLUSIVE")]
)
def test_every_form_tells_the_verdict_and_its_reasons(name: str, verdict: str) -> None:
    document = report(STORIES[name]())
    assert verdict == document.verdict
    assert verdict == json.loads(as_json(document))["verdict"]
    for form in (render.html(document), render.markdown(document)):
        assert f"Why {verdict}" in form
        assert document.reasons[0].about in form


def test_the_same_entries_give_the_same_bytes() -> None:
    for form in (as_json, render.html, render.markdown):
        first, second = (form(report(failover())) for _ in range(2))
        assert first == second


def test_the_json_reads_back_as_the_same_document(any_report: Report) -> None:
    assert any_report == Report.model_validate_json(as_json(any_report))


def test_the_report_names_what_it_is_bound_to_and_who_took_part() -> None:
    story = failover()
    document = report(story)
    assert (story.plan.hash, story.plan.code, story.plan.manifest, story.entries[-1]["hash"]) == (
        document.hashes.plan,
        document.hashes.code,
        document.hashes.manifest,
        document.hashes.journal,
    )
    assert ("Ada (operations)", "Grace (database)") == document.participants
    assert ("Barbara (quality), 2026-01-05T08:30:00+00:00",) == document.approvers
    for form in (render.html(document), render.markdown(document)):
        assert all(text in form for text in (*document.hashes.model_dump().values(), "Ada", "Barbara"))


def test_an_override_is_a_deviation_and_a_finding_with_fields_to_fill_in() -> None:
    document = report(failover())
    assert ["step fence-home"] == [item.what for item in document.deviations]
    assert "home cannot be reached to be fenced" in document.deviations[0].text
    assert any("fence-home was overridden" == finding.title for finding in document.findings)
    assert {("", "")} == {(finding.owner, finding.due) for finding in document.findings}
    fields = [element.get("aria-label") for element in html_of(failover()).iter("input")]
    assert 2 * len(document.findings) == len(fields)
    assert "Owner of finding 1" in fields


def test_what_interrupted_a_run_is_told_in_order_of_time() -> None:
    story = failover(until="baseline")
    story.tell("recovered", bytes=17)
    story.tell("resume")
    story.passes(5)
    story.tell("abort", text="home came back")
    assert [
        ("the journal's end was torn, and cut off", "17 bytes"),
        ("the run was cut short, and resumed", ""),
        ("a person ended the run", "home came back"),
    ] == [(item.what, item.text) for item in report(story).deviations]


def test_findings_stand_by_their_gravity_and_carry_those_that_the_drill_noted() -> None:
    story = failover(behind=900)
    story.tell("finding", severity="low", title="Quota is narrow", text="5 of 6 used", remedy="Ask for more")
    document = report(story)
    order = ["high", "medium", "low"]
    assert sorted((f.severity for f in document.findings), key=order.index) == [f.severity for f in document.findings]
    assert list(range(1, len(document.findings) + 1)) == [finding.number for finding in document.findings]
    titles = {finding.title for finding in document.findings}
    assert {"RPO of rows", "Quota is narrow", "Acknowledged rows are in home alone"} <= titles
    assert not any(finding.severity == "high" for finding in report(failover()).findings)


def test_the_evidence_names_the_rules_and_how_far_a_simulation_serves_them() -> None:
    document = report(failover())
    clauses = " ".join(f"{item.framework} {item.clause}" for item in document.evidence)
    for clause in ("164.308(a)(7)(ii)(D)", "A.5.30", "A.8.13", "A.8.14", "32(1)(c)", "32(1)(d)", "A1.3"):
        assert clause in clauses
    assert any("local cloud" in item.limit for item in document.evidence)
    real = build(plan(site="aws", seed=None), failover().entries, RUN)
    assert not any("local cloud" in item.limit for item in real.evidence)


def test_a_step_that_held_beforehand_is_not_late_though_its_time_counts_from_another() -> None:
    steps = {step.id: step for step in report(failover()).steps}
    assert "well" == steps["users-arrive"].state
    story = failover()
    for entry in story.entries:
        if entry["kind"] == "step-end" and entry["data"]["step"] == "users-arrive":
            entry["data"]["outcome"] = "done"
    assert "over" == {step.id: step.state for step in report(story).steps}["users-arrive"]


def test_phases_before_the_loss_are_no_part_of_the_time_to_recover() -> None:
    phases = {phase.phase: phase for phase in report(failover()).phases}
    assert 60 == phases[Phase.DETECT].budget_seconds, "the baseline is over before the loss"
    assert 405 == sum(phase.writes_seconds or 0 for phase in phases.values())


def test_who_decided_is_among_those_who_took_part() -> None:
    story = failover()
    story.tell("decided", by="Edsger (on call)")
    assert "Edsger (on call) (decided)" == report(story).participants[-1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "no data"),
        (0, "0 s"),
        (0.44, "0.4 s"),
        (103.2, "103 s"),
        (600, "10 min"),
        (845, "14 min 5 s"),
        (3600, "1 h"),
        (7850, "2 h 11 min"),
    ],
)
def test_lengths_of_time_are_told_in_words(value: float | None, text: str) -> None:
    assert text == words.seconds(value)


@pytest.mark.parametrize(("offset", "text"), [(0, "0:00"), (-62, "-1:02"), (408, "6:48"), (4200, "1:10:00")])
def test_moments_are_told_as_minutes_and_seconds(offset: float, text: str) -> None:
    assert text == words.clock(offset)


def test_readiness_shows_no_times_to_recover() -> None:
    readiness: Plan = plan(Kind.READINESS, (("parity", "verify", "recovery is like home", "recovery", 60),))
    story = Story(readiness)
    story.step("parity", 1)
    document = report(story)
    assert (Verdict.PASSED, ()) == (document.verdict, document.figures)
    assert "Readiness drill of cell us" == document.title
    assert "html" == ET.fromstring(render.html(document)).tag  # noqa: S314 - our own text
