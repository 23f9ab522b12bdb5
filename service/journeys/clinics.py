"""For which clinic a visitor may speak: its role in our own account says so, as AWS STS confirms. No secret in it.

A session of the role ``medical-<cell>-global-clinic-<clinic>`` acts for that clinic and no other. A session of a role
``medical-<cell>-<place>-canary`` acts for the clinic ``canary``, whose rows are made up: they are published to nobody
and swept away after a day. No clinic's role can name that clinic.
"""

import re
from dataclasses import dataclass
from typing import Final

from service.config import Callers

CANARY: Final = "canary"
_CLINIC: Final = r"global-clinic-(?!canary/)[a-z0-9][a-z0-9-]{0,23}"
_PLACE: Final = r"[a-z0-9]{1,12}-canary"


@dataclass(frozen=True)
class Clinic:
    """A clinic by its name. What a ``synthetic`` one does is neither counted nor published."""

    name: str
    synthetic: bool = False


def callers(cell: str, account_id: str, regions: tuple[str, ...]) -> Callers:
    """Return who may walk the journeys of a cell."""
    return Callers(account_id=account_id, roles=rf"medical-{re.escape(cell)}-(?:{_CLINIC}|{_PLACE})", regions=regions)


def of_role(cell: str, role: str) -> Clinic:
    """Return the clinic that a role admitted as one of ``callers`` speaks for."""
    own = role.removeprefix(f"medical-{cell}-")
    name = own.removeprefix("global-clinic-")
    return Clinic(CANARY, synthetic=True) if name == own else Clinic(name)
