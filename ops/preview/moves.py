"""A move of the cell from one state of continuity to another, as its plan: what becomes of each database. Pure.

What is told is read off the two recorded programs, not off the machine that they should follow, so that a plan that
would lose a database says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain import replacement
from domain.continuity import State
from ops.preview.diff import ABSENT, Change, Difference
from ops.preview.model import Resource

INSTANCE: Final = "rds:Instance"
_GROUP: Final = "rds:ParameterGroup"
_FENCE: Final = "read_only"
_SOURCE: Final = "replicateSourceDb"


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of one database instance, in words, and whether it is the same one afterwards."""

    resource: Resource
    words: tuple[str, ...]
    replaced: bool = False
    deleted: bool = False
    made_empty: bool = False

    @property
    def name(self) -> str:
        """What settings call the instance: `home-1` for `home-database-1`."""
        return self.resource.name.replace("-database-", "-")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A move by name (empty where only instances are released), its states, and what it does."""

    name: str
    before: State
    after: State
    released: tuple[str, ...]
    fates: tuple[Fate, ...]
    difference: Difference

    @property
    def lost(self) -> tuple[Fate, ...]:
        """The databases that it would replace, make empty, or delete without being released."""
        return tuple(
            fate
            for fate in self.fates
            if fate.replaced or fate.made_empty or (fate.deleted and fate.name not in self.released)
        )

    @property
    def let_go(self) -> tuple[Fate, ...]:
        """The databases that it deletes because they are released."""
        return tuple(fate for fate in self.fates if fate.deleted and fate.name in self.released)


def plan(name: str, before: State, after: State, released: Collection[str], difference: Difference) -> Plan:
    """What the move `name` does, which lies in `difference`; `released` are the instances that it lets go."""
    seen = _without_ignored(difference)
    return Plan(
        name=name,
        before=before,
        after=after,
        released=tuple(released),
        fates=tuple(sorted(_fates(seen), key=lambda fate: fate.name)),
        difference=seen,
    )


def verdict(found: Plan) -> str:
    """In one sentence, what happens to the databases that stand."""
    if found.lost:
        names = ", ".join(fate.name for fate in found.lost)
        return f"DATABASES WOULD BE REPLACED, DELETED OR MADE EMPTY: {names}. Do not update."
    if found.let_go:
        names = ", ".join(fate.name for fate in found.let_go)
        return f"No database is replaced, and none is deleted but what is released: {names}."
    return "No database is replaced or deleted."


def title(found: Plan) -> str:
    """The move and its states on one line."""
    if found.name:
        return f"{found.name}: {found.before} -> {found.after}"
    return f"no move, {found.before}" + (f", released: {', '.join(found.released)}" if found.released else "")


def to_settings(found: Plan) -> dict[str, str]:
    """The settings of the state that the move leads to."""
    return {
        "writer": found.after.writer,
        "homeGeneration": str(found.after.home_generation),
        "recoveryGeneration": str(found.after.recovery_generation),
    }


def as_json(found: Plan) -> dict[str, Any]:
    """The move for machines."""
    return {
        "move": found.name,
        "before": str(found.before),
        "after": str(found.after),
        "settings": to_settings(found),
        "released": list(found.released),
        "databases": [
            {
                "instance": fate.name,
                "urn": fate.resource.urn,
                "replaced": fate.replaced,
                "deleted": fate.deleted,
                "changes": list(fate.words),
            }
            for fate in found.fates
        ],
        "safe": not found.lost,
        "verdict": verdict(found),
    }


def _without_ignored(difference: Difference) -> Difference:
    """`difference` without the inputs that the engine leaves as they are."""
    kept = (
        replace(
            item, changes=tuple(change for change in item.changes if _input(change) not in item.resource.ignore_changes)
        )
        for item in difference.changed
    )
    return replace(difference, changed=tuple(item for item in kept if item.changes))


def _input(change: Change) -> str:
    """The input that a change lies in: `parameters` for `parameters[7].name`."""
    return change.path.partition(".")[0].partition("[")[0]


def _fates(difference: Difference) -> Iterator[Fate]:
    fenced = {
        item.resource.name
        for item in difference.changed
        if item.resource.short_type == _GROUP and any(change.after == _FENCE for change in item.changes)
    }
    for resource in difference.added:
        if resource.short_type == INSTANCE:
            source = resource.inputs.get(_SOURCE)
            yield Fate(resource=resource, words=(_created(source),), made_empty=not source)
    for resource in difference.removed:
        if resource.short_type == INSTANCE:
            yield Fate(resource=resource, words=("deleted, with a final snapshot",), deleted=True)
    for item in difference.changed:
        if item.resource.short_type != INSTANCE:
            continue
        changes = {change.path: change for change in item.changes}
        replaced = replacement.INSTANCE & {_input(change) for change in item.changes}
        words = [f"REPLACED, because of {', '.join(sorted(replaced))}"] if replaced else []
        words += _changed(changes, fenced=item.resource.name in fenced)
        if words:
            yield Fate(
                resource=item.resource,
                words=tuple(words),
                replaced=bool(replaced) or _follows_anew(changes.get(_SOURCE)),
            )


def _created(source: object) -> str:
    return f"created, as a replica of {source}" if source else "CREATED EMPTY, which the provider refuses"


def _follows_anew(change: Change | None) -> bool:
    """Whether a standing instance would be given a source, which RDS refuses."""
    return change is not None and change.after != ABSENT


def _changed(changes: Mapping[str, Change], *, fenced: bool) -> list[str]:
    """What becomes of an instance that stays, most telling first."""
    words = ["fenced, by read_only in its own parameter group"] if fenced else []
    if (source := changes.get(_SOURCE)) is not None:
        words.append("GIVEN A SOURCE, which RDS refuses" if _follows_anew(source) else "promoted in place, and writes")
    if (renamed := changes.get("identifier")) is not None:
        words.append(f"renamed in place, from {renamed.before} to {renamed.after}")
    if (standby := changes.get("multiAz")) is not None:
        words.append("given a standby in another zone" if standby.after else "left without a standby")
    if (at_once := changes.get("applyImmediately")) is not None:
        words.append("changed at once" if at_once.after else "changed in its maintenance window again")
    return words
