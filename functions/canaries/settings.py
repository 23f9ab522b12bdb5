"""What a canary is told by its environment, parsed once. Pure. `components/canaries` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from functions.canaries.faults import SettingsError

REQUIRED, OPTIONAL = "required", "optional"
_CHOICES: Final = {"SIDE": ("home", "recovery"), "WRITES": (REQUIRED, OPTIONAL)}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Ask the load balancer at `address`, in `region`, for the cell called `host`, and walk `journey` there.

    With `must_write` the side is the one that writes; else it may refuse writes as read-only.
    """

    address: str
    host: str
    region: str
    journey: str
    side: str
    must_write: bool

    @property
    def cell(self) -> str:
        """The cell, which its name begins with."""
        return self.host.partition(".")[0]


def read(environment: Mapping[str, str]) -> Settings:
    """The settings.

    Raises:
        SettingsError: naming each variable that is missing or that says what it cannot.
    """
    missing = [name for name in ("ADDRESS", "HOST", "JOURNEY", "AWS_REGION", *_CHOICES) if not environment.get(name)]
    if missing:
        raise SettingsError(f"the environment lacks {', '.join(missing)}: run 'pulumi up'")
    for name, choices in _CHOICES.items():
        if environment[name] not in choices:
            raise SettingsError(f"{name} must be {' or '.join(choices)}: run 'pulumi up'")
    return Settings(
        address=environment["ADDRESS"],
        host=environment["HOST"],
        region=environment["AWS_REGION"],
        journey=environment["JOURNEY"],
        side=environment["SIDE"],
        must_write=environment["WRITES"] == REQUIRED,
    )
