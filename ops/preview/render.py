"""A preview and a difference for people's eyes. Pure, but for what it prints on the console it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ops.cost import render as cost_render
from ops.preview import budgets, findings, moves, routing
from ops.preview.diff import Change, Difference
from ops.preview.model import SIDES, Preview, Resource
from ops.preview.telling import shown, telling
from ops.residency import table

_CHANGED_VALUE: Final = 200  # characters of a value in a difference
_COLUMNS: Final = (*SIDES, "cell")


def preview(to: Console, found: Preview, *, summary: bool) -> None:
    """The whole preview, or its counts and what it costs."""
    to.print(_header(found))
    if not summary:
        _print_resources(to, found)
    to.print(_counts(found))
    if not summary:
        _print_judgements(to, found)
    for line in findings.lines(found.findings) if found.findings else ():
        to.print(line)
    if found.cost:
        to.print(Text(cost_render.verdict(found.cost), style="bold"))
    _print_warnings(to, found)
    if not summary:
        _print_outputs(to, found)


def _print_resources(to: Console, found: Preview) -> None:
    for tree in _trees(found):
        to.print(tree)
    for place, tree in enumerate(routing.trees(found.resources)):
        if not place:
            to.print(Text("Routing", style="bold"))
        to.print(tree)


def _print_judgements(to: Console, found: Preview) -> None:
    """How long an outage lasts, where data are, and what a month costs."""
    if found.budgets:
        to.print(budgets.table(found.budgets))
    if found.residency:
        to.print(Text(f"Residency: {table.verdict(found.residency)}", style="bold"))
        to.print(table.table(found.residency))
    if found.cost:
        to.print(cost_render.services(found.cost))


def _print_warnings(to: Console, found: Preview) -> None:
    for line in found.warnings:
        to.print(Text(f"Warning: {line}", style="bold yellow"))


def _print_outputs(to: Console, found: Preview) -> None:
    to.print(Text("Outputs", style="bold"))
    for name, value in sorted(found.outputs.items()):
        to.print(Text(f"  {name} = {shown(value, _CHANGED_VALUE)}"))
    if not found.outputs:
        to.print(Text("  none"))


def difference(to: Console, found: Difference, *, summary: bool) -> None:
    """What lies between two previews, or how much of it."""
    for line in _difference_lines(found) if not summary else ():
        to.print(line)
    if found.before.cost and found.after.cost and cost_render.changed(found.before.cost, found.after.cost):
        to.print(cost_render.difference(found.before.cost, found.after.cost))
    total = (
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{len(found.outputs)} outputs"
    )
    words = " beyond what differs by design" if found.before.cell != found.after.cell else ""
    verdict = total if found else f"no difference{words}"
    to.print(Text(f"{found.after.cell} against {found.before.cell}: {verdict}", style="bold"))
    if found.after.findings.get("found"):
        for line in findings.lines(found.after.findings):
            to.print(line)
    _print_warnings(to, found.after)


def difference_json(found: Difference) -> dict[str, Any]:
    """The difference for machines."""
    return {
        "cell": found.after.cell,
        "against": found.before.cell,
        "different": bool(found),
        "added": [_identity(item) for item in found.added],
        "removed": [_identity(item) for item in found.removed],
        "changed": [
            {**_identity(item.resource), "changes": [_change(change) for change in item.changes]}
            for item in found.changed
        ],
        "outputs": [_change(change) for change in found.outputs],
        "findings": found.after.findings,
        "warnings": list(found.after.warnings),
        "cost": cost_render.difference_json(found.before.cost, found.after.cost),
    }


def move(to: Console, found: moves.Plan) -> None:
    """A move of continuity: its name and states, what becomes of each database, and whether one is lost."""
    to.print(Text(moves.title(found), style="bold"))
    for fate in found.fates:
        to.print(Text(f"  {fate.name}: {'; '.join(fate.words)}"))
    for fate in found.let_go:
        to.print(
            Text(
                f"  {fate.name} is protected twice. Before the update: pulumi state unprotect '{fate.resource.urn}' "
                f"and aws rds modify-db-instance --region {fate.resource.region} --db-instance-identifier "
                f"{fate.resource.inputs['identifier']} --no-deletion-protection --apply-immediately"
            )
        )
    to.print(Text(moves.verdict(found), style="bold red" if found.lost else "bold green"))


def _identity(item: Resource) -> dict[str, str]:
    return {"urn": item.urn, "type": item.type, "name": item.name, "side": item.side, "region": item.region}


def _change(change: Change) -> dict[str, Any]:
    return {"path": change.path, "before": change.before, "after": change.after}


def _header(found: Preview) -> Text:
    return Text.assemble(
        ("cell ", "dim"),
        (found.cell, "bold"),
        ("  jurisdiction ", "dim"),
        found.jurisdiction,
        ("  home ", "dim"),
        f"{found.home.region} {found.home.cidr}",
        ("  recovery ", "dim"),
        f"{found.recovery.region} {found.recovery.cidr}" if found.recovery.region else "none",
    )


def _trees(found: Preview) -> Iterator[Tree]:
    below: dict[str, list[Resource]] = {}
    for item in sorted(found.resources, key=lambda item: (item.custom, item.name, item.type)):
        below.setdefault(item.parent, []).append(item)
    known = {item.urn for item in found.resources}
    for root in (item for item in found.resources if item.parent not in known):
        tree = Tree(_line(root))
        _grow(tree, root, below)
        yield tree


def _grow(tree: Tree, item: Resource, below: Mapping[str, list[Resource]]) -> None:
    for child in below.get(item.urn, ()):
        _grow(tree.add(_line(child)), child, below)


def _line(item: Resource) -> Text:
    line = Text.assemble((item.name, "bold" if not item.custom else ""), "  ", (item.short_type, "cyan"))
    if item.region and not item.short_type.startswith("provider:"):
        line.append(f"  {item.region}", "green")
    for name, value in telling(item):
        line.append(f"  {name}=", "dim").append(value)
    if item.key:
        line.append(f"  key={item.key}", "yellow")
    if item.protect:
        line.append("  protected", "magenta")
    return line


def _counts(found: Preview) -> Table:
    counts = found.counts()
    table = Table(box=None, pad_edge=False, show_footer=True)
    table.add_column("resources", footer="total")
    for side in _COLUMNS:
        total = sum(numbers.get(side, 0) for numbers in counts.values())
        table.add_column(side, justify="right", footer=str(total))
    table.add_column("all", justify="right", footer=str(len(found.resources)))
    for service, numbers in counts.items():
        cells = (str(numbers.get(side, "-")) for side in _COLUMNS)
        table.add_row(service, *cells, str(sum(numbers.values())))
    return table


def _difference_lines(found: Difference) -> Iterator[Text]:
    for sign, style, items in (("+", "green", found.added), ("-", "red", found.removed)):
        for item in items:
            yield Text.assemble((f"{sign} ", style), _line(item))
    for item in found.changed:
        yield Text.assemble(("~ ", "yellow"), _line(item.resource))
        yield from map(_change_line, item.changes)
    if found.outputs:
        yield Text("~ outputs", style="yellow")
        yield from map(_change_line, found.outputs)


def _change_line(change: Change) -> Text:
    before, after = (shown(value, _CHANGED_VALUE) for value in (change.before, change.after))
    return Text.assemble(f"    {change.path}: ", (before, "red"), " -> ", (after, "green"))
