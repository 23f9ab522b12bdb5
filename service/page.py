"""The status page: one document, no script, no other file. Everything that is not ours is escaped."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from service.database import Role
from service.readiness import Check, Report, Status

_STYLE = """
:root { color-scheme: light dark; --ground: #f3f6f8; --card: #ffffff; --ink: #16222c; --quiet: #5a6b78;
  --line: #dfe6eb; --good: #17784f; --warn: #8a5a00; --bad: #b3261e; --shade: 0 8px 32px #16222c14 }
@media (prefers-color-scheme: dark) { :root { --ground: #0e151b; --card: #172129; --ink: #e8eef2; --quiet: #9db0bd;
  --line: #2a3842; --good: #5fd3a1; --warn: #f0bf5f; --bad: #ff8f86; --shade: none } }
* { box-sizing: border-box; margin: 0 }
body { min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif }
main { width: min(34rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: var(--shade); overflow: hidden }
header { padding: 2rem 2rem 1.5rem; border-top: .3rem solid var(--state) }
.cell { color: var(--quiet); font-size: .875rem }
h1 { margin-top: .25rem; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; color: var(--state) }
header p + p, h1 + p { margin-top: .5rem }
dl { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1px; background: var(--line);
  border-block: 1px solid var(--line) }
dl div { padding: .75rem 2rem; background: var(--card) }
dt, th { color: var(--quiet); font-size: .8125rem; font-weight: 400; text-align: left }
dd { font-weight: 600; overflow-wrap: anywhere }
table { width: calc(100% - 4rem); margin: 1rem 2rem 1.5rem; border-collapse: collapse; table-layout: fixed }
.none { padding: 1.5rem 2rem; color: var(--quiet) }
th, td { padding: .5rem 0 }
tbody tr { border-top: 1px solid var(--line) }
tbody th { color: var(--ink); font-size: 1rem }
td:last-child, thead th:last-child { text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums }
.good { --state: var(--good) } .warn { --state: var(--warn) } .bad { --state: var(--bad) }
td.good, td.bad { color: var(--state); font-weight: 600 }
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: this very style sheet and an empty icon, nothing else."""

_WORDS = {
    Status.READY: ("good", "Ready", "This side can read and write."),
    Status.READ_ONLY: ("warn", "Read-only", "This side serves reads from its replica. Writing waits for a promotion."),
    Status.UNREADY: ("bad", "Not ready", "Something that this side needs cannot be used."),
}
_ROLES = {Role.WRITER: "Writer", Role.READER: "Reader", None: "Unknown"}


def render(place: Mapping[str, str], report: Report) -> str:
    """Return the page for a place (cell, side, region, release) and what its dependencies say."""
    tone, title, meaning = _WORDS[report.status]
    facts = {
        "Side": place["side"].capitalize(),
        "Region": place["region"],
        "Database": _ROLES[report.role],
        "Release": place["release"],
    }
    cell = escape(place["cell"])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<title>{title}: cell {cell}, {escape(place["side"])}</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<main class="{tone}">
<header>
<p class="cell">Cell {cell}</p>
<h1>{title}</h1>
<p>{meaning}</p>
</header>
<dl>
{"".join(_fact(name, value) for name, value in facts.items())}</dl>
{_table(report.checks)}
</main>
</body>
</html>
"""


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>\n"


def _table(checks: Mapping[str, Check]) -> str:
    if not checks:
        return '<p class="none">Nothing has been checked yet.</p>'
    return f"""<table>
<thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">Time</th></tr></thead>
<tbody>
{"".join(_row(name, check) for name, check in checks.items())}</tbody>
</table>"""


def _row(name: str, check: Check) -> str:
    tone, said = ("good", "OK") if check.ok else ("bad", str(check.reason).capitalize())
    return (
        f'<tr><th scope="row">{escape(name.capitalize())}</th><td class="{tone}">{escape(said)}</td>'
        f"<td>{check.milliseconds} ms</td></tr>\n"
    )
