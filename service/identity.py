"""Whether a visitor is a drill: the one role that may, in our own account, as AWS STS says. There is no secret in it.

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
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from service import claim, logs, sts
from service.claim import Claim
from service.config import Drill
from service.failures import Failure

KEEP_SECONDS: Final = 60.0
"""Longest time for which a yes is remembered."""

BOUND_SECONDS: Final = 2.0
"""Longest time that a visitor waits for STS's word."""

AT_A_TIME: Final = 4
"""Questions to STS under way; a further one is refused, so that strangers cannot make us busy."""

_MOST_REMEMBERED: Final = 64
_LOG: Final = logging.getLogger(__name__)

Ask = Callable[[Claim, str], str]
"""Asks STS about a claim for a cell, and returns the caller's ARN or raises Failure."""


class Verdict(StrEnum):
    """What a claim is worth."""

    ADMITTED = "admitted"
    UNKNOWN = "unknown"
    """No claim, or one that STS is not asked about."""
    REFUSED = "refused"


class Identity:
    """Judges claims. Belongs to one event loop."""

    def __init__(self, cell: str, drill: Drill, ask: Ask = sts.caller) -> None:
        """Keep for which cell claims must be made, and by whom."""
        self._cell = cell
        self._regions = drill.regions
        self._caller = re.compile(
            rf"arn:aws:sts::{drill.account_id}:assumed-role/{re.escape(drill.role_name)}/(?P<session>[A-Za-z0-9_+=,.@-]{{2,64}})"
        )
        self._ask = ask
        self._threads = ThreadPoolExecutor(max_workers=AT_A_TIME, thread_name_prefix="identity")
        self._under_way = 0
        self._good_until: dict[str, float] = {}

    async def judge(self, header: str | None) -> Verdict:
        """Return what the header is worth."""
        claimed = claim.read(header or "", self._regions)
        if claimed is None:
            return Verdict.UNKNOWN
        seconds = (claimed.ends - datetime.now(UTC)).total_seconds()
        if seconds <= 0:
            return Verdict.REFUSED
        name = hashlib.sha256(claimed.target.encode()).hexdigest()
        if self._remembered(name):
            return Verdict.ADMITTED
        if self._under_way >= AT_A_TIME or not await self._is_drill(claimed):
            return Verdict.REFUSED
        if len(self._good_until) < _MOST_REMEMBERED:
            self._good_until[name] = time.monotonic() + min(seconds, KEEP_SECONDS)
        return Verdict.ADMITTED

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _remembered(self, name: str) -> bool:
        now = time.monotonic()
        self._good_until = {known: until for known, until in self._good_until.items() if now < until}
        return name in self._good_until

    async def _is_drill(self, claimed: Claim) -> bool:
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._asked, claimed)
        # The place is free when the question has ended, however long that takes; the visitor does not wait for it.
        future.add_done_callback(self._ended)
        done, _ = await asyncio.wait({future}, timeout=BOUND_SECONDS)
        return bool(done) and future.result()

    def _ended(self, _: asyncio.Future[bool]) -> None:
        self._under_way -= 1

    def _asked(self, claimed: Claim) -> bool:
        try:
            arn = self._ask(claimed, self._cell)
        except Failure as failure:
            logs.event(_LOG, "identity refused", reason=failure.reason, detail=failure.detail)
            return False
        found = self._caller.fullmatch(arn)
        if found is None:
            logs.event(_LOG, "identity refused", reason="another role")
            return False
        logs.event(_LOG, "identity admitted", session=found["session"])
        return True
