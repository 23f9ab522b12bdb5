"""Whether a visitor is who may: a role in our own account, as AWS STS says. There is no secret in it.

A visitor cannot make us ask STS without end: a claim of the wrong form costs nothing, only a few are asked about at a
time, and a yes is remembered for as long as the claim lasts, at most a minute.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from service import claim, logs, sts
from service.claim import Claim
from service.config import Callers, Drill
from service.failures import Failure, Reason

KEEP_SECONDS: Final = 60.0
"""Longest time for which a yes is remembered."""

BOUND_SECONDS: Final = 2.0
"""Longest time that a visitor waits for STS's word."""

AT_A_TIME: Final = 4
"""Questions to STS under way; a further one is not put, so that strangers cannot make us busy."""

_LOG: Final = logging.getLogger(__name__)

Ask = Callable[[Claim, str], str]
"""Asks STS about a claim for a cell, and returns the caller's ARN or raises Failure."""


class Verdict(StrEnum):
    """What a claim is worth."""

    ADMITTED = "admitted"
    UNKNOWN = "unknown"
    """No claim, or one that STS is not asked about."""
    REFUSED = "refused"
    UNCHECKED = "unchecked"
    """STS could not say, or was not asked because too many questions are under way. The same claim may be good."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Questions under way at most, and claims remembered at most."""

    at_a_time: int = AT_A_TIME
    remembered: int = 64


@dataclass(frozen=True)
class Judgement:
    """What a claim is worth, and the role that made it if it was admitted."""

    verdict: Verdict
    role: str = ""


_REFUSED: Final = Judgement(Verdict.REFUSED)
_UNCHECKED: Final = Judgement(Verdict.UNCHECKED)


class Identity:
    """Judges claims. Belongs to one event loop."""

    def __init__(self, cell: str, who: Drill | Callers, ask: Ask = sts.caller, limits: Limits | None = None) -> None:
        """Keep for which cell claims must be made, and by whom."""
        self._limits = limits or Limits()
        self._cell = cell
        self._regions = who.regions
        self._caller = re.compile(
            rf"arn:aws:sts::{who.account_id}:assumed-role/(?P<role>{who.roles})/(?P<session>[A-Za-z0-9_+=,.@-]{{2,64}})"
        )
        self._ask = ask
        self._threads = ThreadPoolExecutor(max_workers=self._limits.at_a_time, thread_name_prefix="identity")
        self._under_way = 0
        self._questions: dict[str, asyncio.Future[str | None]] = {}
        self._good: dict[str, tuple[str, float]] = {}

    async def judge(self, header: str | None) -> Verdict:
        """Return what the header is worth."""
        return (await self.judged(header)).verdict

    async def judged(self, header: str | None) -> Judgement:
        """Return what the header is worth, and whose it is."""
        name = hashlib.sha256((header or "").encode()).hexdigest()
        role = self._remembered(name)
        if role:
            return Judgement(Verdict.ADMITTED, role)
        claimed = claim.read(header or "", self._regions)
        if claimed is None:
            return Judgement(Verdict.UNKNOWN)
        seconds = (claimed.ends - datetime.now(UTC)).total_seconds()
        if seconds <= 0:
            return _REFUSED
        found = await self._joined(name, claimed)
        if not found:
            return _UNCHECKED if found is None else _REFUSED
        role = found
        self._forget_old()
        if len(self._good) < self._limits.remembered:
            self._good[name] = role, time.monotonic() + min(seconds, KEEP_SECONDS)
        return Judgement(Verdict.ADMITTED, role)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _remembered(self, name: str) -> str:
        role, until = self._good.get(name, ("", 0.0))
        return role if time.monotonic() < until else ""

    def _forget_old(self) -> None:
        now = time.monotonic()
        self._good = {known: good for known, good in self._good.items() if now < good[1]}

    async def _joined(self, name: str, claimed: Claim) -> str | None:
        """Return the role, by the question that is under way about this claim if there is one.

        Empty if the claim is refused, None if nobody could say.
        """
        question = self._questions.get(name)
        if question is None:
            if self._under_way >= self._limits.at_a_time:
                return None
            self._under_way += 1
            asked = asyncio.get_running_loop().run_in_executor(self._threads, self._asked, claimed)
            # The place is free when the question has ended, however long that takes; the visitor does not wait for it.
            asked.add_done_callback(self._ended)
            question = self._questions[name] = asyncio.ensure_future(_bounded(asked))
            question.add_done_callback(lambda _: self._questions.pop(name))
        return await asyncio.shield(question)  # a visitor who leaves ends no other's question

    def _ended(self, _: asyncio.Future[str | None]) -> None:
        self._under_way -= 1

    def _asked(self, claimed: Claim) -> str | None:
        try:
            arn = self._ask(claimed, self._cell)
        except Failure as failure:
            refused = failure.reason is Reason.REFUSED
            word = "identity refused" if refused else "identity unchecked"
            logs.event(_LOG, word, reason=failure.reason, detail=failure.detail)
            return "" if refused else None
        found = self._caller.fullmatch(arn)
        if found is None:
            logs.event(_LOG, "identity refused", reason="another role")
            return ""
        logs.event(_LOG, "identity admitted", session=found["session"])
        return found["role"]


async def _bounded(asked: asyncio.Future[str | None]) -> str | None:
    done, _ = await asyncio.wait({asked}, timeout=BOUND_SECONDS)
    return asked.result() if done else None
