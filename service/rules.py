"""What a configured value must look like, and how a refusal is worded: key, value, rule, way out, on one line."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from service import tls

_SHOWN_CHARACTERS = 60
_LAST_PORT = 65_535

NONE = "none"
"""What is written where there is nothing to name, so that nothing is left out by mistake."""


class ConfigError(ValueError):
    """The configuration is refused; the text is one line."""


@dataclass(frozen=True)
class Rule:
    """A pattern with its words. A value that may itself be a secret is not ``shown``."""

    pattern: str
    says: str
    advice: str
    shown: bool = True


LABEL = Rule(r"[a-z][a-z0-9-]{0,30}", "a cell is a short lower-case name", "give the name of the stack, such as us")
SIDE = Rule(r"home|recovery", "a side is home or recovery", "give the one that this instance belongs to")
REGION = Rule(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region is expected", "give one such as us-east-2")
OTHER_REGION = Rule(
    rf"{NONE}|{REGION.pattern}",
    "the other side's region is an AWS region or none",
    "give one such as us-west-2, or none for a cell of one side",
)
ACCOUNT = Rule(r"[0-9]{12}", "an AWS account has twelve digits", "give the id of our own, in quotes")
DRILL_ROLE = Rule(
    rf"{NONE}|arn:aws:iam::[0-9]{{12}}:role/[A-Za-z0-9_+=,.@-]{{1,64}}",
    "the drills' role is named by its ARN, or none",
    "give one such as arn:aws:iam::123456789012:role/medical-us-global-drill, or none for no drills",
)
RELEASE = Rule(r"[^\x00-\x1f\x7f]{1,64}", "a release is 1 to 64 printable characters", "give its name, such as starter")
HOST = Rule(
    r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|[0-9A-Fa-f:]{2,45}",
    "a host is a name or an address, without scheme or port",
    "give the endpoint's address",
)
PATH = Rule(r"/[^\x00-\x1f\x7f]+", "a file is named by its whole path", "give a path that starts with /")
SCHEMA = Rule(
    r"[A-Za-z][A-Za-z0-9_]{0,63}",
    "a database's name is up to 64 letters, digits and underscores",
    "give the name that the instance was created with",
)
BUCKET = Rule(
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "a bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens",
    "give the name without s3://",
)
SECRET = Rule(
    r"(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@!-]{1,512}",
    "a secret is named by its ARN or its name in AWS Secrets Manager",
    "store the secret there and give its ARN",
    shown=False,
)
TOPIC = Rule(
    r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}",
    "a topic is named by its ARN",
    "give one such as arn:aws:sns:us-east-2:123456789012:appointments",
)
QUEUE = Rule(
    r"arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}",
    "a queue is named by its ARN",
    "give one such as arn:aws:sqs:us-east-2:123456789012:appointments",
)
DATABASE_CA = Rule(
    rf"rds|{PATH.pattern}",
    "an authority is rds or the path of a PEM file",
    "give rds unless the database is not Amazon's",
)
CACHE_CA = Rule(
    rf"system|{PATH.pattern}",
    "an authority is system or the path of a PEM file",
    "give system unless the cache is not Amazon's",
)


class Table:
    """One JSON object of the configuration, whose keys have been checked."""

    def __init__(self, value: object, path: str, keys: Collection[str] | None = None) -> None:
        """Refuse what is no object, lacks one of ``keys`` or has others (None: the keys are the user's)."""
        self._path = path
        if not isinstance(value, dict):
            where = path or "the document"
            raise ConfigError(f"{where} is {shown(value)}: it must be a JSON object; see 'python -m service --help'")
        self._values: dict[str, object] = value
        if keys is None:
            return
        for key in self._values:
            if key not in keys:
                raise ConfigError(
                    f"{self._named(key)} is not a key (its value is not shown): "
                    f"the keys here are {_listed(keys)}; remove or correct it"
                )
        for key in sorted(keys):
            if key not in self._values:
                raise ConfigError(f"{self._named(key)} is missing: every one of {_listed(keys)} is required; add it")

    def keys(self) -> Iterable[str]:
        """Return the keys, in the order of the file."""
        return tuple(self._values)

    def table(self, key: str, keys: Collection[str] | None = None) -> "Table":
        """Return the object below ``key``."""
        return Table(self._values[key], self._named(key), keys)

    def text(self, key: str, rule: Rule) -> str:
        """Return the string at ``key`` if the rule holds."""
        value = self._values[key]
        if isinstance(value, str) and re.fullmatch(rule.pattern, value):
            return value
        said = shown(value) if rule.shown else "a value that is not shown, as it may be a secret"
        raise ConfigError(f"{self._named(key)} is {said}: {rule.says}; {rule.advice}")

    def own(self, key: str, rule: Rule, region: str) -> str:
        """Return the string at ``key``, which if it is an ARN must be of our own region."""
        value = self.text(key, rule)
        if value.startswith("arn:") and (found := value.split(":")[3]) != region:
            raise ConfigError(
                f"{self._named(key)} is an ARN of {found}: an instance in {region} uses only its own side; "
                f"give what is in {region}"
            )
        return value

    def port(self, key: str) -> int:
        """Return the port at ``key``."""
        value = self._values[key]
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LAST_PORT:
            return value
        raise ConfigError(
            f"{self._named(key)} is {shown(value)}: a port is a whole number from 1 to {_LAST_PORT}, without quotes; "
            "give the port in use"
        )

    def _named(self, key: str) -> str:
        plain = key if re.fullmatch(r"[\w-]{1,40}", key) else shown(key)
        return f"{self._path}.{plain}" if self._path else plain


def database_authority(table: Table, region: str) -> Path:
    """Return the PEM file that ``ca`` means in ``region``."""
    ca = table.text("ca", DATABASE_CA)
    if ca != "rds":
        return Path(ca)
    known = tls.rds_authorities()
    if region not in known:
        raise ConfigError(
            f"database.ca is 'rds' and region {region!r} is not one whose authorities are shipped ({_listed(known)}): "
            f"put AWS's bundle for {region} on the instance and give its path"
        )
    return known[region]


def shown(value: object) -> str:
    """Return a value as it may appear in a message: quoted, on one line, not long."""
    text = ascii(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))
