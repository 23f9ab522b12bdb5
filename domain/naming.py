"""The one place that makes physical names and tags. Pure.

A name is `medical-<cell>-<region's abbreviation>-<role>`, for example `medical-us-use2-web`. What belongs to no region
has `global` in the region's place. A name that would pass its service's limit keeps its head and ends in a digest of
the whole, so that it stays unique and stable.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

SYSTEM: Final = "medical"
GLOBAL: Final = "global"
LIFETIME, THROW_AWAY = "Lifetime", "throw-away"  # the tag of what may be destroyed with all its data

# Longest names that the services take, in characters. Source: the API reference of each service.
BACKUP: Final = 50  # a vault's, a plan's and a restore test's
ALARM: Final = 255
BUCKET: Final = 63
CACHE: Final = 40
DATABASE: Final = 63
LOAD_BALANCER: Final = 32
OPTION_GROUP: Final = 255
ROLE: Final = 64
TRAIL: Final = 128
TOPIC: Final = 80  # a queue's limit; a topic's is 256

CELL_LIMIT: Final = 16
_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of one place: a cell's side in a region (`place` is its abbreviation) or the cell's global part."""

    cell: str
    place: str

    def of(self, role: str, limit: int = ROLE) -> str:
        """The physical name for `role`, at most `limit` characters."""
        return fit(f"{SYSTEM}-{self.cell}-{self.place}-{role}", limit)

    def bucket(self, role: str, account_id: str) -> str:
        """A bucket's name, unique in the world because it ends in the account's id."""
        return fit(f"{SYSTEM}-{self.cell}-{self.place}-{role}-{account_id}", BUCKET)

    def path(self, *parts: str) -> str:
        """A name with slashes, as log groups, secrets and parameters have: `medical/us/use2/db`."""
        return "/".join((SYSTEM, self.cell, self.place, *parts))


def fit(name: str, limit: int) -> str:
    """`name` if it has at most `limit` characters, else its head and a digest of the whole."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: limit - _DIGEST - 1].rstrip('-')}-{digest}"


def tags(*, cell: str, side: str, jurisdiction: str, throw_away: bool = False) -> dict[str, str]:
    """The tags that a side's provider puts on everything it makes.

    What belongs to a cell that may be destroyed with all its data says so: the guardrails ask less of it.
    """
    return {
        "System": SYSTEM,
        "Cell": cell,
        "Side": side,
        "Jurisdiction": jurisdiction,
        "ManagedBy": "pulumi",
        **({LIFETIME: THROW_AWAY} if throw_away else {}),
    }
