"""What goes wrong in a rotation, told without a word of a secret: codes and names, never messages of what failed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError


class RotationError(Exception):
    """A step that cannot be done now. Secrets Manager tries the rotation again, and operations hear of it.

    `code` is a word of ours or of AWS's. The message says what to do, and holds no secret.
    """

    def __init__(self, code: str, advice: str) -> None:
        """Keep the word; say both."""
        super().__init__(f"{code}: {advice}")
        self.code = code


class SettingsError(ValueError):
    """The environment is not what the function needs."""


class NotThereError(Exception):
    """A secret has no such version, or the version no value."""


@contextmanager
def aws_errors(advice: str) -> Generator[None]:
    """Translate what boto3 raises, whose messages can quote what was sent. Raises RotationError, NotThereError."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        if code == "ResourceNotFoundException":
            raise NotThereError from None
        raise RotationError(code, advice) from None
    except BotoCoreError as error:
        raise RotationError(type(error).__name__, advice) from None
