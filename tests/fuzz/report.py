"""The page of a campaign: what was given, what became of it, and which rules refused what."""

from __future__ import annotations

import os
import platform
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from domain import jurisdictions
from ops.engine.project import ROOT
from tests import invariants
from tests.fuzz.given import FILE, KEYS, SETTINGS
from tests.fuzz.tally import Tally

PLACE: Final = ROOT / "docs" / "fuzz.md"
_SHOWN: Final = 120
_PARTS: Final = (
    ("posture", ("warm", "backup-only")),
    ("phase", ("normal", "failed over", "rebuilt", "switched back", "alone")),
    ("writer", ("writer home", "writer recovery")),
    ("what it keeps", ("governance", "compliance", "thrown away")),
    ("jurisdiction", tuple(jurisdictions.REGIONS_OF)),
)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign that has ended: `seconds` it took, in so many `processes`."""

    seed: int
    seconds: float
    processes: int
    tally: Tally


def page(campaign: Campaign) -> str:
    """The page as it is kept."""
    tally = campaign.tally
    findings = "\n".join(f"- {fault}" for fault in tally.findings) or "None."
    return (
        "# Generated configurations\n\n"
        "Written by `make fuzz`. Each configuration is either refused with value, rule and way out, or accepted; then\n"
        "its plan holds, and of the accepted ones a choice over all postures, jurisdictions and states is run as a\n"
        f"whole program and judged by all {len(invariants.EVERY)} invariants of `tests/invariants.py` and\n"
        "`tests/limits.py`. `tests/fuzz` makes and judges them; the seed repeats a campaign.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}: seed {campaign.seed}, {campaign.seconds:.0f} s in {campaign.processes} "
        "processes.\n\n"
        f"{_counts(tally)}\n## Findings\n\n{findings}\n\n"
        f"## What the accepted ones are\n\n{_accepted(tally)}\n"
        f"## Which rule refused how often\n\n{_missed(tally)}\n\n{_rules(tally)}"
    )


def _counts(tally: Tally) -> str:
    rows = [
        (f"given as {kind}", tally.given[kind], tally.accepted[kind], tally.given[kind] - tally.accepted[kind])
        for kind in (SETTINGS, FILE)
    ]
    rows.append(("all", tally.total, tally.accepted["all"], tally.total - tally.accepted["all"]))
    table = "\n".join(f"| {name} | {count} | {good} | {bad} |" for name, count, good, bad in rows)
    return (
        f"| | configurations | accepted | refused |\n| --- | --- | --- | --- |\n{table}\n\n"
        f"Accepted: {tally.share:.0%}. Run as whole programs: {tally.programs}.\n"
    )


def _accepted(tally: Tally) -> str:
    rows = (f"| {name} | {', '.join(f'{part} {tally.accepted[part]}' for part in parts)} |" for name, parts in _PARTS)
    return "| by | accepted |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def _missed(tally: Tally) -> str:
    refused = {key for key, _ in tally.refused}
    missed = [key for key in KEYS if key not in refused]
    return f"Settings that were never refused: {', '.join(missed) or 'none'}."


def _rules(tally: Tally) -> str:
    """A row for each rule, with the settings that it refused; keys that are no settings are counted together."""
    hits: Counter[str] = Counter()
    keys: dict[str, set[str]] = {}
    for (key, rule), count in tally.refused.items():
        short = _cell(rule)
        hits[short] += count
        keys.setdefault(short, set()).add(key if key in {*KEYS, "cell"} or key.endswith("Error") else "other keys")
    rows = (f"| {count} | {', '.join(sorted(keys[rule]))} | {rule} |" for rule, count in hits.most_common())
    return "| times | key | rule |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def _cell(rule: str) -> str:
    """A rule as a table can hold it."""
    text = rule.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()} ..."
