"""Secrets: fetched when first needed, kept in memory, fetched again when the store refuses them.

A rotation changes the password under a running service. The first connection that is refused fetches the new secret and
tries once more, so nobody has to restart anything. A secret's values are in no repr, no message and no log.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from service import aws
from service.failures import Failure, Reason

T = TypeVar("T")

REFETCH_SECONDS = 1.0
"""Least time between two fetches of a secret, so that a wrong password does not become a flood of calls."""


@dataclass(frozen=True)
class Secret:
    """One version of a secret."""

    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, key: str) -> str:
        """Return one value."""
        return self.values[key]


class Vault:
    """AWS Secrets Manager in one region. Safe to share between threads."""

    def __init__(self, region: str) -> None:
        """Remember the region; nothing is called yet."""
        self._region = region
        self._client: aws.SecretsManager | None = None
        self._lock = threading.Lock()

    def read(self, name: str) -> str:
        """Return the text of the current version.

        Raises:
            Failure: Secrets Manager could not be asked, refused, or has no such secret.

        """
        try:
            with self._lock:
                self._client = self._client or aws.secrets_manager(self._region)
            return str(self._client.get_secret_value(SecretId=name).get("SecretString", ""))
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None


class RotatingSecret:
    """The newest version known of one secret. Safe to share between threads."""

    def __init__(self, name: str, keys: tuple[str, ...], read: Callable[[str], str]) -> None:
        """Hold the secret ``name``, a JSON object with at least ``keys``, which ``read`` fetches."""
        self._name = name
        self._keys = keys
        self._read = read
        self._known: Secret | None = None
        self._fetched_at = 0.0
        self._lock = threading.Lock()

    def get(self) -> Secret:
        """Return the version in memory, fetching it the first time."""
        with self._lock:
            return self._known or self._fetch()

    def authenticated(self, attempt: Callable[[Secret], T]) -> T:
        """Return what ``attempt`` returns; if it is refused, fetch the secret and attempt once more if it changed.

        Raises:
            Failure: as ``attempt`` raised it, or because the secret could not be had.

        """
        secret = self.get()
        try:
            return attempt(secret)
        except Failure as failure:
            if failure.reason is not Reason.REFUSED:
                raise
            fresh = self._newer_than(secret)
            if fresh == secret:
                raise
        return attempt(fresh)

    def _newer_than(self, refused: Secret) -> Secret:
        with self._lock:
            if self._known is not None and self._known != refused:
                return self._known  # another thread has been here
            if time.monotonic() - self._fetched_at < REFETCH_SECONDS:
                return refused
            return self._fetch()

    def _fetch(self) -> Secret:
        self._fetched_at = time.monotonic()
        self._known = _parsed(self._read(self._name), self._keys)
        return self._known


def _parsed(text: str, keys: tuple[str, ...]) -> Secret:
    try:
        document: object = json.loads(text)
    except ValueError:
        raise Failure(Reason.MALFORMED, "not JSON") from None
    if not isinstance(document, dict):
        raise Failure(Reason.MALFORMED, "not an object")
    values = {key: document.get(key) for key in keys}
    strings = {key: value for key, value in values.items() if isinstance(value, str) and value}
    if len(strings) < len(keys):
        raise Failure(Reason.MALFORMED, f"needs {', '.join(keys)}")
    return Secret(strings)
