"""The database's two secrets: the application's, whose accounts take turns, and the master's, changed in place.

Both are done by whichever side's database takes writes, which the databases themselves are asked. A replica learns of
accounts by replication, seconds later; until then the version before opens it too.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from functions.rotation.database import Database
from functions.rotation.faults import RotationError
from functions.rotation.peer import Peer
from functions.rotation.steps import Turn
from functions.rotation.vault import CURRENT, PENDING, PREVIOUS, Values, Vault

ACCOUNTS: Final = ("app_a", "app_b")
"""The application's accounts: one is in use, the other idle."""

_ALPHABET: Final = string.ascii_letters + string.digits  # no sign that MySQL, RDS or ElastiCache refuses
_LENGTH: Final = 40  # RDS takes 41 at most; 238 bits


def password(length: int = _LENGTH) -> str:
    """A new one."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Kind(StrEnum):
    """The secrets of the database."""

    APPLICATION = "application"
    MASTER = "master"


class Hands:
    """Changes one side's own database, for itself or for the other side. Raises RotationError."""

    def __init__(self, database: Database, vault: Vault, master: str) -> None:
        """Use a side's database, and the master's secret called `master` as the rotating side has it."""
        self._database = database
        self._vault = vault
        self._master = master

    def writes(self) -> bool:
        """Whether the database takes writes."""
        return self._database.writes(self._masters())

    def apply(self, kind: Kind, pending: Values) -> None:
        """Let the pending version in."""
        if kind is Kind.APPLICATION:
            self._database.set_account(self._masters(), pending)
        elif not self._database.opens(pending, schema=False):
            self._database.set_own_password(self._masters(), pending)

    def prove(self, kind: Kind, pending: Values) -> None:
        """Raise RotationError unless the pending version is let in."""
        if not self._database.opens(pending, schema=kind is Kind.APPLICATION):
            raise RotationError("NotLetIn", "the database does not take the new password: rotate again from the start")

    def _masters(self) -> Iterator[Values]:
        """What may open the database as its master: amid the master's own rotation it need not be what is current."""
        for label in (CURRENT, PENDING, PREVIOUS):
            values = self._vault.with_label(self._master, label)
            if values is not None:
                yield values


class Account:
    """A secret of the database, as `steps.Target`."""

    def __init__(self, kind: Kind, hands: Hands, peer: Peer | None, vault: Vault, application: str) -> None:
        """Change the secret of `kind`; `application` names the application's secret."""
        self._kind = kind
        self._hands = hands
        self._peer = peer
        self._vault = vault
        self._application = application

    def fresh(self, current: Values) -> Mapping[str, str]:
        """The idle account with a new password, or the same master with another."""
        if self._kind is Kind.APPLICATION:
            name = ACCOUNTS[1] if current["username"] == ACCOUNTS[0] else ACCOUNTS[0]
            return {"username": name, "password": password()}
        used = self._vault.with_label(self._application, CURRENT)
        if used is None or used["username"] == current["username"]:
            raise RotationError(
                "MasterInUse", "the application still is the master: rotate the application's secret first"
            )
        return {"username": current["username"], "password": password()}

    def apply(self, turn: Turn, pending: Values, previous: Values | None) -> None:  # noqa: ARG002 - a cache needs it
        """Have the side that writes let the pending version in."""
        if peer := self._writer():
            peer.apply(self._kind, turn)
        else:
            self._hands.apply(self._kind, pending)

    def prove(self, turn: Turn, pending: Values) -> None:
        """Have the side that writes try the pending version."""
        if peer := self._writer():
            peer.prove(self._kind, turn)
        else:
            self._hands.prove(self._kind, pending)

    def _writer(self) -> Peer | None:
        """The other side, if its database is the one that takes writes; None if it is ours.

        Raises:
            RotationError: both take writes, or none that can be asked; a change of one would not reach the other.
        """
        told: list[str] = []
        ours, theirs = _asked(self._hands, told), _asked(self._peer, told)
        if ours and theirs:
            raise RotationError("TwoWriters", "the databases of both sides take writes: fence one first")
        if ours:
            return None
        if theirs and self._peer:
            return self._peer
        heard = "; ".join(told) or "all are read-only"
        raise RotationError("NoWriter", f"no side's database that can be asked takes writes ({heard})")


def _asked(side: Hands | Peer | None, told: list[str]) -> bool:
    """Whether a side writes. One that cannot be asked is lost or cut off, and does not count; `told` hears why."""
    try:
        return side is not None and side.writes()
    except RotationError as error:
        told.append(str(error))
        return False
