"""CloudTrail: every answered call becomes a record; trails deliver what they select, and event history keeps some.

Owns: what is recorded for whom, and when it is delivered: each few minutes, each region's by itself. What happened in a
region is delivered once that region and the bucket's answer. A trail's own files, and their copies in the other region,
are not recorded: they would be told of in the next file, without end. Does not own: what a record says
(`records`), how it is delivered (`deliveries`), and what CloudTrail's API answers (`answers`). Digest
files are not made: only AWS has the key that signs them.
"""

from __future__ import annotations

import json
import random
import string
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ops.sandbox.physics.monitoring.metrics import plain
from ops.sandbox.physics.trail import answers, deliveries, records, selectors, words
from ops.sandbox.physics.trail.identities import Identities, Identity, service, user_name
from ops.sandbox.physics.trail.records import Record, Stamp
from ops.sandbox.physics.trail.words import DATA, FUNCTION

if TYPE_CHECKING:
    from ops.sandbox.physics.trail.calls import Call
    from ops.sandbox.physics.world import World

Listeners: TypeAlias = Sequence[Any]  # moto's trails

MOST_WAITING: Final = 20_000
"""Records that wait for delivery in one region; what comes on top is lost, and the world's events say so."""
MOST_HISTORY: Final = 5_000
"""Management events that event history keeps of a region, where CloudTrail keeps all of 90 days."""
_FILE_RECORDS: Final = 1000
_LETTERS: Final = string.ascii_letters + string.digits
_LAMBDA: Final = "lambda.amazonaws.com"
_S3: Final = "s3.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A management event, as event history keeps it: who by the name that one looks for, and the record as JSON."""

    at: datetime
    user: str
    record: str


