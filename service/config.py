"""What the service is told: one JSON file, read once, refused whole if anything in it is wrong.

The path is in the environment variable ``SERVICE_CONFIG`` (default ``/etc/medical/service.json``). Every key is
required and no other is allowed::

    {"cell": "us", "side": "home", "region": "us-east-2", "release": "starter",
     "account": "123456789012",
     "other_region": "us-west-2", "drill_role": "arn:aws:iam::123456789012:role/medical-us-global-drill",
     "listen": {"host": "0.0.0.0", "port": 8443,
                "certificate": "/etc/medical/tls.crt", "key": "/etc/medical/tls.key"},
     "database": {"host": "db.example", "port": 3306, "name": "medical",
                  "secret": "<ARN or name>", "ca": "rds"},
     "cache": {"host": "cache.example", "port": 6379, "secret": "<ARN or name>", "ca": "system"},
     "buckets": {"uploads": "...", "derived": "..."},
     "topics": {"appointments": "<ARN>"}, "queues": {"appointments": "<ARN>"}}

``side`` is ``home`` or ``recovery``. ``other_region`` is the other side's, and ``drill_role`` the only role that the
endpoints for drills answer; either may be ``none``, and without a role the endpoints are not there. ``account`` is our
own, whose roles may walk the journeys. ``topics`` and ``queues`` may be empty; their keys are the journeys'. What is
published to a topic arrives in the queue, which is worked off. ``database.ca`` is ``rds`` (the authorities that Amazon
RDS uses in ``region``, shipped with the service) or the path of a PEM file; ``cache.ca`` is ``system`` (what the
operating system trusts) or a path.
The file holds no secrets, only where AWS Secrets Manager keeps them: ``{"username", "password"}`` for the database and
``{"token"}`` for the cache. An ARN must be of ``region``, because an instance uses nothing but its own side.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service import rules
from service.rules import ConfigError, Rule, Table

DEFAULT_PATH = Path("/etc/medical/service.json")
VARIABLE = "SERVICE_CONFIG"

_MAX_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Listen:
    """Where to serve, and the certificate and key (PEM files) to serve with."""

    host: str
    port: int
    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Database:
    """The side's MySQL. ``authority`` is the PEM file of the only authorities believed."""

    host: str
    port: int
    name: str
    secret: str
    authority: Path


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The side's Valkey. ``authority`` is a PEM file, or None for what the operating system trusts."""

    host: str
    port: int
    secret: str
    authority: Path | None


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Names of the side's buckets."""

    uploads: str
    derived: str


@dataclass(frozen=True, kw_only=True)
class Drill:
    """Who may drill: a role of an account, which AWS STS must confirm in one of the cell's ``regions``."""

    account_id: str
    role_name: str
    regions: tuple[str, ...]

    @property
    def roles(self) -> str:
        """The pattern of the names of the roles admitted."""
        return re.escape(self.role_name)


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Who may call otherwise: roles of an account by the pattern of their names, confirmed in one of ``regions``."""

    account_id: str
    roles: str
    regions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything the service is told."""

    cell: str
    side: str
    region: str
    release: str
    account: str
    regions: tuple[str, ...]
    listen: Listen
    database: Database
    cache: Cache
    buckets: Buckets
    topics: Mapping[str, str]
    queues: Mapping[str, str]
    drill: Drill | None


def load(path: Path) -> Config:
    """Read and parse the file.

    Raises:
        ConfigError: one line that names the file, the key, the value, the rule and the way out.

    """
    try:
        return parse(_decoded(_text(path)))
    except ConfigError as error:
        raise ConfigError(f"{str(path)!r}: {error}") from None


def parse(document: object) -> Config:
    """Turn a decoded document into typed values. Touches neither the network nor, but for our own, any file."""
    table = Table(
        document, "", {"cell", "side", "region", "release", "account", "other_region", "drill_role", *_SECTIONS}
    )
    region = table.text("region", rules.REGION)
    regions = _regions(table, region)
    return Config(
        cell=table.text("cell", rules.LABEL),
        side=table.text("side", rules.SIDE),
        region=region,
        release=table.text("release", rules.RELEASE),
        account=table.text("account", rules.ACCOUNT),
        regions=regions,
        listen=_listen(table.table("listen", {"host", "port", "certificate", "key"})),
        database=_database(table.table("database", {"host", "port", "name", "secret", "ca"}), region),
        cache=_cache(table.table("cache", {"host", "port", "secret", "ca"}), region),
        buckets=_buckets(table.table("buckets", {"uploads", "derived"})),
        topics=_arns(table.table("topics"), rules.TOPIC, region),
        queues=_arns(table.table("queues"), rules.QUEUE, region),
        drill=_drill(table, regions),
    )


_SECTIONS = ("listen", "database", "cache", "buckets", "topics", "queues")


def _listen(table: Table) -> Listen:
    return Listen(
        host=table.text("host", rules.HOST),
        port=table.port("port"),
        certificate=Path(table.text("certificate", rules.PATH)),
        key=Path(table.text("key", rules.PATH)),
    )


def _database(table: Table, region: str) -> Database:
    return Database(
        host=table.text("host", rules.HOST),
        port=table.port("port"),
        name=table.text("name", rules.SCHEMA),
        secret=table.own("secret", rules.SECRET, region),
        authority=rules.database_authority(table, region),
    )


def _cache(table: Table, region: str) -> Cache:
    ca = table.text("ca", rules.CACHE_CA)
    return Cache(
        host=table.text("host", rules.HOST),
        port=table.port("port"),
        secret=table.own("secret", rules.SECRET, region),
        authority=None if ca == "system" else Path(ca),
    )


def _buckets(table: Table) -> Buckets:
    return Buckets(uploads=table.text("uploads", rules.BUCKET), derived=table.text("derived", rules.BUCKET))


def _regions(table: Table, region: str) -> tuple[str, ...]:
    other = table.text("other_region", rules.OTHER_REGION)
    return (region,) if other in (region, rules.NONE) else (region, other)


def _drill(table: Table, regions: tuple[str, ...]) -> Drill | None:
    role = table.text("drill_role", rules.DRILL_ROLE)
    if role == rules.NONE:
        return None
    return Drill(account_id=role.split(":")[4], role_name=role.partition("/")[2], regions=regions)


def _arns(table: Table, rule: Rule, region: str) -> Mapping[str, str]:
    return {key: table.own(key, rule, region) for key in table.keys()}  # noqa: SIM118  a Table is no dict


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError(f"it is larger than {_MAX_BYTES} bytes: a configuration is a page; give the right file")
        return content.decode()
    except OSError as error:
        raise ConfigError(
            f"it cannot be read ({error.strerror}): write the configuration there, or name another file in {VARIABLE}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8: JSON is written in UTF-8; write the file again") from None


def _decoded(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError:
        raise ConfigError("it is nested too deeply: no section holds more than strings and ports") from None
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"it is not JSON ({error.msg} at line {error.lineno}, column {error.colno}): see 'python -m service --help'"
        ) from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ConfigError(f"key {rules.shown(key)} is there twice: a key is given once; remove one")
        found[key] = value
    return found
