"""The cache's token: ElastiCache holds two at a time, so that the one in use stays good beside the next.

`ROTATE` adds a token, and `SET` leaves only the one given. So a rotation first drops the token before the one in use,
if it still opens the cache, and then adds the next. Which ones open it is asked of the cache itself: ElastiCache tells
nobody, and a step that is repeated finds out where it was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from functions.rotation.accounts import password
from functions.rotation.faults import RotationError
from functions.rotation.steps import Turn
from functions.rotation.vault import CURRENT, Values, Vault

LENGTH: Final = 64  # ElastiCache takes 16 to 128
WAIT_SECONDS: Final = 10
_STEADY: Final = "available"


class Tokens(Protocol):
    """What changes a cache's tokens, and what they open."""

    def status(self) -> str:
        """ElastiCache's word for how the cache is: only one that is available takes a change."""
        ...

    def change(self, token: str, strategy: str) -> None:
        """Order a change: `ROTATE` adds the token, `SET` makes it the only one."""
        ...

    def opens(self, token: str) -> bool:
        """Whether the cache lets a new connection in with this token."""
        ...


class Token:
    """The cache's secret, as `steps.Target`. `sleep` waits seconds, `left` says how many this call still has."""

    def __init__(self, tokens: Tokens, vault: Vault, sleep: Callable[[float], None], left: Callable[[], float]) -> None:
        """Change the tokens of one cache."""
        self._tokens = tokens
        self._vault = vault
        self._sleep = sleep
        self._left = left

    def fresh(self, current: Values) -> Mapping[str, str]:  # noqa: ARG002 - a database's account needs it
        """A new token."""
        return {"token": password(LENGTH)}

    def apply(self, turn: Turn, pending: Values, previous: Values | None) -> None:
        """Let the pending token in beside the current one, which stays."""
        current = self._vault.with_label(turn.secret, CURRENT)
        if self._tokens.opens(pending["token"]):
            return
        if current is None or not self._tokens.opens(current["token"]):
            raise RotationError(
                "CurrentDenied",
                "the token in use does not open the cache: SET it by ModifyReplicationGroup, then rotate",
            )
        if previous and previous["token"] != current["token"] and self._tokens.opens(previous["token"]):
            self._change(current["token"], "SET", lambda: not self._tokens.opens(previous["token"]))
        self._change(pending["token"], "ROTATE", lambda: self._tokens.opens(pending["token"]))

    def prove(self, turn: Turn, pending: Values) -> None:
        """Try the pending token, and that the current one still opens: nobody may be shut out."""
        current = self._vault.with_label(turn.secret, CURRENT)
        for values in (pending, current):
            if values is not None and not self._tokens.opens(values["token"]):
                raise RotationError("NotLetIn", "the cache does not take both tokens: rotate again from the start")

    def _change(self, token: str, strategy: str, done: Callable[[], bool]) -> None:
        self._wait(lambda: self._tokens.status() == _STEADY)
        self._tokens.change(token, strategy)
        self._wait(lambda: done() and self._tokens.status() == _STEADY)

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            if self._left() < 2 * WAIT_SECONDS:
                raise RotationError("CacheBusy", "the cache was not ready in time: Secrets Manager tries again")
            self._sleep(WAIT_SECONDS)
