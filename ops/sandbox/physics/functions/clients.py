"""boto3's clients of code that runs in this process as AWS would run it: functions, and scripts of automations."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.physics.trail.taps import Tap

# An endpoint in the environment is some other cell's. What a call to moto fails by, it fails by again.
_OPTIONS: Final[dict[str, Any]] = {"ignore_configured_endpoint_urls": True}  # botocore's type stubs lack it
_CONFIG: Final = Config(retries={"total_max_attempts": 1}, **_OPTIONS)


@cache
def client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """One for each process, as a function keeps its own from call to call."""
    session: Any = boto3.Session(**CREDENTIALS)
    return Tap().attach(session.client(service, region_name=region, config=_CONFIG))
