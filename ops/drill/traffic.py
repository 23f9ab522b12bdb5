"""The user of a drill: resolves the cell's name, reads, and writes the next marker, over and over.

It owns what a client saw, in the order in which it was seen, and nothing of what that means: `ops.drill.measure` says
how long reads and writes were away. It asks nobody but the name and whoever the name leads to, as a patient's browser
does; it never asks a region's API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Literal, TypeAlias

from domain import markers
from ops.drill.site import Site, UnreachableError

CLIENT: Final = "user"
"""What this client is called where names are resolved; it has a cache of its own."""

KIND: Final = "client"
READY: Final = "/readyz"
SideSeen: TypeAlias = Literal["home", "recovery", ""]
StatusSeen: TypeAlias = Literal["ready", "read-only", ""]


@dataclass(frozen=True, kw_only=True)
class Try:
    """One visit of the client: where it was led, who answered, and what it could do there.

    `number` is the marker's. `at` is when the visit ended, so what is acknowledged was acknowledged by then. `side` is
    empty if nobody answered or the answer did not say. `row` and `object` are true only if the application said so.
    """

    number: int
    at: datetime
    address: str = ""
    cached: bool = False
    side: SideSeen = ""
    read: bool = False
    status: StatusSeen = ""
    row: bool = False
    object: bool = False
    text: str = ""


class Traffic:
    """The client of one run. What it did before is `tries`; each visit is recorded as one journal entry."""

    def __init__(
        self, site: Site, cell_domain: str, run: str, every_seconds: int, record: Callable[[str, dict[str, Any]], None]
    ) -> None:
        """Visit `cell_domain` of `site` every `every_seconds`, with markers of `run`.

        Raises:
            ValueError: the run's name is none that the application takes, or the interval is below a second.
        """
        markers.path(run)
        if every_seconds < 1:
            raise ValueError(f"a visit every {every_seconds} s is out of range; give 1 s or more")
        self._site = site
        self._name = cell_domain
        self._run = run
        self._every = timedelta(seconds=every_seconds)
        self._record = record
        self._tries: list[Try] = []
        self._due: datetime | None = None

    @property
    def tries(self) -> Sequence[Try]:
        """All visits, oldest first."""
        return tuple(self._tries)

    def tick(self) -> None:
        """Visit once if a marker is due, else nothing. Whatever fails is recorded, never raised."""
        began = self._site.now()
        if self._due is not None and began < self._due:
            return
        number = self._tries[-1].number + 1 if self._tries else 1
        seen = replace(self._visit(number), at=self._site.now())
        self._due = began + self._every
        self._tries.append(seen)
        self._record(KIND, as_data(seen))

    def restore(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take the visits of a journal's `entries` as one's own, in place of those made so far.

        A marker that was written but whose entry was lost is written again under the same number, which the
        application takes: it was never counted as acknowledged.
        """
        self._tries = tries_of(entries)
        self._due = self._tries[-1].at + self._every if self._tries else None

    def acknowledged(self, until: datetime | None = None, since: datetime | None = None) -> list[Try]:
        """Visits whose row was acknowledged: by `until` (included) and after `since` (excluded), where given."""
        return [
            seen
            for seen in self._tries
            if seen.row and (until is None or seen.at <= until) and (since is None or seen.at > since)
        ]

    def _visit(self, number: int) -> Try:
        seen = Try(number=number, at=self._site.now())
        try:
            answer = self._site.resolve(CLIENT, self._name)
            seen = replace(seen, address=answer.address, cached=answer.cached)
            seen = self._read(seen)
            return self._write(seen)
        except UnreachableError as error:
            # An address that does not answer a read is not asked to write: it would only cost another time-out.
            return replace(seen, text=str(error))

    def _read(self, seen: Try) -> Try:
        reply = self._site.send(CLIENT, seen.address, "GET", READY)
        read = reply.status == HTTPStatus.OK
        text = "" if read else f"reads: HTTP {reply.status}"
        status = _status(reply.body.get("status")) if read else ""
        return replace(seen, side=_side(reply.body.get("side")), read=read, status=status, text=text)

    def _write(self, seen: Try) -> Try:
        path, body = markers.path(self._run, seen.number), markers.content(self._run, seen.number)
        reply = self._site.send(CLIENT, seen.address, "PUT", path, body)
        side = _side(reply.body.get("side")) or seen.side
        if reply.status != HTTPStatus.CREATED:
            said = f"writes: HTTP {reply.status}"
            return replace(seen, side=side, text="; ".join(filter(None, (seen.text, said))))
        if reply.body.get("sha256") != markers.checksum(body):
            return replace(seen, side=side, text="writes: the checksum answered is not that of what was sent")
        row, kept = reply.body.get("row") is True, reply.body.get("object") is True
        return replace(seen, side=side, row=row, object=kept)


def as_data(seen: Try) -> dict[str, Any]:
    """`seen` as a journal keeps it."""
    return {**asdict(seen), "at": seen.at.isoformat(timespec="milliseconds")}


def tries_of(entries: Iterable[Mapping[str, Any]]) -> list[Try]:
    """The visits that a journal's `entries` hold, oldest first."""
    return [_from_data(dict(entry["data"])) for entry in entries if entry["kind"] == KIND]


def _from_data(data: dict[str, Any]) -> Try:
    when = datetime.fromisoformat(data.pop("at"))
    return Try(at=when, **data)


def _side(found: object) -> SideSeen:
    return "home" if found == "home" else "recovery" if found == "recovery" else ""


def _status(found: object) -> StatusSeen:
    return "ready" if found == "ready" else "read-only" if found == "read-only" else ""
