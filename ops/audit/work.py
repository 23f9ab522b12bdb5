"""What `python -m ops audit` does: reads the evidence where it can be had, and says what it could not see.

Owns: which source is used, and what makes an answer whole. Files come first, home's or, if that cannot be read,
recovery's copy; event history adds what no file holds yet. Does not own: how either is read, and how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from domain.regions import GLOBAL_REGION
from ops.audit import coverage, history, place, status
from ops.audit.answer import LIMIT, Answer
from ops.audit.coverage import DELIVERY, Files
from ops.audit.files import Folder, Seen
from ops.audit.history import Looked
from ops.audit.place import Place
from ops.audit.question import Question
from ops.audit.status import Status
from ops.audit.times import TimeError, period, told
from ops.drill.calls import ActionError, DeniedError
from ops.drill.site import UnreachableError
from ops.refusal import RefusalError


class Source(StrEnum):
    """What is read."""

    AUTO = "auto"
    BUCKET = "bucket"
    EVENTS = "events"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line asks; `limit` is None if it does not say."""

    cell: str
    folder: Path
    question: Question
    since: str
    until: str | None
    source: Source
    limit: int | None
    aws: bool
    profile: str | None


def answer(asked: Asked) -> Answer:
    """The answer to what is asked.

    Raises:
        RefusalError: it cannot be asked so, or whoever asks may not.
    """
    try:
        where = place.find(asked.cell, folder=asked.folder, aws=asked.aws, profile=asked.profile)
        return gathered(where, asked)
    except TimeError as error:
        raise RefusalError(str(error)) from None
    except DeniedError as error:
        asked_for = str(error).partition(";")[0]
        raise RefusalError(f"{asked_for}; take the auditor's role, which may read evidence, with --profile") from None
    except ActionError as error:
        raise RefusalError(str(error)) from None


def gathered(where: Place, asked: Asked) -> Answer:
    """The answer from a place.

    Raises:
        TimeError: the times that are asked for cannot be meant.
        DeniedError: whoever asks may not.
    """
    times = period(asked.since, asked.until, where.now)
    question = replace(asked.question, buckets=where.buckets)
    found = Answer(
        cell=where.cell,
        place=where.name,
        period=times,
        question=question,
        limit=asked.limit or LIMIT,
        covered=times.since,
    )
    trail = status.ask(where)
    found.gaps += trail.gaps(times.since, min(times.until, where.now))
    kept_since = where.now - timedelta(days=where.kept_days)
    if times.since < kept_since:
        found.gaps.append(
            f"evidence is kept for {where.kept_days} days: nothing is left from before {told(kept_since)}"
        )
    files = Files(side="", seen=Seen())
    if asked.source is not Source.EVENTS:
        files = _read_files(where, trail, found)
        coverage.judge(where, trail, files, found)
    if asked.source is not Source.BUCKET:
        _look_up(where, trail, files, found)
    elif not trail.management:
        found.gaps.append(
            "this trail leaves management events to the stack that owns the account: --source auto asks event history"
        )
    if not files.side:
        found.gaps.append("no file was read, and event history has no data events: who touched objects is not seen")
    if question.narrow and asked.limit is None and found.matched > found.limit:
        found.gaps.append(
            f"{found.matched} events match and the latest {found.limit} are shown: add --limit {found.matched}"
        )
    return found


def _read_files(where: Place, trail: Status, found: Answer) -> Files:
    """Read home's files or, if they cannot be read, recovery's copy."""
    for side, region in where.sides.items():
        seen, bucket = Seen(), where.bucket(side)
        folder = Folder(client=where.client("s3", region), bucket=bucket, prefix=trail.prefix, account=where.account)
        try:
            for event in folder.events(found.period, seen):
                found.take(event)
        except DeniedError:
            raise
        except (UnreachableError, ActionError) as error:
            found.notes.append(f"{side}'s evidence cannot be read: {error}")
            continue
        if side != "home":
            found.notes.append(f"answered from {side}'s copy, which is replicated from home")
        found.sources.append(f"{seen.files} files of {bucket} in {region} ({side})")
        found.gaps += seen.unreadable
        return Files(side=side, seen=seen)
    found.gaps.append("the evidence can be read on no side")
    return Files(side="", seen=Seen())


def _look_up(where: Place, trail: Status, files: Files, found: Answer) -> None:
    """Add what event history knows and no file holds."""
    oldest = where.now - history.KEPT
    if found.period.since < oldest and not (files.side and trail.management):
        found.gaps.append(
            f"event history is kept for {history.KEPT.days} days: it has nothing from before {told(oldest)}"
        )
    for region in dict.fromkeys((*where.sides.values(), GLOBAL_REGION)):
        since = max(found.period.since, oldest)
        if files.side and trail.management:
            since = max(since, files.seen.newest.get(region, since) - DELIVERY)
        if since >= found.period.until:
            continue
        state = trail.regions.get(region)
        if state and not state.answers:  # asking once more would only take time
            found.gaps.append(f"event history of {region} was not seen: {state.error}")
            continue
        looked, new = Looked(), 0
        try:
            for event in history.look_up(where.client("cloudtrail", region), since, found.period.until, looked):
                new += found.take(event)
        except (UnreachableError, ActionError) as error:
            told_of = found.notes if region not in where.sides.values() and trail.management else found.gaps
            told_of.append(f"event history of {region} was not seen: {error}")
            continue
        found.sources.append(f"event history of {region} since {told(since)}: {new} more")
        if looked.cut:
            found.gaps.append(f"event history of {region} has more than was read; ask for a shorter time")
        if looked.bad:
            found.gaps.append(f"event history of {region} holds {looked.bad} events that are none of CloudTrail's form")
