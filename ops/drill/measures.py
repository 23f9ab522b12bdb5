"""What a drill has measured, as data. Pure. None stands where there is no data: no data is neither zero nor well.

Times are UTC. Every figure comes from outside: from a client that goes through DNS, and from AWS's own metrics.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from ops.drill.model import Part, Phase

Sight: TypeAlias = Literal["acknowledged", "reads only", "failed"]
Led: TypeAlias = Literal["home", "recovery", "unknown", "nowhere"]


class Recovery(Part):
    """How long the client was without reads, or without writes (RTO).

    `seconds` run from `began` to `back`; None if there is no data, or if they did not come back. Then `waited_seconds`
    says how long the client had gone without when it last tried. `by_phase` is what the drill was doing meanwhile, and
    adds up to `seconds`. `tries` and `failed` count the visits that were looked at. `again_seconds` is what was lost in
    further interruptions after `back`.
    """

    seconds: float | None = None
    began: datetime | None = None
    back: datetime | None = None
    waited_seconds: float | None = None
    by_phase: Mapping[Phase, float] = {}
    tries: int = 0
    failed: int = 0
    again_seconds: float = 0
    how: str


class Rows(Part):
    """Acknowledged rows that were looked for afterwards (RPO): how many are lost, and how much writing that is."""

    lost: int | None = None
    seconds: float | None = None
    acknowledged: int = 0
    found: int | None = None
    sha256: str = ""
    how: str


class Objects(Part):
    """Acknowledged objects that were looked for afterwards.

    `late` came after the first look and before the last; `lost` had not come by the last.
    """

    lost: int | None = None
    late: int | None = None
    acknowledged: int = 0
    found: int | None = None
    sha256: str = ""
    how: str


class Sample(Part):
    """What AWS's metrics said at a moment. A lag below zero means that replication has stopped."""

    at: datetime
    lag_seconds: float | None = None
    lag_side: str = ""
    pending_objects: float | None = None
    pending_bytes: float | None = None
    in_service_home: int | None = None
    in_service_recovery: int | None = None


class Answered(Part):
    """A span in which DNS led the client one way."""

    began: datetime
    ended: datetime
    to: Led
    visits: int


class Seen(Part):
    """A span in which the client could do the same, with the same side answering it (empty: nobody)."""

    began: datetime
    ended: datetime
    sight: Sight
    side: str
    visits: int


class Writing(Part):
    """A span in which one side acknowledged writes."""

    side: str
    first: datetime
    last: datetime
    rows: int


class Writers(Part):
    """How many databases would take a write at once, at most; `checks` is how often that was asked."""

    most: int | None = None
    checks: int = 0
    spans: tuple[Writing, ...] = ()
    how: str


class Walk(Part):
    """When a journey was first walked with success after writes were back, and how long the walk took.

    `seconds` run from the loss or, in a planned move, from the last write of the side that was left.
    """

    seconds: float
    at: datetime
    milliseconds: float | None = None


class Journeys(Part):
    """Each patient journey that was walked again (RTO), by name. One that is missing has no data."""

    walks: Mapping[str, Walk] = {}
    how: str


class Measures(Part):
    """All of them. `origin` is where the time line has its zero: the loss, or the first moment without writes."""

    began: datetime | None = None
    ended: datetime | None = None
    origin: datetime | None = None
    origin_how: str
    reads: Recovery
    writes: Recovery
    rows: Rows
    objects: Objects
    stores_agree: bool | None = None
    samples: tuple[Sample, ...] = ()
    answers: tuple[Answered, ...] = ()
    visits: tuple[Seen, ...] = ()
    writers: Writers
    journeys: Journeys
