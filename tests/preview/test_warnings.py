"""What a preview warns of, and that every form of it says so."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

import settings
from ops.engine import project
from ops.preview import brief, diff, model, render, warnings, work
from ops.preview.page import render as page

NOBODY = "nobody is told of alarms and events"
PAGES = "somebody is told of pages alone"


@pytest.mark.parametrize(
    ("overrides", "begins"),
    [
        ({}, [NOBODY]),
        ({"operationsEmails": '["a@example.com"]'}, []),
        ({"operationsWebhooks": '["https://hooks.example.com/a"]'}, []),
        ({"pagerWebhooks": '["https://hooks.example.com/a"]'}, [PAGES]),
        ({"pagerEmails": '["a@example.com"]', "operationsEmails": '["b@example.com"]'}, []),
    ],
)
def test_a_cell_that_tells_nobody_or_pages_alone_is_warned_of(overrides: dict[str, str], begins: list[str]) -> None:
    found = list(warnings.of(settings.load("us", project.load("us", overrides=overrides).stated)))
    assert begins == [line.partition(":")[0] for line in found]
    assert all("in Pulumi.us.yaml" in line for line in found), "the way out names the file"


def test_every_form_of_a_preview_says_it_and_none_without_it() -> None:
    told = work.preview("us", folder=project.ROOT)
    silent = replace(told, warnings=())
    for found, count in ((told, 1), (silent, 0)):
        out = io.StringIO()
        render.preview(Console(file=out, width=400), found, summary=True)
        assert count == out.getvalue().count(f"Warning: {NOBODY}")
        assert count == brief.text(diff.compare(silent, found)).count(f"! warning: {NOBODY}")
        assert count == page.html(found, None).count(f"Warning: {NOBODY}")
        assert count == len(json.loads(found.to_json(summary=True))["warnings"])
        assert found == model.from_json(found.to_json())
