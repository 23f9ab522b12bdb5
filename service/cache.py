"""The side's Valkey: pooled connections over verified TLS, with the token of the day."""

import ssl
from collections.abc import Callable
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.retry import Retry
from typing_extensions import override

from service import tls
from service.config import Cache as Settings
from service.credentials import RotatingSecret
from service.failures import Failure, Reason

T = TypeVar("T")

SECONDS = 2.0
"""Longest wait to connect, for an answer, and for a connection of the pool."""

_CONNECTIONS = 8


class _Token(CredentialProvider):
    """Gives each new connection the token that is in memory; fetching is done before, where a failure is handled."""

    def __init__(self, secret: RotatingSecret) -> None:
        self._secret = secret

    @override
    def get_credentials(self) -> tuple[str]:
        return (self._secret.get()["token"],)


class Cache:
    """A pool of connections. Safe to share between threads."""

    def __init__(self, settings: Settings, secret: RotatingSecret, seconds: float = SECONDS) -> None:
        """Read the authorities; nothing is connected yet. ``seconds`` bounds each wait.

        Raises:
            OSError: the authorities' file cannot be read.

        """
        tls.client_context(settings.authority)  # an unreadable file is refused now rather than at the first command
        self._secret = secret
        self._pool = redis.BlockingConnectionPool(
            connection_class=redis.SSLConnection,
            max_connections=_CONNECTIONS,
            timeout=seconds,
            host=settings.host,
            port=settings.port,
            credential_provider=_Token(secret),
            protocol=2,
            socket_connect_timeout=seconds,
            socket_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            # redis-py believes this authority beside those of the system, of which ElastiCache's is one.
            ssl_ca_certs=None if settings.authority is None else str(settings.authority),
            ssl_cert_reqs="required",
            ssl_check_hostname=True,
            ssl_min_version=ssl.TLSVersion.TLSv1_2,
        )
        self._client = redis.Redis(connection_pool=self._pool)

    def run(self, command: Callable[[redis.Redis], T]) -> T:
        """Return what ``command`` returns.

        Raises:
            Failure: the cache could not be used. Whoever only caches something treats it as a miss.

        """
        return self._secret.authenticated(lambda _: self._attempt(command))

    def ping(self) -> None:
        """Raise Failure unless the cache answers."""
        self.run(lambda client: client.ping())

    def close(self) -> None:
        """Close the connections."""
        self._pool.disconnect()

    def _attempt(self, command: Callable[[redis.Redis], T]) -> T:
        try:
            return command(self._client)
        except redis.RedisError as error:
            raise _failure(error) from None


def _failure(error: redis.RedisError) -> Failure:
    detail = type(error).__name__
    match error:
        case redis.AuthenticationError() | redis.exceptions.NoPermissionError():
            return Failure(Reason.REFUSED, detail)
        case redis.TimeoutError():
            return Failure(Reason.TIMEOUT, detail)
        case redis.ConnectionError() if isinstance(error.__context__, ssl.SSLError):
            return Failure(Reason.UNTRUSTED, detail)
        case _:
            return Failure(Reason.UNREACHABLE, detail)
