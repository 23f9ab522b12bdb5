"""The calls of CloudWatch Synthetics that moto lacks: start, stop, and tell the runs of a canary.

Owns: what boto3 is answered. Does not own: when a canary runs and what it finds: `canaries`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.canaries.canaries import Run
    from ops.sandbox.physics.world import World

STOPPED, RUNNING = "STOPPED", "RUNNING"
MOST_RUNS: Final = 100  # in an answer; source: GetCanaryRuns in the API reference of CloudWatch Synthetics
_WORDS: Final = ("start", "stop", "runs")


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, canaries can be started and stopped, and tell of the runs that `world` let them have."""
    from moto.synthetics import urls  # noqa: PLC0415 - after moto's environment is set
    from moto.synthetics.responses import SyntheticsResponse  # noqa: PLC0415 - as above

    def start_canary(self: Any) -> str:  # noqa: ANN401 - moto's own
        with world.lock:
            canary = _found(self)
            canary.state = RUNNING
            if world.running:
                world.canaries.run_now(self.region, canary.name)
        return "{}"

    def stop_canary(self: Any) -> str:  # noqa: ANN401 - moto's own
        with world.lock:
            _found(self).state = STOPPED
        return "{}"

    def get_canary_runs(self: Any) -> str:  # noqa: ANN401 - moto's own
        most = min(int(json.loads(self.body or "{}").get("MaxResults", MOST_RUNS)), MOST_RUNS)
        with world.lock:
            canary = _found(self)
            runs = world.canaries.runs(self.region, canary.name) if world.running else []
            return json.dumps({"CanaryRuns": [_told(canary, run) for run in runs[:most]]})

    paths = {f"{{0}}/canary/(?P<name>[^/]+)/{word}$": SyntheticsResponse.dispatch for word in _WORDS}
    with (
        mock.patch.dict(urls.url_paths, paths),
        mock.patch.object(SyntheticsResponse, "start_canary", start_canary, create=True),
        mock.patch.object(SyntheticsResponse, "stop_canary", stop_canary, create=True),
        mock.patch.object(SyntheticsResponse, "get_canary_runs", get_canary_runs, create=True),
    ):
        yield


def _found(response: Any) -> Any:  # noqa: ANN401 - moto's own
    """The canary that a request's path names.

    Raises:
        JsonRESTError: there is none, in AWS's words.
    """
    from moto.core.exceptions import JsonRESTError  # noqa: PLC0415 - after moto's environment is set

    name = response.path.split("/")[-2]
    canaries: Mapping[str, Any] = response.synthetics_backend.canaries
    if name not in canaries:
        error = JsonRESTError("ResourceNotFoundException", f"Canary {name} does not exist")
        error.code = HTTPStatus.NOT_FOUND
        raise error
    return canaries[name]


def _told(canary: Any, run: Run) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """A run in AWS's form; times are seconds since 1970."""
    ended = run.began + timedelta(milliseconds=run.milliseconds)
    state = "PASSED" if run.passed else "FAILED"
    return {
        "Id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run.region}/{run.name}/{run.began.isoformat()}")),
        "Name": run.name,
        "Status": {"State": state, "StateReason": run.text, "TestResult": state},
        "Timeline": {"Started": run.began.timestamp(), "Completed": ended.timestamp()},
        "ArtifactS3Location": canary.artifact_s3_location,
    }
