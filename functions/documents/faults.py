"""What goes wrong around a file, told without a word of the file: codes, never messages of what failed.

Refusals (`refusals`) are the file's own fault and final. What is here is raised by the shell: AWS has failed us for
now, the object is gone, somebody else was first.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

# S3 names the same things in several ways: HEAD has no body, so its errors carry the HTTP status alone.
_GONE: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})
# 409: two conditional writes at the same moment. Who lost cannot know yet what was written, and asks again.
_CONFLICT: Final = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})


class TransientError(Exception):
    """Trying again later can help: the message returns to its queue. `code`, AWS's word or ours, is safe to log."""

    def __init__(self, code: str) -> None:
        """Take a word without spaces."""
        super().__init__(code)
        self.code = code


class GoneError(Exception):
    """The object, or this version of it, does not exist."""


class ConflictError(Exception):
    """A conditional write came too late: the object is no longer what we have read."""


class MisroutedError(Exception):
    """A message is not for this function: its rule or subscription is wrong. It ends among the dead letters."""


@contextmanager
def aws_errors() -> Generator[None]:
    """Translate what boto3 raises. Its messages can quote what was sent, so none of them goes on."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        if code in _GONE:
            raise GoneError from None
        if code in _CONFLICT:
            raise ConflictError from None
        raise TransientError(code) from None
    except BotoCoreError as error:
        raise TransientError(type(error).__name__) from None
