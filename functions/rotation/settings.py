"""What the function's environment tells it: read once, typed, refused if missing or senseless. Pure but for paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import botocore.httpsession

from functions.rotation.faults import SettingsError

CERTIFICATES: Final = Path(__file__).parent / "certificates"
"""The authorities that RDS's certificates go back to, a file a region; the package brings them along."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a store listens, and the file of the authorities that it must prove itself by."""

    host: str
    port: int
    authority: Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One side's stores and the names of its secrets.

    `application`, `master` and `token` are secrets' names; the first two have one name in both of the cell's regions.
    `other` is the ARN of the other side's function, empty in a cell of one side. `days` is what lies between two
    rotations.
    """

    region: str
    application: str
    master: str
    token: str
    database: Place
    schema: str
    cache: Place
    cache_group: str
    other: str
    days: int


def load(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`.

    Raises:
        SettingsError: one is missing or no number.
    """
    region = _word(environment, "AWS_REGION")
    rds = Path(environment.get("DATABASE_AUTHORITY") or CERTIFICATES / f"{region}.pem")
    # ElastiCache's go back to Amazon's own, which are among those that botocore brings along in Lambda's runtime.
    public = Path(environment.get("CACHE_AUTHORITY") or str(botocore.httpsession.get_cert_path(verify=True)))
    return Settings(
        region=region,
        application=_word(environment, "APPLICATION_SECRET"),
        master=_word(environment, "MASTER_SECRET"),
        token=_word(environment, "CACHE_SECRET"),
        database=_place(environment, "DATABASE", rds),
        schema=_word(environment, "DATABASE_SCHEMA"),
        cache=_place(environment, "CACHE", public),
        cache_group=_word(environment, "CACHE_GROUP"),
        other=environment.get("OTHER_FUNCTION", ""),
        days=_number(environment, "ROTATION_DAYS"),
    )


def _place(environment: Mapping[str, str], store: str, authority: Path) -> Place:
    host, port = _word(environment, f"{store}_HOST"), _number(environment, f"{store}_PORT")
    return Place(host=host, port=port, authority=authority)


def _word(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: the function needs it, so set it in the function's environment")
    return value


def _number(environment: Mapping[str, str], name: str) -> int:
    value = _word(environment, name)
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise SettingsError(f"{name} is {value!r}: give a whole number of at least 1")
    return int(value)
