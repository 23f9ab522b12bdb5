"""The four steps in which Secrets Manager rotates, each of which may be repeated.

Owns: which version is made, made true, tried and put in use. Does not own: how a store learns of a new secret, which
its `Target` knows.

Nothing is taken from anybody: the version in use stays good until the rotation after this one. A step that was
interrupted is done again from its start, and a rotation that is over stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from functions.rotation.faults import NotThereError, RotationError
from functions.rotation.vault import CURRENT, PENDING, PREVIOUS, About, Values, Vault


class Step(StrEnum):
    """The steps, by Secrets Manager's names."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One call: a step of the rotation of a secret, towards the version `token`."""

    step: Step
    secret: str
    token: str


class Target(Protocol):
    """A store whose door the secret opens."""

    def fresh(self, current: Values) -> Mapping[str, str]:
        """What the next version says."""
        ...

    def apply(self, turn: Turn, pending: Values, previous: Values | None) -> None:
        """Make the next version open the door, without shutting it to the one in use. Done already, nothing changes."""
        ...

    def prove(self, turn: Turn, pending: Values) -> None:
        """Raise RotationError unless the next version opens the door."""
        ...


def take(vault: Vault, about: About, target: Target, turn: Turn) -> bool:
    """Do one step. False if the version is in use already, and nothing was left to do.

    Raises:
        RotationError: the version is none that is being rotated to, or the step cannot be done now.
    """
    labels = about.labels.get(turn.token)
    if labels is None:
        raise RotationError("UnknownVersion", "the secret has no such version: rotate it through Secrets Manager")
    if CURRENT in labels:
        return False
    if PENDING not in labels:
        raise RotationError("NotPending", "the version is not being rotated to: rotate it through Secrets Manager")
    match turn.step:
        case Step.CREATE:
            _create(vault, target, turn)
        case Step.SET:
            target.apply(turn, _pending(vault, turn), vault.with_label(turn.secret, PREVIOUS))
        case Step.TEST:
            target.prove(turn, _pending(vault, turn))
        case Step.FINISH:
            vault.make_current(turn.secret, turn.token, about.version(CURRENT))
    return True


def look_up(vault: Vault, secret: str, region: str) -> About:
    """What is known of a secret that is to be rotated in `region`.

    Raises:
        RotationError: there is none, or it is a replica, which only its original can change.
    """
    try:
        about = vault.about(secret)
    except NotThereError:
        raise RotationError("UnknownSecret", "there is no such secret in this region") from None
    if about.primary not in (None, region):
        raise RotationError("Replica", "a replica changes with its original: rotate that, or promote the replica first")
    return about


def _create(vault: Vault, target: Target, turn: Turn) -> None:
    """Make the next version's values once: a repeated step finds them, and a password set already stays the one."""
    if vault.version(turn.secret, turn.token) is None:
        current = vault.with_label(turn.secret, CURRENT)
        if current is None:
            raise RotationError("NothingCurrent", "the secret has no version in use: write one, then rotate")
        vault.put_pending(turn.secret, turn.token, target.fresh(current))


def _pending(vault: Vault, turn: Turn) -> Values:
    pending = vault.version(turn.secret, turn.token)
    if pending is None:
        raise RotationError("NotCreated", "the version has no values yet: begin with the step createSecret")
    return pending
