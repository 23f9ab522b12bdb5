"""The journal of a run: one JSON object a line, each with the hash of the one before it.

It owns the file: that it has one writer, that an entry is on disk before anything follows from it, and that a change
made to it afterwards is told. It does not own what the entries mean.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from ops import files
from ops.drill.model import canonical, digest

Entry: TypeAlias = Mapping[str, Any]
FIRST: Final = "0" * 64
"""What the first entry has in place of the hash of the one before it."""
LAST: Final = frozenset({"end", "abort"})
_KEYS: Final = {"seq", "at", "kind", "data", "previous", "hash"}
_MODE: Final = 0o600


def unwatched(_entry: Entry) -> None:
    """Nobody looks on."""


class JournalError(Exception):
    """A journal that cannot be written or gone on with; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong at a line, counted from 1, and the rule that it breaks."""

    line: int
    rule: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a journal's file shows. `seal` is the hash of its last entry: whoever has kept it can tell any change."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    complete: bool
    seal: str
    half: int

    @property
    def sound(self) -> bool:
        """Whether nothing in it was changed."""
        return not self.problems


class Journal:
    """The journal at a path, open for its one writer. Use as a context."""

    def __init__(self, path: Path, now: Callable[[], datetime], watch: Callable[[Entry], None] = unwatched) -> None:
        """Open the journal at `path`, or begin it; entries are dated by `now`, and `watch` is told of each new one.

        A last line that a kill has left half-written is taken away, and that is noted: nothing followed from it.

        Raises:
            JournalError: another process writes it, it was changed, or the file cannot be used.
        """
        self.path: Final = path
        self._now = now
        self._watch = watch
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}; a drill is not run without its journal") from None
        try:
            self._entries, self._seal = self._opened()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        """Nothing more."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the file."""
        os.close(self._file)

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, oldest first: a view that grows with the journal."""
        return self._entries

    @property
    def seal(self) -> str:
        """The hash of the last entry."""
        return self._seal

    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add an entry; it is on disk when this returns.

        Raises:
            JournalError: it cannot be written.
        """
        entry = {
            "seq": len(self._entries) + 1,
            "at": self._now().isoformat(timespec="milliseconds"),
            "kind": kind,
            "data": dict(data),
            "previous": self._seal,
        }
        entry["hash"] = digest(entry)
        line = f"{canonical(entry)}\n"
        try:
            _write(self._file, line.encode())
            os.fsync(self._file)
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror}; make room, then resume the drill") from None
        self._entries.append(json.loads(line))
        self._seal = str(entry["hash"])
        self._watch(self._entries[-1])

    def _opened(self) -> tuple[list[Entry], str]:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"{self.path} is being written by another process; wait until it has ended") from None
        found = verify(self.path)
        if found.problems:
            first = found.problems[0]
            raise JournalError(
                f"{self.path}: line {first.line} breaks the rule '{first.rule}': {first.text}. A journal that was "
                f"changed is not gone on with; keep it as it is, and begin a new drill"
            )
        if found.half:
            os.ftruncate(self._file, os.fstat(self._file).st_size - found.half)
            self._entries, self._seal = list(found.entries), found.seal
            self.append("recovered", {"bytes": found.half})
            return self._entries, self._seal
        _sync_folder(self.path.parent)
        return list(found.entries), found.seal


def verify(path: Path, seal: str = "") -> Verification:
    """What the journal at `path` shows, and whether its last entry is the one with the hash `seal`, if given.

    A half-written last line is no change: it is counted in `half`, in bytes. Entries cut off at the end leave a journal
    that is not complete; only a `seal` that was kept elsewhere tells how it ended.

    Raises:
        OSError: the file cannot be read.
    """
    content = files.read(path)
    *lines, rest = content.split(b"\n")
    entries: list[Entry] = []
    problems: list[Problem] = []
    previous = FIRST
    for number, line in enumerate(lines, start=1):
        entry = _parsed(line)
        if entry is None:
            problems.append(Problem(line=number, rule="form", text="it is not an entry as a drill writes it"))
            continue
        problems += _broken(entry, number, previous)
        previous = entry["hash"]
        entries.append(entry)
    if entries and next((entry["kind"] for entry in entries if entry["kind"] != "recovered"), "begin") != "begin":
        problems.append(
            Problem(line=1, rule="begin", text="a journal begins with what is carried out; that is missing")
        )
    if seal and seal != previous:
        text = f"the last entry has the hash {previous[:12]}..., and {seal[:12]}... was kept: entries were cut off"
        problems.append(Problem(line=max(len(lines), 1), rule="seal", text=text))
    complete = bool(entries) and entries[-1]["kind"] in LAST and not rest and not problems
    return Verification(
        entries=tuple(entries), problems=tuple(problems), complete=complete, seal=previous, half=len(rest)
    )


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The entry in `line`; None if it is none, or not written as `Journal` writes it."""
    try:
        found = json.loads(line)
        fits = isinstance(found, dict) and set(found) == _KEYS and canonical(found).encode() == line
    except (ValueError, RecursionError):
        return None
    if not fits or not isinstance(found["data"], dict):
        return None
    texts = (found["at"], found["kind"], found["previous"], found["hash"])
    return found if all(isinstance(text, str) for text in texts) else None


def _broken(entry: dict[str, Any], line: int, previous: str) -> list[Problem]:
    found = []
    if entry["seq"] != line:
        found.append(("sequence", f"it is entry {entry['seq']}, and entry {line} belongs here"))
    if entry["previous"] != previous:
        found.append(("link", "it does not follow from the line before: one was edited, removed, inserted or moved"))
    if entry["hash"] != digest({key: value for key, value in entry.items() if key != "hash"}):
        found.append(("hash", "its content is not what was hashed when it was written"))
    return [Problem(line=line, rule=rule, text=text) for rule, text in found]


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync_folder(folder: Path) -> None:
    """Make the file's name last as its content does."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
