"""Lambda entry for rotation: Secrets Manager's steps, what the other side asks, and the daily look.

What gets out of here is a code, a secret's name and places in our own code: exceptions of libraries can quote what they
were given, so none leaves as it is.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from functions.rotation import desk as desks
from functions.rotation import steps
from functions.rotation.accounts import Account, Kind
from functions.rotation.desk import Desk
from functions.rotation.faults import RotationError, SettingsError
from functions.rotation.peer import Ask
from functions.rotation.steps import Step, Target, Turn
from functions.rotation.tokens import Token

LOG: Final = logging.getLogger(__name__)
LOG.setLevel(logging.INFO)
# What they send, secrets among it, is in their logs of the finest level, which a setting of Lambda's could turn on.
for _library in ("boto3", "botocore", "redis", "urllib3"):
    logging.getLogger(_library).setLevel(logging.WARNING)
LOOK: Final = "look"


def handler(event: Mapping[str, Any], context: Any) -> object:  # noqa: ANN401 - Lambda's own, untyped
    """Do what one event asks for. Raises RotationError, and nothing else."""
    try:
        return take(desks.desk(), event, context)
    except (RotationError, SettingsError) as error:
        LOG.error("rotation failed: %s", error)  # noqa: TRY400  no traceback wanted
        raise
    except Exception as error:  # noqa: BLE001  a defect of ours: where it is may be said, what it says may not
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        LOG.error("rotation failed: %s at %s", type(error).__name__, places)  # noqa: TRY400  as above
        raise RotationError("Unexpected", f"{type(error).__name__}; the function's log says where") from None


def take(desk: Desk, event: Mapping[str, Any], context: Any) -> object:  # noqa: ANN401 - as above
    """One event of three kinds."""
    if "Step" in event:
        return _step(desk, event, context)
    if event.get("ask") in set(Ask):
        return _asked(desk, event)
    if event.get("ask") == LOOK:
        return desk.look()
    raise RotationError("NotForUs", "the event is no step of a rotation: call the function through Secrets Manager")


def _step(desk: Desk, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 - as above
    try:
        turn = Turn(step=Step(event["Step"]), secret=str(event["SecretId"]), token=str(event["ClientRequestToken"]))
    except (KeyError, ValueError):
        raise RotationError("NotForUs", "the event is no step of a rotation that is known") from None
    about = steps.look_up(desk.vault, turn.secret, desk.settings.region)
    done = steps.take(desk.vault, about, _target(desk, about.name, context), turn)
    LOG.info("%s of %s: %s", turn.step.value, about.name, "done" if done else "nothing to do, the version is in use")


def _target(desk: Desk, name: str, context: Any) -> Target:  # noqa: ANN401 - as above
    settings = desk.settings
    kinds = {settings.application: Kind.APPLICATION, settings.master: Kind.MASTER}
    if kind := kinds.get(name):
        hands = desk.hands(settings.region)
        return Account(kind, hands, desk.peer, desk.vault, settings.application)
    if name == settings.token:
        return Token(desk.cache, desk.vault, time.sleep, lambda: context.get_remaining_time_in_millis() / 1000)
    raise RotationError("NotOurs", f"the secret {name} is none of this side's: give it a function of its own")


def _asked(desk: Desk, event: Mapping[str, Any]) -> bool:
    """Do for the other side what it cannot reach: its secrets, our database."""
    region = str(event.get("region", ""))
    if region not in desk.regions:
        raise RotationError("NotOurs", "the region is none of this cell's")
    hands = desk.hands(region)
    if event["ask"] == Ask.WRITES:
        return hands.writes()
    try:
        kind = Kind(event["kind"])
    except (KeyError, ValueError):
        raise RotationError("NotForUs", "the event names no secret of the database") from None
    name = {Kind.APPLICATION: desk.settings.application, Kind.MASTER: desk.settings.master}[kind]
    pending = desk.pending(region, name, str(event.get("token", "")))
    if event["ask"] == Ask.APPLY:
        hands.apply(kind, pending)
    else:
        hands.prove(kind, pending)
    return True
