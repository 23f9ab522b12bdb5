"""A side's cache: its tokens through ElastiCache, and what they open over verified TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from functions.rotation.faults import NotThereError, RotationError, aws_errors
from functions.rotation.settings import Place

SECONDS: Final = 5
"""Longest wait to connect and for an answer."""

_ADVICE: Final = "ElastiCache did not do what was asked; see the role's rights and the replication group's status"


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A replication group, as `tokens.Tokens`. `client` is boto3's for ElastiCache."""

    client: Any
    group: str
    place: Place

    def status(self) -> str:
        """Its status, in ElastiCache's words. Raises RotationError."""
        try:
            with aws_errors(_ADVICE):
                found = self.client.describe_replication_groups(ReplicationGroupId=self.group)
        except NotThereError:
            raise RotationError("NoCache", _ADVICE) from None
        return str(found["ReplicationGroups"][0]["Status"])

    def change(self, token: str, strategy: str) -> None:
        """Order a change of its tokens, which ElastiCache takes only to be done at once. Raises RotationError."""
        with aws_errors(_ADVICE):
            self.client.modify_replication_group(
                ReplicationGroupId=self.group, AuthToken=token, AuthTokenUpdateStrategy=strategy, ApplyImmediately=True
            )

    def opens(self, token: str) -> bool:
        """Whether a new connection is let in. Raises RotationError if nobody answers."""
        client = redis.Redis(
            host=self.place.host,
            port=self.place.port,
            password=token,
            protocol=2,
            socket_connect_timeout=SECONDS,
            socket_timeout=SECONDS,
            retry=Retry(NoBackoff(), 0),
            ssl=True,
            ssl_ca_certs=str(self.place.authority),
            ssl_cert_reqs="required",
            ssl_check_hostname=True,
            ssl_min_version=ssl.TLSVersion.TLSv1_2,
        )
        try:
            client.ping()
        except redis.AuthenticationError:
            return False
        except redis.RedisError as error:
            raise RotationError(
                type(error).__name__, "the cache does not answer; see that it runs and lets us in"
            ) from None
        finally:
            client.close()
        return True
