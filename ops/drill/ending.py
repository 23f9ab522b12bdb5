"""How a command of the drill ends when something goes wrong: one message, one status, and no traceback."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Final, NoReturn

from botocore.exceptions import BotoCoreError

from ops import refusal
from ops.drill.arguments import ArgumentError
from ops.drill.calls import ActionError
from ops.drill.journal import JournalError
from ops.drill.site import SiteError, UnreachableError
from ops.drill.stackfile import StackFileError
from ops.drill.worlds import BuildError
from ops.refusal import RefusalError
from ops.sandbox.cells.process import StubbornProcessError
from ops.sandbox.cells.state import BusyError, StateError
from ops.sandbox.refusals import WorldError

BROKEN_OFF: Final = 1
INTERRUPTED: Final = 130
_REFUSED: Final = (StateError, StackFileError, SiteError, ArgumentError)
_BROKEN: Final = (
    ActionError,
    BotoCoreError,
    BuildError,
    BusyError,
    JournalError,
    OSError,
    StubbornProcessError,
    UnreachableError,
    WorldError,
)


def status_of(work: Callable[[], int], *, as_json: bool) -> int:
    """Do `work` and give its status; a signal or an error gives its own, with a message on what to do."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        return work()
    except RefusalError as error:
        refusal.show(error, as_json=as_json)
        return refusal.STATUS
    except _REFUSED as error:
        refusal.show(RefusalError(str(error)), as_json=as_json)
        return refusal.STATUS
    except BrokenPipeError:
        raise  # who read the answer has left; the command line knows what to do
    except _BROKEN as error:
        refusal.show(RefusalError(f"{error}; see 'python -m ops drill status'"), as_json=as_json)
        return BROKEN_OFF
    except KeyboardInterrupt:
        message = "interrupted; what was begun can be resumed or aborted: see 'python -m ops drill status'"
        refusal.show(RefusalError(message), as_json=as_json)
        return INTERRUPTED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
