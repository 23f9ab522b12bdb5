"""CloudWatch Synthetics: each canary walks its journey at its rate, and reports what it found.

Owns: when a canary runs, how long that takes, and its datapoints, events and log lines. Does not own: how a journey is
walked and judged, which is the canaries' own code (`functions.canaries.walk`), and what it is answered, which is the
application's.

A canary asks the load balancer that its environment names. It needs no certificate and no identity here: nobody is
asked for one. One that is stopped runs no more. In a dark region nothing runs and nothing is reported, as on AWS.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from domain import canaries
from functions.canaries import settings, walk
from functions.canaries.door import Answer
from functions.canaries.faults import JourneyError, SettingsError
from ops.sandbox.physics.application import ApplicationGoneError
from ops.sandbox.physics.canaries.calls import MOST_RUNS, STOPPED

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World

_RATE: Final = re.compile(r"rate\((?P<number>[0-9]+) (?P<unit>minute|hour)s?\)")
_UNITS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_LOOK_SECONDS: Final = 60  # how often it is seen whether there are other canaries
_STREAM: Final = "local-cloud"
_MILLISECONDS: Final = 1000
_ALL, _NONE = 100.0, 0.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that has ended: of which canary, when it began, how long it took, and what became of it."""

    region: str
    name: str
    began: datetime
    milliseconds: float
    passed: bool
    text: str


class Canaries:
    """The canaries of all regions."""

    def __init__(self, world: World) -> None:
        """Take what stands when time begins to pass."""
        self._world = world
        self._due: dict[tuple[str, str], datetime] = {}
        self._next = world.now
        self._runs: defaultdict[tuple[str, str], deque[Run]] = defaultdict(lambda: deque(maxlen=MOST_RUNS))

    def step(self) -> None:
        """Run those that are due."""
        if self._world.now < self._next:
            return
        for (region, name), canary in self._standing().items():
            period = _period(canary)
            if period is None:
                continue
            if (region, name) not in self._due:
                self._begin(region, name, canary, period)
            while self._due[region, name] <= self._world.now:
                self._run(region, canary, self._due[region, name])
                self._due[region, name] += period
        looked = self._world.now + timedelta(seconds=_LOOK_SECONDS)
        self._next = min([looked, *self._due.values()])

    def run_now(self, region: str, name: str) -> None:
        """Let a canary that was started run at once, and from then on at its rate."""
        self._due[region, name] = self._next = self._world.now

    def runs(self, region: str, name: str) -> list[Run]:
        """The latest runs of a canary, the newest first."""
        return list(reversed(self._runs[region, name]))

    def _standing(self) -> dict[tuple[str, str], Any]:
        """The canaries by region and name; what no longer stands is forgotten."""
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        backends = get_backend("synthetics")[self._world.account]
        found = {
            (region, name): backends[region].canaries[name]
            for region in sorted(backends)
            for name in sorted(backends[region].canaries)
        }
        self._due = {key: due for key, due in self._due.items() if key in found}
        return found

    def _begin(self, region: str, name: str, canary: Any, period: timedelta) -> None:  # noqa: ANN401 - moto's own
        """Let a canary have run before at some time of its period; what it found then is what it would find now."""
        before = self._world.now - self._world.draw("canary_phase", f"{region}/{name}") * period
        before = before.replace(microsecond=0)
        self._run(region, canary, before)
        self._due[region, name] = before + period

    def _run(self, region: str, canary: Any, began: datetime) -> None:  # noqa: ANN401 - moto's own
        if canary.state == STOPPED or self._world.faults.active("region-dark", region):
            return
        run = self._walked(region, canary, began)
        self._runs[region, run.name].append(run)
        for metric, value, unit in (
            (canaries.SUCCESS, _ALL if run.passed else _NONE, "Percent"),
            (canaries.DURATION, run.milliseconds, "Milliseconds"),
        ):
            self._world.metrics.put(
                region, canaries.NAMESPACE, metric, {canaries.DIMENSION: run.name}, value, unit, run.began
            )
        self._world.happened("canary", region=region, name=run.name, passed=run.passed, text=run.text)
        self._log(run)

    def _walked(self, region: str, canary: Any, began: datetime) -> Run:  # noqa: ANN401 - moto's own
        """Walk once, by the canary's own code."""
        world, waited, texts = self._world, 0.0, iter(range(1, 1 << 16))
        figure = "brown_call" if world.faults.active("region-brown", region) else "api_call"

        def ask(method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:  # noqa: ARG001 - each is asked once
            nonlocal waited
            waited += world.draw(figure, f"canary/{region}/{canary.name}")
            try:
                status, answer = world.application.request(
                    told.address, method, path, json.dumps(body or {}), caller=f"canary/{canary.name}"
                )
            except ApplicationGoneError as error:
                raise JourneyError(f"no connection to {told.address} as {told.host}: {error}") from None
            return Answer(status=status, body=answer)

        try:
            told = settings.read({**canary.run_config.get("EnvironmentVariables", {}), "AWS_REGION": region})
            seen = walk.walk(
                told.journey, ask, must_write=told.must_write, now=world.now, fresh=lambda: f"{next(texts):032x}"
            )
        except (JourneyError, SettingsError) as error:
            passed, text = False, str(error)
        else:
            passed, text = True, seen
        return Run(
            region=region,
            name=canary.name,
            began=began,
            milliseconds=round(waited * _MILLISECONDS),
            passed=passed,
            text=text,
        )

    def _log(self, run: Run) -> None:
        """Put what the run says of itself into its function's log group, if there is one."""
        path = f"/aws/lambda/{canaries.FUNCTION_PREFIX}{run.name}"
        group = self._world.backend("logs", run.region).groups.get(path)
        if group is None:
            return
        if _STREAM not in group.streams:
            group.create_log_stream(_STREAM)
        # Beside moto's check of the time, which it holds against the wall clock.
        at = int(run.began.timestamp() * _MILLISECONDS)
        text = f"{'PASSED' if run.passed else 'FAILED'} in {run.milliseconds:g} ms: {run.text}"
        group.put_log_events(_STREAM, [{"timestamp": at, "message": text}])


def _period(canary: Any) -> timedelta | None:  # noqa: ANN401 - moto's own
    """How long lies between two runs; None for one that runs once or by a calendar, which nobody here makes."""
    rate = _RATE.fullmatch(str(canary.schedule.get("Expression", "")))
    return int(rate["number"]) * _UNITS[rate["unit"]] or None if rate else None
