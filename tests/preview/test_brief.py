"""`preview --brief`: a difference as a text for a comment, in the room that a comment has."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from ops import cli
from ops.engine import project
from ops.preview import brief, diff, work
from ops.preview.model import Preview

FINDING: Final = {"severity": "high", "rule": "no-public-bucket", "urn": "urn::a::bucket", "message": "is public"}


@pytest.fixture(scope="module")
def us() -> Preview:
    """Cell us, of which nothing is to be warned."""
    return replace(work.preview("us", folder=project.ROOT), warnings=())


def wider() -> Preview:
    return work.preview("us", folder=project.ROOT, overrides={"natPerAz": "true"})


def judged(preview: Preview, *found: dict[str, Any]) -> Preview:
    return replace(preview, findings={**preview.findings, "found": list(found)})


def test_resources_findings_cost_and_timeline_are_told_before_what_differs(us: Preview) -> None:
    lines = brief.text(diff.compare(us, wider())).splitlines()
    counted = re.fullmatch(r"cell us: (\d+) added, 0 removed, \d+ changed, 0 outputs", lines[0])
    assert counted
    assert f"  resources  {len(us.resources)} -> {len(us.resources) + int(counted[1])}" == lines[1]
    assert "  findings   none -> none" == lines[2]
    assert lines[3].startswith(f"  cost       {us.cost['total']:.2f} -> ")
    assert lines[3].endswith(" USD a month (+147.70)"), "four NAT gateways, their addresses and the alarms on them"
    assert lines[4].startswith("  timeline   22m")
    assert "+ home-network-nat-use2-az2  ec2:NatGateway  us-east-2" in lines
    assert "!     natGatewayId: ${home-network-nat-use2-az1.id} -> ${home-network-nat-use2-az2.id}" in lines
    assert "! home-web  autoscaling:Group  us-east-2: what it depends on" in lines


def test_what_goes_is_told_first_and_that_it_was_protected(us: Preview) -> None:
    kept = tuple(item for item in us.resources if item.name != "home-database-1")
    lines = brief.text(diff.compare(us, replace(us, resources=kept))).splitlines()
    assert "- home-database-1  rds:Instance  us-east-2  protected" == lines[5]


def test_two_previews_alike_have_no_line_of_difference(us: Preview) -> None:
    lines = brief.text(diff.compare(us, us)).splitlines()
    assert ("cell us: no difference", 5) == (lines[0], len(lines))


def test_findings_that_come_and_go_are_told(us: Preview) -> None:
    came = brief.text(diff.compare(us, judged(us, FINDING)))
    assert "  findings   none -> 1 high\n" in came
    assert "- finding, new: high  no-public-bucket  bucket: is public\n" in came
    went = brief.text(diff.compare(judged(us, FINDING), us))
    assert "+ finding, gone: high  no-public-bucket  bucket: is public\n" in went
    assert "finding," not in brief.text(diff.compare(judged(us, FINDING), judged(us, FINDING)))


def test_a_cell_that_was_not_there_is_new_and_cut_where_there_is_no_more_room(us: Preview) -> None:
    text = brief.text(brief.new(us))
    assert "output : " not in text, "that there were none is no difference"
    assert text.startswith(f"cell us: new, {len(us.resources)} resources\n")
    assert brief.MOST >= len(text)
    assert text.splitlines()[-1].startswith("... and ")
    assert 4 * brief.MOST < 65_536, "four cells fit into a comment of GitHub's"


def test_nothing_but_printable_ascii_is_told_on_lines_of_bounded_length(us: Preview) -> None:
    odd = judged(us, {**FINDING, "message": "a\n+ b\x1b[31m\u202e" + "x" * 9_999})
    text = brief.text(diff.compare(us, odd))
    (line,) = (line for line in text.splitlines() if "finding, new" in line)
    assert "a?+ b?[31m?xxx" in line
    assert 240 == len(line)


def test_the_command_tells_it_and_refuses_what_does_not_go_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved = tmp_path / "us.json"
    assert 0 == cli.main(["preview", "us", "--summary", "--save", str(saved)])
    capsys.readouterr()
    assert 0 == cli.main(["preview", "us", "--against", str(saved), "--brief", "--set", "webMax=9"])
    assert "!     maxSize: 6 -> 9\n" in capsys.readouterr().out
    assert 2 == cli.main(["preview", "us", "--brief", "--json"])
    assert "without --json and --timeline" in capsys.readouterr().out
