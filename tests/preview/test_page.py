"""`python -m ops preview us --html FILE`: one page that loads nothing, tells no secret and is the same each time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ops import cli
from ops import page as pages
from ops.diagram import palette
from ops.engine import project
from ops.preview import diff, work
from ops.preview.model import Preview, Resource
from ops.preview.page import content, gantt, render
from ops.svg import NARROW, WIDE, Frame, wide
from tests.support import CELLS

LONE = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}
_LOADS = re.compile(r"<script|<link|<img|<iframe|@import|url\((?!#)|src=|href=\"(?!#)|https?://[^<]*\"")


def preview(cell: str = "us", **overrides: str) -> Preview:
    return work.preview(cell, folder=project.ROOT, overrides=overrides)


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))  # noqa: S314 - our own text


@pytest.mark.parametrize("cell", CELLS)
def test_the_page_is_well_formed_and_has_every_section(cell: str) -> None:
    root = parsed(render.html(preview(cell)))
    sections = [element.get("id") for element in root.iter("section")]
    assert ["findings", "cost", "residency", "budgets", "timeline", "resources", "outputs"] == [
        name for name in sections if name != "diagram"
    ]
    assert f"Cell {cell}" == root.findtext(".//h1")


def test_every_link_of_the_page_leads_to_a_section_of_it() -> None:
    found = preview()
    root = parsed(render.html(found, diff.compare(preview("eu"), found)))
    ids = {element.get("id") for element in root.iter("section")}
    assert ids == {(link.get("href") or "").removeprefix("#") for link in root.iter("a")}
    assert "difference" in ids


def test_the_page_loads_nothing_and_forbids_it() -> None:
    page = render.html(preview())
    assert None is _LOADS.search(page)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


@pytest.mark.parametrize("text", ['<script src="x">', '<a href="https://a.example">', "background: url(x.png)"])
def test_what_would_load_something_is_seen(text: str) -> None:
    assert _LOADS.search(text)


def test_the_same_preview_gives_the_same_page_however_it_came() -> None:
    found = preview()
    assert render.html(found) == render.html(replace(found))
    assert len(render.html(found)) < 600_000, "it can be mailed"


def test_every_look_of_a_chart_has_a_style() -> None:
    page = render.html(preview())
    sheet = page.partition("</style>")[0]
    looks = {
        look
        for chart in parsed(page).iter("svg")
        if chart.get("class") == "chart"
        for element in chart.iter()
        if element.tag in {"rect", "line"}
        for look in (element.get("class") or "").split()
    }
    assert {"grid", "critical", "beside"} == looks - {"hatch"}  # a pattern that no shape of this chart uses
    assert [] == [look for look in looks - {"hatch"} if f".chart .{look} " not in sheet]
    assert ".chart text {" in sheet


def test_every_resource_stands_in_the_tree_once() -> None:
    found = preview()
    branches = content.tree(found)
    assert len(found.resources) == sum(1 + branch.size for branch in branches)


def test_no_secret_is_on_the_page() -> None:
    page = render.html(preview())
    assert "[secret]" in page
    assert "${random" not in page


def test_what_came_from_elsewhere_is_escaped() -> None:
    found = preview()
    first: Resource = found.resources[0]
    planted = replace(found, domain="<b>&\x0b", resources=(replace(first, name="<i>x"), *found.resources[1:]))
    page = render.html(planted)
    parsed(page)
    assert "<b>" not in page
    assert "&lt;i&gt;x" in page


def test_a_cell_of_one_side_has_a_page_too() -> None:
    text = " ".join(parsed(render.html(preview(**LONE))).itertext())
    assert "no recovery side" in text
    assert "no bound" in text


def test_the_difference_names_what_changed_and_what_it_costs() -> None:
    before, after = preview(), preview(cacheNodeType="cache.t4g.medium")
    root = parsed(render.html(after, diff.compare(before, after)))
    (section,) = [item for item in root.iter("section") if item.get("id") == "difference"]
    told = " ".join(" ".join(section.itertext()).split())
    assert "2 changed" in told
    assert "cache.t4g.small → cache.t4g.medium" in told
    assert "cache" in told.partition("total")[0]


def test_the_drivers_add_up_to_no_more_than_the_bill() -> None:
    found = preview()
    drivers = content.drivers(found.cost)
    assert content.DRIVERS == len(drivers)
    assert sorted((item.usd for item in drivers), reverse=True) == [item.usd for item in drivers]
    assert sum(item.usd for item in drivers) <= found.cost["total"]


def colours(*, dark: bool) -> dict[str, str]:
    """The page's colours by name; the dark ones are those of the second rule."""
    light, _, rest = (Path(pages.__file__).with_name("page.css")).read_text(encoding="utf-8").partition("@media screen")
    return dict(re.findall(r"--([\w-]+): (#\w{6});", rest.partition("* {")[0] if dark else light))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_of_a_page_stands_out_from_what_is_behind_it(*, dark: bool) -> None:
    found = colours(dark=dark)
    for ground in ("page", "sheet"):
        for text in ("ink", "soft", "link", "good", "bad", "warn"):
            assert palette.contrast(found[text], found[ground]) >= 4.5, (text, ground)
    for kind in ("good", "bad", "warn"):
        assert palette.contrast(found[kind], found[f"{kind}-soft"]) >= 4.5, kind


def test_no_two_elements_of_the_page_have_one_id() -> None:
    ids = [name for element in parsed(render.html(preview())).iter() if (name := element.get("id"))]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_time_line_draws_the_critical_path_first_and_cuts_no_label(width: int) -> None:
    found = preview()
    frame = Frame(width=width, key="t")
    root = ET.fromstring(gantt.draw(found.timeline, frame))  # noqa: S314 - our own text
    critical = [critical for _, critical in gantt.shown(found.timeline)]
    assert critical == sorted(critical, reverse=True)
    assert True in critical
    looks = [element.get("class") for element in root.iter("rect")]
    assert len(critical) + 2 == len(looks), "a bar a stage, and the legend's two"
    for element in root.iter("rect"):
        assert float(element.get("x", 0)) + float(element.get("width", 0)) <= width
    for element in root.iter("text"):
        assert wide(element.text or "") <= width


def test_the_command_writes_the_page_beside_the_saved_preview(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page, saved = tmp_path / "us.html", tmp_path / "us.json"
    assert 0 == cli.main(["preview", "us", "--summary", "--html", str(page), "--save", str(saved)])
    assert render.html(preview()) == page.read_text(encoding="utf-8")
    assert saved.exists()
    assert "total" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--html", "FOLDER/none/us.html"), "--html"),
        (("--html", "FOLDER/one", "--save", "FOLDER/one"), "--save and --html both name"),
        (("--html", ""), "names no file"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_the_program_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    words = [word.replace("FOLDER", str(tmp_path)) for word in argv]
    assert 2 == cli.main(["preview", "us", *words])
    printed = capsys.readouterr()
    assert said in printed.err
    assert "" == printed.out
    assert [] == list(tmp_path.iterdir())
