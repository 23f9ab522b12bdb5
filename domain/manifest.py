"""The manifest: what a failover needs to know of a cell, as the program writes it and a drill reads it. Pure.

It is kept in both regions under `parameter_name`, so that neither the other region nor Pulumi's state is needed. It
names things and holds no secret. `writer` and the generations say what the program last declared: after a failover it
is older than the truth, which only the databases tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from domain.naming import SYSTEM

SCHEMA_VERSION: Final = 1
# What Parameter Store holds, in bytes: an advanced parameter costs money, and cannot become a standard one again.
STANDARD_BYTES: Final = 4096
MOST_BYTES: Final = 8192

# `$`, `{` and `}` are for the marks that stand in an offline preview where AWS has yet to choose a name.
_NAME: Final = r"^[A-Za-z0-9_./:@${}=-]+$"
Name = Annotated[str, StringConstraints(pattern=_NAME)]
Arn = Annotated[str, StringConstraints(pattern=r"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:[A-Za-z0-9_./:@${}=-]+$")]
Count = Annotated[int, Field(ge=1)]
SideName = Literal["home", "recovery"]


class ManifestError(ValueError):
    """A manifest that cannot be written or read. The message repeats no value."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Fleet(_Part):
    """A side's instances: the Auto Scaling group, its limits, and how many carry the load of the side that serves."""

    autoscaling_group: Name
    minimum: Count
    maximum: Count
    scale_to: Count

    @model_validator(mode="after")
    def _reachable(self) -> Fleet:
        if not self.minimum <= self.maximum or self.scale_to > self.maximum:
            raise ValueError("minimum and scale_to must not exceed maximum")
        return self


class Database(_Part):
    """A side's database instance. Its fence is `read_only` in `parameter_group`."""

    identifier: Name
    arn: Arn
    generation: Count
    parameter_group: Name


class Secrets(_Part):
    """A side's secrets, by ARN: the service's account in the database, the database's master, the cache's token."""

    database: Arn
    master: Arn
    cache: Arn


class Side(_Part):
    """A side of the cell."""

    region: Name
    load_balancer: Name
    target_group: Arn
    fleet: Fleet
    database: Database
    secrets: Secrets
    key: Arn
    buckets: Mapping[str, Name]
    vault: Arn
    operations_topic: Arn


class Release(_Part):
    """What the instances run: its key in each side's releases bucket, and its SHA-256 in hex."""

    key: Name
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Switch(_Part):
    """The metric that leads users to recovery, its one dimension, and the alarm that follows it, in `region`."""

    region: Name
    namespace: Name
    metric: Name
    dimension: Name
    alarm: Name


class Targets(_Part):
    """Most time in which reads and writes are back, and most writing that is lost, in seconds."""

    reads_seconds: Count
    writes_seconds: Count
    data_loss_seconds: Count


class Promise(_Part):
    """Most time in which a patient journey works again, and most of its writing that is lost, in seconds."""

    rto_seconds: Count
    rpo_seconds: Count


class Manifest(_Part):
    """The manifest of a cell.

    `image` is the public parameter that names the machine image in each region; `quotas` is what each region needs, by
    service and quota code (`domain.quotas`). `journeys` is empty in manifests from before journeys promised this.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    cell: Name
    jurisdiction: Name
    account_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    writer: SideName
    home: Side
    recovery: Side
    release: Release
    image: Name
    switch: Switch
    health_checks: Mapping[str, Name]
    quotas: Mapping[str, int]
    targets: Targets
    journeys: Mapping[Name, Promise] = {}

    def side(self, name: SideName) -> Side:
        """The side called `name`."""
        return self.home if name == "home" else self.recovery


def parameter_name(cell: str) -> str:
    """Where the manifest of `cell` is kept in either region: who fails over need not know more than the cell's name."""
    return f"/{SYSTEM}/{cell}/continuity/manifest"


def write(content: Mapping[str, Any]) -> str:
    """The manifest with `content`, as the text that is kept.

    Raises:
        ManifestError: something is missing, unknown or of the wrong form, or the whole is too large.
    """
    text = _validated(json.dumps({"schema_version": SCHEMA_VERSION, **content})).model_dump_json()
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ManifestError(f"the manifest has {size} bytes, and Parameter Store holds {MOST_BYTES}; shorten names")
    return text


def read(text: str) -> Manifest:
    """The manifest that was kept as `text`.

    Raises:
        ManifestError: it is none, or of a version that this code does not know.
    """
    return _validated(text)


def tier(text: str) -> str:
    """The tier of Parameter Store that holds `text`: the standard one, which is free, unless it is too small."""
    return "Standard" if len(text.encode()) <= STANDARD_BYTES else "Advanced"


def _validated(text: str) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'it'}: {item['msg']}" for item in error.errors())
        raise ManifestError(f"this is no manifest of version {SCHEMA_VERSION}: {found}") from None
