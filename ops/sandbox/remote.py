"""What a drill may do with a standing local cloud beside the calls of AWS: let time pass, make faults, be a user.

`RemoteWorld` talks to a cell's process, `LocalWorld` to a world in this one; both have the same methods, take and give
plain types, and refuse by the same errors. Neither looks at anything that a drill must measure; `events` are for tests.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ops.sandbox.refusals import GoneError, WorldError

if TYPE_CHECKING:
    from ops.sandbox.physics.faults import Active
    from ops.sandbox.physics.world import World

__all__ = ["GoneError", "LocalWorld", "RemoteWorld", "WorldError"]

PREFIX: Final = "/_medical/"
Settings: TypeAlias = Mapping[str, str | int | float | bool | None]
Applied: TypeAlias = Mapping[str, Any]

# A minute's ticks are a few milliseconds' work, so that nobody waits a second for one call. What is owed beyond that is
# caught up with at the next calls: a cloud that was left alone over night never stops anybody for minutes.
MOST_CATCH_UP_SECONDS: Final = 300.0
_TIME_OUT_SECONDS: Final = 300.0  # hours of virtual time, or an update, and nothing else, take more than a second


class LocalWorld:
    """A world in this process. Its clock follows the wall clock until `begin`, and again after `follow`.

    Nothing behaves until one of the two was called.
    """

    def __init__(
        self,
        world: World,
        apply: Callable[[Settings], Applied] | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Drive `world`; `apply` updates the cell that stands in it, and is none where no program built it."""
        self._world = world
        self._apply = apply
        self._monotonic = monotonic
        self._driven = False
        self._followed = monotonic()

    @property
    def world(self) -> World:
        """The world that is driven."""
        return self._world

    @property
    def driven(self) -> bool:
        """Whether time passes only when it is told to."""
        return self._driven

    def catch_up(self) -> None:
        """Let the time pass that has passed on the wall clock, if the world follows it."""
        with self._world.lock:
            if self._driven:
                return
            seconds = min(self._monotonic() - self._followed, MOST_CATCH_UP_SECONDS)
            self._followed += seconds
            self._world.advance(seconds)

    def begin(self, seed: int, start: datetime | None = None) -> datetime:
        """Begin anew, by the chance of `seed`: from now on time passes only by `advance` and by calls."""
        from moto.moto_api._internal import mock_random  # noqa: PLC0415 - moto reads its environment first

        with self._world.lock:
            mock_random.seed(seed)
            self._world.begin(seed, *([start] if start else []))
            self._driven = True
            return self._world.now

    def follow(self) -> datetime:
        """Let the clock follow the wall clock, from where it is, and what stands behave, if it does not yet."""
        with self._world.lock:
            self._driven = False
            self._followed = self._monotonic()
            if not self._world.running:
                self._world.begin(self._world.seed, self._world.now)
            self._world.gate.charges = False
            return self.now()

    def now(self) -> datetime:
        """The time by the clock of whoever runs the drill, which `clock-skew` puts wrong."""
        skew = self._world.faults.active("clock-skew")
        return self._world.now + timedelta(seconds=skew.parameters["seconds"] if skew else 0)

    def advance(self, seconds: float) -> datetime:
        """Let `seconds` pass.

        Raises:
            WorldError: the clock follows the wall clock, or would run backwards.
        """
        if not self._driven:
            raise WorldError("the clock follows the wall clock and passes by itself; 'begin' takes hold of it")
        try:
            self._world.advance(seconds)
        except ValueError as error:
            raise WorldError(str(error)) from None
        return self.now()

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force: name, region and parameters."""
        return [_fault(item) for item in self._world.faults.all()]

    def inject(self, fault: str, region: str = "", parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
        """Put a fault in force.

        Raises:
            WorldError: there is no such fault or parameter.
        """
        with self._world.lock:
            try:
                return _fault(self._world.faults.inject(fault, region, parameters))
            except ValueError as error:
                raise WorldError(str(error)) from None

    def lift(self, fault: str, region: str = "") -> bool:
        """Take a fault out of force; whether it was in force.

        Raises:
            WorldError: there is no such fault.
        """
        with self._world.lock:
            try:
                return self._world.faults.lift(fault, region)
            except ValueError as error:
                raise WorldError(str(error)) from None

    def resolve(self, client: str, name: str) -> tuple[str, bool]:
        """The address that `client` is given for `name`, and whether from its own cache.

        Raises:
            GoneError: there is no answer.
        """
        from ops.sandbox.physics.names.answers import NoAnswerError  # noqa: PLC0415 - a remote world's client needs none

        with self._world.lock:
            self._require_begun()
            try:
                return self._world.names.resolve(client, name)
            except NoAnswerError as error:
                raise GoneError(str(error)) from None

    def request(self, address: str, method: str, path: str, body: str = "") -> tuple[int, dict[str, Any]]:
        """The status and JSON with which the application behind `address` answers.

        Raises:
            GoneError: nobody answered.
        """
        from ops.sandbox.physics.application import ApplicationGoneError  # noqa: PLC0415 - as above

        with self._world.lock:
            self._require_begun()
            try:
                return self._world.application.request(address, method, path, body)
            except ApplicationGoneError as error:
                raise GoneError(str(error)) from None

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        """What has truly happened, without the first `since` of it."""
        return [{"at": item.at, "what": item.what, "facts": dict(item.facts)} for item in self._world.events[since:]]

    def apply(self, settings: Settings) -> Applied:
        """Have the program declare `settings` over the stack's own, and give what became of each resource.

        Raises:
            WorldError: no program built this cloud, a region does not answer, or the update is refused.
        """
        if self._apply is None:
            raise WorldError("no program built this local cloud, so there is none to update it by")
        with self._world.lock:
            for item in self._world.faults.all():
                if item.fault.name in ("region-dark", "control-plane-gone"):
                    where = item.region or "the global control plane"
                    raise WorldError(f"{where} does not answer, and an update needs it; lift {item.fault.name} first")
            return self._apply(settings)

    def _require_begun(self) -> None:
        if not self._world.running:
            raise WorldError("nothing behaves here yet; 'begin' takes what stands as the beginning")


class RemoteWorld:
    """The world of a cell's process, by the process's URL. One connection, kept open; not for several threads."""

    def __init__(self, url: str) -> None:
        """Talk to the process at `url`, such as http://127.0.0.1:5000."""
        address = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_TIME_OUT_SECONDS)
        self._url = url

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    def begin(self, seed: int, start: datetime | None = None) -> datetime:
        """As of `LocalWorld`."""
        return _time(self._ask("POST", "begin", {"seed": seed} | ({"start": start.isoformat()} if start else {})))

    def follow(self) -> datetime:
        """As of `LocalWorld`."""
        return _time(self._ask("POST", "follow", {}))

    def now(self) -> datetime:
        """As of `LocalWorld`."""
        return _time(self._ask("GET", "now"))

    def advance(self, seconds: float) -> datetime:
        """As of `LocalWorld`."""
        return _time(self._ask("POST", "advance", {"seconds": seconds}))

    def faults(self) -> list[dict[str, Any]]:
        """As of `LocalWorld`."""
        return self._ask("GET", "faults")["faults"]

    def inject(self, fault: str, region: str = "", parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
        """As of `LocalWorld`."""
        content = {"fault": fault, "region": region, "parameters": dict(parameters or {})}
        return self._ask("POST", "faults", content)

    def lift(self, fault: str, region: str = "") -> bool:
        """As of `LocalWorld`."""
        return self._ask("DELETE", "faults", {"fault": fault, "region": region})["lifted"]

    def resolve(self, client: str, name: str) -> tuple[str, bool]:
        """As of `LocalWorld`."""
        answer = self._ask("POST", "resolve", {"client": client, "name": name})
        return answer["address"], answer["cached"]

    def request(self, address: str, method: str, path: str, body: str = "") -> tuple[int, dict[str, Any]]:
        """As of `LocalWorld`."""
        content = {"address": address, "method": method, "path": path, "body": body}
        answer = self._ask("POST", "request", content)
        return answer["status"], answer["body"]

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        """As of `LocalWorld`."""
        return self._ask("POST", "events", {"since": since})["events"]

    def apply(self, settings: Settings) -> Applied:
        """As of `LocalWorld`."""
        return self._ask("POST", "apply", {"settings": dict(settings)})

    def _ask(self, method: str, verb: str, content: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
        body = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            self._connection.request(method, PREFIX + verb, body, headers)
            answer = self._connection.getresponse()
            found = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise WorldError(
                f"the local cloud at {self._url} does not answer ({type(error).__name__}); "
                "'python -m ops sandbox status' says what stands"
            ) from None
        if answer.status == http.HTTPStatus.BAD_GATEWAY:
            raise GoneError(found["error"])
        if answer.status != http.HTTPStatus.OK:
            raise WorldError(found.get("error", f"{verb} was answered with {answer.status}"))
        return found


def _fault(item: Active) -> dict[str, Any]:
    return {"fault": item.fault.name, "region": item.region, "parameters": dict(item.parameters)}


def _time(answer: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answer["now"])
