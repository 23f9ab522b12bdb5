"""Who owns what an account has once, and what it has once in each region: exactly one stack. Pure.

AWS lets two stacks set the same setting of an account in turns, in silence, and the one that is destroyed takes it away
from the other. So of all stacks of an account one owns it, and all say which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.naming import SYSTEM

ACCOUNT_CLAIM: Final = f"{SYSTEM}-account-owner"  # a name that AWS gives once: whoever has it owns the account
OWN: Final = "own"  # what a stack says that owns by itself
ACCOUNT_KEY, REGION_KEY = "accountOwner", "regionOwner"


def claim_of_region(abbreviation: str) -> str:
    """The name that the owner of a region takes."""
    return f"{SYSTEM}-{abbreviation}-owner"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a stack says: its account and regions, and who owns what they have once (`OWN` or a stack's name)."""

    stack: str
    account_id: str
    regions: tuple[str, ...]
    account_owner: str
    region_owner: str

    @property
    def owner(self) -> str:
        """The stack that owns the account, by name."""
        return self.stack if self.account_owner == OWN else self.account_owner

    @property
    def owner_of_regions(self) -> str:
        """The stack that owns the regions, by name."""
        return self.stack if self.region_owner == OWN else self.region_owner


@dataclass(frozen=True, kw_only=True)
class Objection:
    """A setting of the stack that cannot stand beside what others say: key, value, and the rule with the way out."""

    key: str
    value: str
    rule: str


def objections(mine: Claim, others: Sequence[Claim]) -> Iterator[Objection]:
    """What keeps `mine` from standing beside `others`, the other stacks there are."""
    siblings = [other for other in others if other.account_id == mine.account_id and other.stack != mine.stack]
    yield from _of_account(mine, siblings)
    yield from _of_regions(mine, siblings)


def _of_account(mine: Claim, siblings: Sequence[Claim]) -> Iterator[Objection]:
    names = {mine.stack, *(other.stack for other in siblings)}
    if mine.owner not in names:
        yield Objection(key=ACCOUNT_KEY, value=mine.account_owner, rule=_stranger(mine, siblings))
        return
    for other in siblings:
        if other.owner != mine.owner:
            rule = (
                f"names {mine.owner} the owner of account {mine.account_id}, and stack {other.stack} of the same "
                f"account names {other.owner}; an account has one owner: set the same name in both"
            )
            yield Objection(key=ACCOUNT_KEY, value=mine.account_owner, rule=rule)


def _of_regions(mine: Claim, siblings: Sequence[Claim]) -> Iterator[Objection]:
    by_name = {mine.stack: mine, **{other.stack: other for other in siblings}}
    owner = by_name.get(mine.owner_of_regions)
    if owner is None:
        yield Objection(key=REGION_KEY, value=mine.region_owner, rule=_stranger(mine, siblings))
        return
    if owner.owner_of_regions != owner.stack:
        rule = (
            f"names {owner.stack}, which leaves its regions to {owner.owner_of_regions}; set {OWN}, or the stack that "
            "owns them itself"
        )
        yield Objection(key=REGION_KEY, value=mine.region_owner, rule=rule)
    missing = ", ".join(name for name in mine.regions if name not in owner.regions)
    if missing:
        rule = (
            f"names {owner.stack}, which does not lie in {missing}, so nobody would own that; set {OWN}, or give the "
            "cell an account of its own"
        )
        yield Objection(key=REGION_KEY, value=mine.region_owner, rule=rule)
    for other in siblings:
        shared = ", ".join(name for name in mine.regions if name in other.regions)
        if shared and mine.owner_of_regions == mine.stack and other.owner_of_regions == other.stack:
            rule = (
                f"stack {other.stack} of the same account {mine.account_id} owns {shared} too; let one of the two name "
                "the other, or give the cell an account of its own"
            )
            yield Objection(key=REGION_KEY, value=mine.region_owner, rule=rule)


def _stranger(mine: Claim, siblings: Sequence[Claim]) -> str:
    known = ", ".join(sorted({mine.stack, *(other.stack for other in siblings)}))
    return f"is no stack of account {mine.account_id}; set {OWN}, or one of {known}"
