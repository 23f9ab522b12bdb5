"""What every call needs at hand: settings, clients behind their thin classes, the time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import boto3
from botocore.config import Config

from functions.rotation import settings as environment
from functions.rotation.accounts import Hands
from functions.rotation.cache import Cache
from functions.rotation.database import Database
from functions.rotation.faults import NotThereError, RotationError
from functions.rotation.peer import Peer
from functions.rotation.settings import Settings
from functions.rotation.vault import CURRENT, PENDING, Values, Vault

GRACE_DAYS: Final = 3
"""Days for which Secrets Manager may be late and try again before a rotation counts as overdue."""

_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
# A call of the other side waits for its database, and is repeated by Secrets Manager rather than by botocore.
_PATIENT: Final = Config(connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 1})


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`vaults` has Secrets Manager by region: ours, and the other side's if there is one. `now`: the time."""

    settings: Settings
    vaults: Mapping[str, Vault]
    database: Database
    cache: Cache
    peer: Peer | None
    now: Callable[[], datetime]

    @property
    def vault(self) -> Vault:
        """Secrets Manager in our region."""
        return self.vaults[self.settings.region]

    @property
    def regions(self) -> frozenset[str]:
        """The cell's."""
        return frozenset(self.vaults)

    def hands(self, region: str) -> Hands:
        """What changes our database, for secrets that are rotated in `region`."""
        return Hands(self.database, self.vaults[region], self.settings.master)

    def pending(self, region: str, secret: str, token: str) -> Values:
        """The version that a rotation in `region` goes to. Raises RotationError."""
        vault = self.vaults[region]
        try:
            labels = vault.about(secret).labels.get(token, ())
        except NotThereError:
            labels = ()
        rotating = PENDING in labels and CURRENT not in labels
        values = vault.version(secret, token) if rotating else None
        if values is None:
            raise RotationError("NotPending", "the version is not being rotated to in that region")
        return values

    def look(self) -> list[str]:
        """The names of our secrets, all of which were rotated in time.

        Raises:
            RotationError: one was not.
        """
        settings = self.settings
        limit = self.now() - timedelta(days=settings.days + GRACE_DAYS)
        seen: list[str] = []
        late: list[str] = []
        for name in (settings.application, settings.master, settings.token):
            try:
                about = self.vault.about(name)
            except NotThereError:
                raise RotationError("UnknownSecret", f"there is no secret {name} in {settings.region}") from None
            if about.primary in (None, settings.region):  # a replica is rotated, and looked at, where its original is
                seen.append(name)
                late += [name] if about.rotated < limit else []
        if late:
            rule = f"not rotated for more than {settings.days + GRACE_DAYS} days: {', '.join(late)}"
            raise RotationError("Overdue", f"{rule}; see docs/secrets.md")
        return seen


@cache
def desk() -> Desk:
    """The desk of this Lambda, made with the first call. Raises SettingsError."""
    settings = environment.load(os.environ)
    other = settings.other.split(":")[3] if settings.other else ""
    regions = [settings.region, *([other] if other else [])]
    peer = None
    if other:
        client = boto3.client("lambda", region_name=other, config=_PATIENT)
        peer = Peer(client=client, function=settings.other, region=settings.region)
    return Desk(
        settings=settings,
        vaults={name: Vault(boto3.client("secretsmanager", region_name=name, config=_CONFIG)) for name in regions},
        database=Database(settings.database, settings.schema),
        cache=Cache(
            client=boto3.client("elasticache", region_name=settings.region, config=_CONFIG),
            group=settings.cache_group,
            place=settings.cache,
        ),
        peer=peer,
        now=lambda: datetime.now(UTC),
    )
