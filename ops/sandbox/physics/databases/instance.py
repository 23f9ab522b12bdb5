"""One database instance as it is in truth: its rows, how far it has come, its fence, what it passes through.

Stands beside moto's own object, which holds what the API shows. Does not own: what other instances and the rest of the
world have to do with it, which `databases` decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ops.sandbox.physics.databases import links
from ops.sandbox.physics.databases.course import ANSWERING, AVAILABLE, PASSING, REBOOTING, RENAMING, Course
from ops.sandbox.physics.databases.positions import Pace, Position, Row, come
from ops.sandbox.physics.databases.storage import Storage
from ops.sandbox.physics.faults import Active

_FENCE: Final = "read_only"
_FENCED: Final = "1"  # RDS takes 0, 1 and {TrueIfReplica}, which is the default
_AT_REBOOT: Final = "pending-reboot"
_STILL: Final = frozenset({REBOOTING, RENAMING, "stopped", "deleting"})  # in which a replica does not apply


class Instance:
    """An instance, from what moto keeps of it."""

    def __init__(self, record: Any, now: float) -> None:  # noqa: ANN401 - moto's instance, loaded later
        """Take `record` as it stands: its parameters are in force, and nothing is under way."""
        links.separate(record)
        if record.status in PASSING:
            record.status = AVAILABLE
        self.record = record
        self.rows: list[Row] = []
        self.source: Instance | None = None
        self.position: Position | None = None
        self.pace: Pace | None = None
        self.promoting = False
        self.backed_up: float | None = None
        self.storage = Storage(int(record.allocated_storage))
        # The fault that has filled it last: each does so once.
        self.filled_by: Active | None = None
        self._written = now
        self._copied = 0
        self._course: Course | None = None
        self._finish: Callable[[], None] | None = None
        self._due: float | None = None
        self.fenced = self._wanted()

    @property
    def region(self) -> str:
        """Where it is."""
        return links.key(self.record)[0]

    @property
    def identifier(self) -> str:
        """What RDS calls it now."""
        return links.key(self.record)[1]

    @property
    def status(self) -> str:
        """Its status in the words of RDS."""
        return str(self.record.status)

    @property
    def answers(self) -> bool:
        """Whether a client that reaches it can connect."""
        return self.status in ANSWERING

    @property
    def applies(self) -> bool:
        """Whether it is a replica that applies what it receives."""
        return self.source is not None and not self.promoting and self.status not in _STILL

    @property
    def writable(self) -> bool:
        """Whether it would take a write from a client that reaches it."""
        return self.answers and not self.record.is_replica and not self.fenced

    @property
    def written(self) -> float:
        """How far its own writing has come: what a replica of it could have received."""
        return self.position.applied if self.position else self._written

    def write(self, row: Row) -> None:
        """Take a row."""
        self.rows.append(row)
        self._written = row.at

    def load(self, now: float) -> None:
        """It has been written to until `now`."""
        self._written = now

    def follow(self, source: Instance) -> None:
        """Become a replica of `source` that has all that is in it."""
        self.source = source
        self.rows = list(source.rows)
        self._copied = len(source.rows)
        self.position = Position(received=source.written, applied=source.written)

    def lead(self, now: float) -> None:
        """Become a primary with the rows that were applied."""
        self.source = None
        self.position = None
        self.promoting = False
        self._written = now

    def apply(self, *, now: float, connected: bool, pace: Pace, seconds: float) -> None:
        """Receive and apply what the source has written."""
        if self.source is None or self.position is None:
            return
        self.position = self.position.moved(
            now=now, written=self.source.written, connected=connected, pace=pace, seconds=seconds
        )
        count = come(self.source.rows, self._copied, self.position.applied)
        self.rows += self.source.rows[self._copied : count]
        self._copied = count

    def pass_through(self, course: Course, now: float, finish: Callable[[], None] | None = None) -> None:
        """Begin `course`; `finish` is called when it is over."""
        self._course, self._finish = course, finish
        self.record.status = course.status(now) or AVAILABLE

    def pass_time(self, now: float) -> None:
        """Be in the status that is due. With a restart, all parameters are in force."""
        if self._course is None:
            return
        status = self._course.status(now)
        if self.status == REBOOTING and status != REBOOTING:
            self.fenced = self._wanted()
        self.record.status = status or AVAILABLE
        if status is None:
            finish, self._course, self._finish = self._finish, None, None
            if finish:
                finish()

    def settle_parameters(self, now: float, delay: Callable[[], float]) -> bool:
        """Put the fence that its parameter group asks for in force after `delay()` seconds; whether that was now."""
        if self.parameter_status != "applying":
            self._due = None
            return False
        if self._due is None:
            self._due = now + delay()
        if now < self._due:
            return False
        self._due = None
        self.fenced = not self.fenced
        return True

    @property
    def parameter_status(self) -> str:
        """What RDS says of its parameter group: `in-sync`, `applying` or `pending-reboot`."""
        if self._wanted() == self.fenced:
            return "in-sync"
        return _AT_REBOOT if self._parameter().get("ApplyMethod") == _AT_REBOOT else "applying"

    def _wanted(self) -> bool:
        return self._parameter().get("ParameterValue") == _FENCED

    def _parameter(self) -> dict[str, str]:
        """The fence in its parameter group; the group itself may be the default one, which has none."""
        (group,) = self.record.db_parameter_groups()
        return group.parameters.get(_FENCE) or {}
