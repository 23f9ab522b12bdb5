"""A run as it is watched: a line a step, in columns, and the phases with their clocks."""

from __future__ import annotations

import pytest

from ops.drill import progress
from ops.drill.progress import Course
from tests.drill.journals import Story, failover


def lines(story: Story) -> list[str]:
    course = Course(story.plan)
    found: list[str] = []
    for entry in story.entries:
        course.note(entry)
        found.append(course.line(entry))
    return [line for line in found if line]


def test_each_step_and_fault_has_its_line_in_columns() -> None:
    found = lines(failover())
    (line,) = [line for line in found if "detect-loss" in line]
    assert "detect   detect-loss        done: the last 3 visits at home failed" == line[9:]
    assert {18} == {line.index("region-dark") for line in found if "region-dark" in line}
    assert sum(entry["kind"] == "step-end" for entry in failover().entries) + 1 == len(found)


def test_what_stops_a_run_is_told_without_control_characters() -> None:
    story = failover(until="baseline")
    story.tell("stop", probe="lock-held", text="gone\x1b[2J")
    assert lines(story)[-1].endswith("STOP: gone [2J")


def test_ci_is_told_nothing_and_others_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    story = failover()
    for value, silent in (("true", True), ("", False)):
        monkeypatch.setenv("CI", value)
        with progress.watching(story.plan) as watch:
            for entry in story.entries:
                watch(entry)
        out, err = capsys.readouterr()
        assert ("", silent) == (out, not err)
