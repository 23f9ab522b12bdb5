"""What answers behind a side's load balancer: the service, simulated.

It keeps the contract of `domain.markers` and answers as the real service does (`service.app`, `service.continuity`),
but asks nobody who they are. It uses its own side's database, bucket, key and secrets, and nothing of the other side's.
It owns no data: rows are with `databases`, objects with `objects`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from domain import markers
from domain.manifest import Side
from ops.sandbox.physics import journeys, sides
from ops.sandbox.physics.databases.databases import DatabaseGoneError, ReadOnlyError
from ops.sandbox.physics.journeys import Journeys
from ops.sandbox.physics.objects.objects import ObjectsGoneError
from ops.sandbox.physics.sides import Found

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

Answer: TypeAlias = tuple[int, dict[str, Any]]

_PROBE: Final = "probe"
_MILLISECONDS: Final = 1000
# A role as `Databases.role` calls it, and as the service does.
_ROLES: Final = {"writer": "writer", "read-only": "reader"}
_MARKERS: Final = re.compile(rf"{re.escape(markers.PATH)}/(?P<run>[^/]+)(?:/(?P<number>[^/]+))?")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")
_PAGE: Final = 250  # as `service.markers` bounds an answer


class ApplicationGoneError(Exception):
    """Nobody answered at an address; the message says which one and why."""


class Application:
    """The application of all sides, by the address of a side's load balancer."""

    def __init__(self, world: World) -> None:
        """Answer from now on."""
        self._world = world
        self._journeys: Final = Journeys()
        self._share: defaultdict[tuple[str, str], float] = defaultdict(float)

    def step(self) -> None:
        """Nothing is ever due: it only answers."""

    def request(self, address: str, method: str, path: str, body: str = "", *, caller: str = "") -> Answer:
        """The status and JSON that whoever asks the load balancer at `address` is given.

        A `caller` that says who it is has its own share of the errors of a region in trouble.

        Raises:
            ApplicationGoneError: its region is dark, or no instance is healthy.
        """
        status, answer = self._asked(address, method, path, body, caller=caller or method)
        return int(status), answer

    def probe(self, address: str, path: str) -> int:
        """The status that a health check of `path` is given.

        Raises:
            ApplicationGoneError: as for a request.
        """
        status, _ = self._asked(address, "GET", path, "", caller=_PROBE)
        return int(status)

    def _asked(self, address: str, method: str, path: str, body: str, *, caller: str) -> Answer:
        found = sides.find(self._world, address)
        if self._world.faults.active("region-dark", sides.region_of(address)):
            raise ApplicationGoneError(f"{address} does not answer: its region is dark")
        if found is None:
            raise ApplicationGoneError(f"{address} does not answer: no manifest in its region names that load balancer")
        group = found.side.fleet.autoscaling_group
        if self._world.fleets.healthy(found.side.region, group) == 0:
            raise ApplicationGoneError(f"{address} does not answer: no instance of {group} is healthy")
        if self._refuses(found.side.region, caller):
            return _error(HTTPStatus.SERVICE_UNAVAILABLE)
        return self._served(found, method, path, body)

    def _refuses(self, region: str, caller: str) -> bool:
        """Whether a brown region answers this call with an error: a share of each kind of caller's, evenly."""
        if not self._world.faults.active("region-brown", region):
            return False
        self._share[region, caller] += self._world.draw("brown_errors", f"{region}/{caller}")
        if self._share[region, caller] < 1:
            return False
        self._share[region, caller] -= 1
        return True

    def _served(self, found: Found, method: str, path: str, body: str) -> Answer:
        asked = urlsplit(path)
        if marker := _MARKERS.fullmatch(asked.path):
            return self._markers(found, method, marker, asked.query, body)
        if asked.path.startswith(journeys.PATH):
            return self._journey(found, method, asked.path.removeprefix(journeys.PATH), body)
        if asked.path not in ("/livez", "/readyz"):
            return _error(HTTPStatus.NOT_FOUND)
        if method != "GET":
            return _error(HTTPStatus.METHOD_NOT_ALLOWED)
        return self._ready(found) if asked.path == "/readyz" else (HTTPStatus.OK, {"status": "live"})

    def _ready(self, found: Found) -> Answer:
        checks = {"database": self._database(found.side), "cache": self._cache(found.side), "bucket": {"ok": True}}
        brown = self._world.faults.active("region-brown", found.side.region)
        took = self._world.draw("brown_call" if brown else "api_call", found.side.load_balancer)
        shown = {name: {**check, "milliseconds": round(took * _MILLISECONDS)} for name, check in checks.items()}
        if not all(check["ok"] for check in checks.values()):
            status, code = "unready", HTTPStatus.SERVICE_UNAVAILABLE
        else:
            status, code = ("read-only" if checks["database"]["role"] == "reader" else "ready"), HTTPStatus.OK
        place = {"cell": found.manifest.cell, **_place(found), "release": found.manifest.release.sha256}
        return code, {"status": status, "checks": shown, **place}

    def _database(self, side: Side) -> dict[str, Any]:
        if reason := self._lacks(side, side.secrets.database):
            return {"ok": False, "reason": reason}
        role = self._world.databases.role(side.region, side.database.identifier)
        return {"ok": True, "role": _ROLES[role]} if role in _ROLES else {"ok": False, "reason": "unreachable"}

    def _cache(self, side: Side) -> dict[str, Any]:
        reason = self._lacks(side, side.secrets.cache)
        return {"ok": False, "reason": reason} if reason else {"ok": True}

    def _lacks(self, side: Side, secret: str) -> str:
        """Why the secret cannot be read, in the service's words; empty if it can."""
        world = self._world
        key = world.backend("kms", side.region).keys.get(side.key.rpartition("/")[2])
        if key is None or key.key_state != "Enabled" or world.faults.active("key-missing", side.region):
            return "refused credentials"
        kept = world.backend("secretsmanager", side.region).secrets.get(secret)
        lost = secret == side.secrets.database and world.faults.active("secret-missing", side.region)
        return "missing" if kept is None or kept.is_deleted() or lost else ""

    def _markers(self, found: Found, method: str, asked: re.Match[str], query: str, body: str) -> Answer:
        run, kept = asked["run"], asked["number"] is not None
        number = asked["number"] or parse_qs(query).get("from", ["1"])[0]
        if method != ("PUT" if kept else "GET"):
            return _error(HTTPStatus.METHOD_NOT_ALLOWED)
        if not markers.RUN.fullmatch(run) or not _NUMBER.fullmatch(number):
            return _error(HTTPStatus.BAD_REQUEST)
        reason = self._lacks(found.side, found.side.secrets.database)
        if not reason:
            try:
                return self._keep(found, run, int(number), body) if kept else self._list(found, run, int(number))
            except ReadOnlyError:
                reason = "read-only"
            except (DatabaseGoneError, ObjectsGoneError):
                reason = "unreachable"
        return HTTPStatus.SERVICE_UNAVAILABLE, {"error": reason}

    def _journey(self, found: Found, method: str, path: str, body: str) -> Answer:
        """A step of a journey, by what the side's database can do."""
        side = found.side
        reason = self._lacks(side, side.secrets.database)
        if not reason:
            role = self._world.databases.role(side.region, side.database.identifier)
            if role in _ROLES and (method == "GET" or role == "writer"):
                return self._journeys.answer(side.database.identifier, method, path, body)
            reason = "read-only" if role in _ROLES else "unreachable"
        return HTTPStatus.SERVICE_UNAVAILABLE, {"error": reason}

    def _keep(self, found: Found, run: str, number: int, body: str) -> Answer:
        """Keep a marker as a row, then as an object; without an object the row stands all the same."""
        side, databases = found.side, self._world.databases
        text = body or markers.content(run, number)
        if len(text.encode()) > markers.MOST_BYTES:
            return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        sha256 = markers.checksum(text)
        if databases.role(side.region, side.database.identifier) == "read-only":
            raise ReadOnlyError(f"{side.database.identifier} takes no writes")
        kept = databases.read(side.region, side.database.identifier, run).get(number)
        if kept not in (None, sha256):
            return HTTPStatus.CONFLICT, {"error": "another marker has this number; give the next one"}
        if kept is None:
            databases.write(side.region, side.database.identifier, run, number, sha256)
        kept_object = self._keep_object(side, markers.object_key(run, number), text)
        return HTTPStatus.CREATED, {**_place(found), "row": True, "object": kept_object, "sha256": sha256}

    def _keep_object(self, side: Side, key: str, text: str) -> bool:
        bucket = side.buckets["uploads"]
        try:
            kept = self._world.objects.get(side.region, bucket, key)
            if kept is None:
                self._world.objects.put(side.region, bucket, key, text)
        except ObjectsGoneError:
            return False
        return kept in (None, text)

    def _list(self, found: Found, run: str, start: int) -> Answer:
        """The markers of a run that are there, from the number `start` on: a page, and where the next begins."""
        side, bucket, objects = found.side, found.side.buckets["uploads"], self._world.objects
        rows = self._world.databases.read(side.region, side.database.identifier, run)
        prefix = f"{markers.PREFIX}{run}/"
        listed = {int(key.removeprefix(prefix)): key for key in objects.keys(side.region, bucket, prefix)}
        numbers = sorted(number for number in {*rows, *listed} if number >= start)
        texts = {
            number: objects.get(side.region, bucket, listed[number]) for number in numbers[:_PAGE] if number in listed
        }
        answer: dict[str, Any] = {
            **_place(found),
            "rows": {str(number): rows[number] for number in numbers[:_PAGE] if number in rows},
            "objects": {str(number): markers.checksum(text) for number, text in texts.items() if text is not None},
        }
        return HTTPStatus.OK, answer | ({"next": numbers[_PAGE]} if len(numbers) > _PAGE else {})


def _place(found: Found) -> dict[str, str]:
    return {"side": found.name, "region": found.side.region}


def _error(status: HTTPStatus) -> Answer:
    return status, {"error": status.phrase.lower()}
