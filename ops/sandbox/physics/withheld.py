"""A key or a secret that a fault has taken away, as whoever asks AWS for it is told: disabled, or not there.

Owns: what KMS and Secrets Manager say meanwhile. Does not own: what the application and S3 make of it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, moto's keys are disabled, and its copies of secrets gone, where a fault says so."""
    from moto.kms.models import Key  # noqa: PLC0415 - after moto's environment is set
    from moto.secretsmanager.exceptions import SecretNotFoundException  # noqa: PLC0415 - as above
    from moto.secretsmanager.models import ReplicaSecret, SecretsManagerBackend  # noqa: PLC0415 - as above

    told, describe, value = Key.to_dict, SecretsManagerBackend.describe_secret, SecretsManagerBackend.get_secret_value

    def to_dict(self: Key) -> dict[str, Any]:
        found = told(self)
        if world.faults.active("key-missing", self.region):
            found["KeyMetadata"] |= {"KeyState": "Disabled", "Enabled": False}
        return found

    def require(backend: SecretsManagerBackend, secret_id: str) -> None:
        if world.faults.active("secret-missing", backend.region_name):
            found = backend.secrets.get(secret_id) if backend._is_valid_identifier(secret_id) else None  # noqa: SLF001
            if isinstance(found, ReplicaSecret):
                raise SecretNotFoundException

    def describe_secret(self: SecretsManagerBackend, secret_id: str) -> Any:  # noqa: ANN401 - moto's own
        require(self, secret_id)
        return describe(self, secret_id)

    def get_secret_value(
        self: SecretsManagerBackend, secret_id: str, version_id: str, version_stage: str
    ) -> dict[str, Any]:
        require(self, secret_id)
        return value(self, secret_id, version_id, version_stage)

    with (
        mock.patch.object(Key, "to_dict", to_dict),
        mock.patch.object(SecretsManagerBackend, "describe_secret", describe_secret),
        mock.patch.object(SecretsManagerBackend, "get_secret_value", get_secret_value),
    ):
        yield
