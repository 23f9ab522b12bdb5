"""Runs the script of an automation's step: its real source, in this process, with AWS's part of its surroundings.

Owns: what such a script finds there, which is boto3 that reaches this local cloud, and the time, which is virtual. Does
not own: when it runs, and as whom. Nothing but the project's own scripts is run: the local cloud takes documents from
whoever reaches it, and is no way to have this process do anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from ops.sandbox.physics.functions.clients import client

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

_SCRIPT: Final = "aws:executeScript"
FOLDER: Final = Path(__file__).resolve().parents[4] / "functions" / "repairs"


class ScriptError(Exception):
    """A script that is not run here, or that ended with an error."""


def run(world: World, step: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """What the script of an automation's `step` answers.

    Raises:
        ScriptError: it is no script, or none of the project's, or it raised something.
    """
    if step["action"] != _SCRIPT:
        raise ScriptError(f"action {step['action']}: the local cloud knows {_SCRIPT} only")
    asked = step["inputs"]
    source = asked["Script"]
    found = next((path for path in sorted(FOLDER.glob("*.py")) if path.read_text(encoding="utf-8") == source), None)
    if found is None:
        raise ScriptError(f"the script is none of {FOLDER.name}/*.py of this project as it is now: deploy it again")
    space: dict[str, Any] = {"__name__": found.stem}
    exec(compile(source, str(found), "exec"), space)  # noqa: S102 - a file of this project, as was just seen
    space["boto3"] = SimpleNamespace(client=_client)
    space["datetime"] = _virtual(world)
    try:
        return space[asked["Handler"]](dict(asked["InputPayload"]), None)
    except Exception as error:
        raise ScriptError(f"{type(error).__name__}: {error}") from error


def _client(service: str, *, region_name: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    return client(service, region_name)


def _virtual(world: World) -> type[datetime]:
    """`datetime`, by whose clock it is the world's time."""

    class Virtual(datetime):
        @override
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Virtual:
            return cls.fromtimestamp(world.now.timestamp(), tz)

    return Virtual
