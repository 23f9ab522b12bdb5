"""The table of creators: how each resource type is made in moto.

`CREATORS` go through boto3. `LOCAL` need no cloud. `RECORDED` are those that moto cannot hold, each with the reason:
they are kept in the record and shown as recorded, never as made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ops.engine.record import Request
from ops.sandbox.creator import Creator
from ops.sandbox.creators import network

CREATORS: Final[dict[str, Creator]] = {**network.CREATORS}
RECORDED: Final[dict[str, str]] = {}
LOCAL: Final[dict[str, Callable[[Request], tuple[str, Mapping[str, Any]]]]] = {}