class Trails:
    """The trails and the event history of the account."""

    def __init__(self, world: World) -> None:
        """Take the trails that stand; what was before is recorded nowhere."""
        self._world = world
        self._identities = Identities(world)
        self._chance = random.Random(f"{world.seed}/trails")  # noqa: S311 - no secret
        self._waiting: dict[tuple[str, str], list[str]] = {}
        self._history: defaultdict[str, deque[Kept]] = defaultdict(lambda: deque(maxlen=MOST_HISTORY))
        self._delivered: dict[tuple[str, str], datetime] = {}
        self._due = self._next()
        for trail in self.listening():
            trail.status.started = plain(world.now)

    def step(self) -> None:
        """Deliver, if that is due."""
        if self._world.clock.elapsed >= self._due:
            self._due = self._next()
            self.deliver()

    def listening(self) -> Listeners:
        """The trails that log now: asked before a call, which may end one."""
        return tuple(trail for trail in self._all() if trail.status.is_logging)

    def answered(self, call: Call, listeners: Listeners, identity: Identity | None = None) -> None:
        """Record a call that was answered; of the owner of its key unless `identity` says otherwise."""
        if words.is_told(call.service, call.name):
            whose = identity or self._identities.of_key(call.access_key)
            self._take(records.of_call(call, whose, self._stamp(call.request_id)), listeners)

    def served(self, region: str, function_arn: str) -> None:
        """Record that Lambda, which looks at the queues, has invoked a function."""
        resource = {"accountId": self._world.account, "type": FUNCTION, "ARN": function_arn}
        asked = {"functionName": function_arn}
        self._by_service(_LAMBDA, "Invoke", region, service(_LAMBDA), asked, [resource])

    def replicated(self, role_arn: str, region: str, bucket: str, key: str) -> None:
        """Record that S3 has put a replica into a bucket, by the role that the source's rules name."""
        if not any(deliveries.is_of(trail, key) for trail in self.listening()):
            role = self.of_role(role_arn, "s3-replication", invoked_by=_S3)
            asked = {"bucketName": bucket, "key": key}
            found = records.objects(self._world.account, bucket, key)
            self._by_service(_S3, "PutObject", region, role, asked, found)

    def of_role(self, role_arn: str, session: str, *, invoked_by: str = "") -> Identity:
        """Who has taken a role under a session's name."""
        return self._identities.of_role(role_arn, session, invoked_by=invoked_by)

    def deliver(self) -> None:
        """Deliver what can be delivered."""
        for trail in self._all() if self._waiting else ():
            if deliveries.can_take(self._world, trail):
                for arn, region in sorted(self._waiting):
                    if arn == trail.arn and not deliveries.is_dark(self._world, region):
                        self._deliver(trail, region, self._waiting.pop((arn, region)))

    def delivered(self, trail_arn: str, region: str) -> datetime | None:
        """When a trail last delivered what happened in a region."""
        return self._delivered.get((trail_arn, region))

    def history(self, region: str) -> Iterator[Kept]:
        """The management events of a region that event history shows by now, the newest first."""
        delay = self._world.figures.trail_history.high
        for kept in reversed(self._history[region]):
            if (self._world.now - kept.at).total_seconds() >= delay:
                yield kept

    def _next(self) -> float:
        return self._world.clock.elapsed + self._world.draw("trail_delivery")

    def _all(self) -> Iterator[Any]:
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        backends = get_backend("cloudtrail")[self._world.account]
        for region in sorted(backends):
            yield from tuple(backends[region].trails.values())

    def _by_service(
        self,
        by: str,
        name: str,
        region: str,
        identity: Identity,
        asked: Mapping[str, str],
        resources: list[Mapping[str, str]],
    ) -> None:
        """Record a data event that a service of AWS's brings about."""
        listeners = self.listening()
        if listeners:
            stamp = self._stamp()
            found = records.base(stamp, identity=identity, source=by, name=name, region=region, address=by, agent=by)
            found |= {"requestParameters": dict(asked), "responseElements": None}
            self._take(records.ended(found, stamp, category=DATA, reads=False, resources=resources), listeners)

    def _take(self, record: Record, listeners: Listeners) -> None:
        """Keep a record for the trails that select it, and for event history."""
        line, region = "", str(record["awsRegion"])
        for trail in listeners:
            if _hears(trail, record):
                line = line or _line(record)
                self._wait(trail.arn, region, line)
        if record["managementEvent"]:
            user = user_name(record["userIdentity"])
            self._history[region].append(Kept(at=self._world.now, user=user, record=line or _line(record)))

    def _wait(self, arn: str, region: str, line: str) -> None:
        waiting = self._waiting.setdefault((arn, region), [])
        if len(waiting) < MOST_WAITING:
            waiting.append(line)
        else:
            self._world.happened("trail-overflowed", trail=arn, region=region)

    def _deliver(self, trail: Any, region: str, lines: Sequence[str]) -> None:  # noqa: ANN401 - moto's own
        for start in range(0, len(lines), _FILE_RECORDS):
            unique = "".join(self._chance.choices(_LETTERS, k=16))
            deliveries.put(self._world, trail, region, lines[start : start + _FILE_RECORDS], unique)
        self._delivered[trail.arn, region] = self._world.now

    def _stamp(self, request_id: str = "") -> Stamp:
        event_id = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        account = self._world.account
        return Stamp(account=account, at=self._world.now, event_id=event_id, request_id=request_id or event_id)


def installed(world: World) -> AbstractContextManager[None]:
    """Until the block ends, moto's CloudTrail tells of what these laws record."""
    return answers.installed(world)


def _hears(trail: Any, record: Record) -> bool:  # noqa: ANN401 - moto's own
    """Whether a trail records an event: of its region, or of all, and by its selectors."""
    is_global = words.is_global(record["eventSource"])
    if is_global and not trail.include_global_service_events:
        return False
    here = trail.is_multi_region or is_global or record["awsRegion"] == trail.region_name
    return here and selectors.selects(trail.event_selectors, trail.advanced_event_selectors, record)


def _line(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"), default=str)
