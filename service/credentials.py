"""Secrets: fetched when first needed, kept in memory, fetched again when the store refuses them.

A rotation changes the password under a running service. The first connection that is refused fetches the new secret and
tries once more, so nobody has to restart anything. Where even that is refused, the version before it may still do: a
replica of the database hears of a new account seconds later than Secrets Manager's copy in its region does. A secret's
values are in no repr, no message and no log.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from service import aws
from service.failures import Failure, Reason

T = TypeVar("T")

REFETCH_SECONDS = 1.0
"""Least time between two fetches of a secret, so that a wrong password does not become a flood of calls."""

KEEP_SECONDS = 300.0
"""How long a version is kept in memory. If then no newer one can be had, it is kept on."""


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
        return self._read(name, "AWSCURRENT")

    def read_previous(self, name: str) -> str:
        """Return the text of the version that was current before.

        Raises:
            Failure: as ``read``; MISSING if the secret was never rotated.

        """
        return self._read(name, "AWSPREVIOUS")

    def _read(self, name: str, stage: str) -> str:
        try:
            with self._lock:
                self._client = self._client or aws.secrets_manager(self._region)
            return str(self._client.get_secret_value(SecretId=name, VersionStage=stage).get("SecretString", ""))
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None


class RotatingSecret:
    """The newest version known of one secret. Safe to share between threads."""

    def __init__(
        self,
        name: str,
        keys: tuple[str, ...],
        read: Callable[[str], str],
        read_previous: Callable[[str], str] | None = None,
    ) -> None:
        """Hold the secret ``name``, a JSON object with at least ``keys``, which ``read`` fetches.

        ``read_previous`` fetches the version before, for a store that may learn of a new one late.
        """
        self._name = name
        self._keys = keys
        self._read = read
        self._read_previous = read_previous
        self._known: Secret | None = None
        self._previous: Secret | None = None
        self._fetched_at = 0.0
        self._lock = threading.Lock()

    def get(self) -> Secret:
        """Return the version in memory, fetching it the first time and when it has been kept for long."""
        with self._lock:
            if self._known is None:
                return self._fetch()
            if time.monotonic() - self._fetched_at > KEEP_SECONDS:
                with contextlib.suppress(Failure):
                    self._fetch()
            return self._known

    def authenticated(self, attempt: Callable[[Secret], T]) -> T:
        """Return what ``attempt`` returns; if it is refused, attempt again with the newest secret, then the one before.

        Raises:
            Failure: as ``attempt`` raised it, or because the secret could not be had.

        """
        refusal: Failure | None = None
        for secret in self._candidates():
            try:
                return attempt(secret)
            except Failure as failure:
                if failure.reason is not Reason.REFUSED:
                    raise
                refusal = failure
        raise refusal or Failure(Reason.REFUSED)

    def _candidates(self) -> Iterator[Secret]:
        """Give the version in memory, a newer one if there is one, and the one before: each fetched when asked for."""
        secret = self.get()
        yield secret
        fresh = self._newer_than(secret)
        if fresh != secret:
            yield fresh
        previous = self._one_before()
        if previous is not None and previous != secret:
            yield previous

    def _newer_than(self, refused: Secret) -> Secret:
        with self._lock:
            if self._known is not None and self._known != refused:
                return self._known  # another thread has been here
            if time.monotonic() - self._fetched_at < REFETCH_SECONDS:
                return refused
            return self._fetch()

    def _one_before(self) -> Secret | None:
        """Return the version before the newest one known, fetching it once; None if there is none to be had."""
        with self._lock:
            if self._previous is None and self._read_previous is not None:
                with contextlib.suppress(Failure):
                    self._previous = _parsed(self._read_previous(self._name), self._keys)
            return self._previous

    def _fetch(self) -> Secret:
        self._fetched_at = time.monotonic()
        self._known = _parsed(self._read(self._name), self._keys)
        self._previous = None
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
