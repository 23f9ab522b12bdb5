"""What one value may be: a rule a kind of value, each with its message. Pure.

Every rule sees the value before pydantic does, so that a wrong type and a wrong value are refused in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from ipaddress import IPv4Network
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator

from domain import (
    alarms,
    documents,
    endpoints,
    jurisdictions,
    naming,
    objectives,
    posture,
    regions,
    repair,
    retention,
    waf,
)
from domain.ownership import OWN

CREATE: Final = "create"
STARTER: Final = "starter"

# Periods that CloudWatch Logs keeps log events, in days. Source: PutRetentionPolicy in its API reference.
# fmt: off
LOG_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on
HEALTH_CHECK_SECONDS: Final = (10, 30)
# HIPAA 164.316(b)(2): documentation is kept for six years, two of which may be leap years.
LEAST_AUDIT_DAYS: Final = retention.EVIDENCE_DAYS
# AWS Foundational Security Best Practices, SecretsManager.4: rotated within a stated number of days, 90 by default.
MOST_ROTATION_DAYS: Final = 90
MOST_AUDIT_DAYS: Final = 36500  # a hundred years, the most that AWS Backup takes
PRIVATE_RANGES: Final = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
LARGEST_VPC, SMALLEST_VPC = 16, 20

_TO_16 = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_TO_48 = ("medium", *_TO_16, "24xlarge", "48xlarge")
# Graviton families from Graviton2 on and the sizes they come in, for general use: none with an accelerator or made for
# one kind of load. Source: "Amazon EC2 instance types" in the EC2 instance types guide; to be checked.
INSTANCE_SIZES: Final = {
    "t4g": ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "m7gd"), ("medium", *_TO_16)),
    **dict.fromkeys(("c6g", "c6gd", "c6gn", "c7g", "c7gd", "c7gn"), ("medium", *_TO_16)),
    **dict.fromkeys(("r6g", "r6gd", "r7g", "r7gd", "x2gd"), ("medium", *_TO_16)),
    **dict.fromkeys(("m8g", "c8g", "r8g"), _TO_48),
}
# Graviton nodes; r6gd is left out, because it needs data tiering, which the platform does not turn on.
# Source: "Supported node types" in the ElastiCache user guide; to be checked.
CACHE_SIZES: Final = {
    "t4g": ("micro", "small", "medium"),
    **dict.fromkeys(("m6g", "m7g", "r6g", "r7g", "c7gn"), _TO_16),
}
# Graviton classes of RDS for MySQL from medium on, because Performance Insights does not run on smaller ones.
# Source: "Supported DB engines for DB instance classes" in the Amazon RDS User Guide; to be checked.
DATABASE_SIZES: Final = {
    "t4g": ("medium", "large", "xlarge", "2xlarge"),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g", "x2g"), _TO_16),
    **dict.fromkeys(("m8g", "r8g"), (*_TO_16, "24xlarge", "48xlarge")),
}
_RELEASE = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,255}@sha256:[0-9a-f]{64}"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def _text(check: Callable[[str], str | None]) -> BeforeValidator:
    """Accept text for which `check` has no objection."""

    def validate(value: object) -> str:
        rule = check(value) if isinstance(value, str) else "must be text"
        if rule or not isinstance(value, str):
            raise ValueError(rule)
        return value

    return BeforeValidator(validate)


def _matches(pattern: str, rule: str) -> BeforeValidator:
    """Accept text that matches `pattern` as a whole; its classes mean ASCII."""
    compiled = re.compile(pattern, re.ASCII)
    return _text(lambda text: None if compiled.fullmatch(text) else rule)


def between(least: int, most: int) -> BeforeValidator:
    """Accept a whole number from `least` to `most`."""

    def validate(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"must be a whole number between {least} and {most}")
        return value

    return BeforeValidator(validate)


def _type(prefix: str, sizes: Mapping[str, Sequence[str]], what: str) -> BeforeValidator:
    """Accept a type whose family and size are in `sizes`; `what` says what it is, with examples."""

    def check(text: str) -> str | None:
        family, dot, size = text.removeprefix(prefix).partition(".")
        if not text.startswith(prefix) or not dot or family not in sizes:
            return f"must be {what}; choose one of the families {', '.join(sizes)}"
        if size not in sizes[family]:
            return f"is a size that {prefix}{family} does not come in; choose one of {', '.join(sizes[family])}"
        return None

    return _text(check)


def _release(text: str) -> str | None:
    if text != STARTER and not re.fullmatch(_RELEASE, text, re.ASCII):
        return f'must be "{STARTER}" or <key in the releases bucket>@sha256:<64 hex digits>'
    if ".." in text.partition("@")[0].split("/"):
        return "must not have '..' between slashes: tools take that for the folder above; give the key in full"
    return None


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - pydantic reports ValueError as a refusal
    return value


def _region(text: str) -> str | None:
    if text in regions.REGIONS:
        return None
    near = get_close_matches(text.lower(), regions.REGIONS) or sorted(regions.REGIONS)
    return f"is no region with three availability zones that the platform knows; choose one of {', '.join(near)}"


def _or_none(check: Callable[[str], str | None]) -> BeforeValidator:
    """Accept what `check` accepts, and the word for nothing."""
    return _text(lambda text: None if text == posture.NONE else check(text))


def _jurisdiction(text: str) -> str | None:
    if text not in jurisdictions.REGIONS_OF:
        return f"is no jurisdiction that the platform knows; choose one of {', '.join(jurisdictions.REGIONS_OF)}"
    return None


def _cidr(text: str) -> str | None:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}/\d{1,2}", text, re.ASCII):
        return "must be a private IPv4 range such as 10.10.0.0/16"
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        return "must be an address and its prefix length, such as 10.10.0.0/16"
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        return f"must lie in one of the private ranges {', '.join(map(str, PRIVATE_RANGES))} (RFC 1918)"
    if not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        size = "large" if network.prefixlen < LARGEST_VPC else "small"
        return f"is too {size} for a VPC of the platform; choose a prefix between /{LARGEST_VPC} and /{SMALLEST_VPC}"
    if text != str(network):
        return "must start with the first address of its range; set the bits behind the prefix to 0"
    return None


def _endpoints(value: object) -> tuple[str, ...]:
    choice = f"choose among {', '.join(endpoints.INTERFACE)}"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f'must be a list such as ["ssm", "kms"]; {choice}')  # noqa: TRY004 - as above
    for place, name in enumerate(value, start=1):
        if name not in endpoints.INTERFACE:
            raise ValueError(f"item {place} is no service that an endpoint can be made for; {choice}")
        if name in value[: place - 1]:
            raise ValueError(f"item {place} names a service again; name each once")
    return tuple(value)


def _released(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError('must be a list such as ["home-1"]')  # noqa: TRY004 - as above
    for place, name in enumerate(value, start=1):
        if not isinstance(name, str) or not re.fullmatch(r"(home|recovery)-[1-9]\d{0,2}", name, re.ASCII):
            raise ValueError(f"item {place} is no database instance: name its side and generation, such as home-1")
        if name in value[: place - 1]:
            raise ValueError(f"item {place} names an instance again; name each once")
    return tuple(value)


def _chosen(known: Sequence[str], *, least: int) -> BeforeValidator:
    """Accept a list of at least `least` names among `known`, each once."""
    choice = f"choose among {', '.join(known)}"

    def validate(value: object) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ValueError(f'must be a list such as ["{known[0]}"]; {choice}')  # noqa: TRY004 - as above
        for place, name in enumerate(value, start=1):
            if name not in known:
                raise ValueError(f"item {place} is not known; {choice}")
            if name in value[: place - 1]:
                raise ValueError(f"item {place} names the same again; name each once")
        if len(value) < least:
            raise ValueError(f"must name at least {least}; {choice}")
        return tuple(value)

    return BeforeValidator(validate)


def _objectives(value: object) -> objectives.Objectives:
    try:
        return objectives.parse(value)
    except objectives.ObjectiveError as error:
        raise ValueError(str(error)) from None


def _health_check_seconds(value: object) -> int:
    if isinstance(value, bool) or value not in HEALTH_CHECK_SECONDS or not isinstance(value, int):
        raise ValueError("must be 10 (fast) or 30 (standard), the intervals that Route 53 offers")
    return value


def _audit_days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not LEAST_AUDIT_DAYS <= value <= MOST_AUDIT_DAYS:
        raise ValueError(
            f"must be {LEAST_AUDIT_DAYS} to {MOST_AUDIT_DAYS} days: HIPAA 164.316(b)(2) has evidence kept for six "
            f"years; set {LEAST_AUDIT_DAYS} or more"
        )
    return value


def _rotation_days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_ROTATION_DAYS:
        raise ValueError(
            f"must be 1 to {MOST_ROTATION_DAYS} days: AWS's security standards ask that secrets are rotated within "
            f"{MOST_ROTATION_DAYS} days; set 30 unless yours asks for less"
        )
    return value


def _log_days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in LOG_DAYS:
        raise ValueError(f"must be a period that CloudWatch offers: {', '.join(map(str, LOG_DAYS))} days")
    return value


Cell: TypeAlias = Annotated[
    str,
    _matches(
        rf"(?=.{{2,{naming.CELL_LIMIT}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        f"a cell (the stack's name) has 2 to {naming.CELL_LIMIT} lower-case letters, digits and inner dashes and "
        "starts with a letter, because bucket, load balancer and DNS names are made from it; rename the stack",
    ),
]
Account: TypeAlias = Annotated[
    str, _matches(r"\d{12}", 'must be the 12 digits of an AWS account id, in quotes: "111122223333"')
]
Domain: TypeAlias = Annotated[
    str,
    _matches(
        rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?",
        "must be a domain name in lower case with at least two labels, such as example.com",
    ),
]
Jurisdiction: TypeAlias = Annotated[str, _text(_jurisdiction)]
RegionName: TypeAlias = Annotated[str, _text(_region)]
Cidr: TypeAlias = Annotated[str, _text(_cidr)]
RecoveryRegion: TypeAlias = Annotated[str, _or_none(_region)]
RecoveryCidr: TypeAlias = Annotated[str, _or_none(_cidr)]
Zone: TypeAlias = Annotated[
    str,
    _matches(rf"{CREATE}|Z[A-Z0-9]{{5,31}}", f'must be "{CREATE}" or the id of a hosted zone, such as Z0123456789ABC'),
]
Owner: TypeAlias = Annotated[
    str,
    _matches(
        rf"(?=.{{2,{naming.CELL_LIMIT}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        f'must be "{OWN}" or the name of the stack that owns it, such as us',
    ),
]
Repository: TypeAlias = Annotated[
    str,
    _matches(
        rf"{posture.NONE}|[A-Za-z0-9][A-Za-z0-9-]{{0,38}}/[A-Za-z0-9._-]{{1,100}}",
        f'must be "{posture.NONE}" or a repository on GitHub, owner/name, such as clinic/platform',
    ),
]
Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag)]
Endpoints: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_endpoints)]
AuditDays: TypeAlias = Annotated[int, BeforeValidator(_audit_days)]
RotationDays: TypeAlias = Annotated[int, BeforeValidator(_rotation_days)]
LogDays: TypeAlias = Annotated[int, BeforeValidator(_log_days)]
Posture: TypeAlias = Annotated[
    str, _matches(f"{posture.WARM}|{posture.BACKUP_ONLY}", f"must be {posture.WARM} or {posture.BACKUP_ONLY}")
]
Writer: TypeAlias = Annotated[str, _matches("home|recovery", "must be the side that writes: home or recovery")]
Released: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_released)]
Objectives: TypeAlias = Annotated[objectives.Objectives, BeforeValidator(_objectives)]
HealthCheckSeconds: TypeAlias = Annotated[int, BeforeValidator(_health_check_seconds)]
WafMode: TypeAlias = Annotated[str, _matches(f"{waf.BLOCK}|{waf.COUNT}", f"must be {waf.BLOCK} or {waf.COUNT}")]
AlarmProfile: TypeAlias = Annotated[
    str, _matches("|".join(alarms.PROFILES), f"must be one of {', '.join(alarms.PROFILES)}")
]
VaultLock: TypeAlias = Annotated[str, _matches("governance|compliance", "must be governance or compliance")]
InstanceType: TypeAlias = Annotated[
    str, _type("", INSTANCE_SIZES, "a Graviton (arm64) instance type such as t4g.small or m7g.large")
]
DatabaseClass: TypeAlias = Annotated[
    str, _type("db.", DATABASE_SIZES, "a Graviton class of RDS for MySQL such as db.t4g.medium or db.r7g.large")
]
CacheNode: TypeAlias = Annotated[
    str, _type("cache.", CACHE_SIZES, "a Graviton node type such as cache.t4g.small or cache.r7g.large")
]
Release: TypeAlias = Annotated[str, _text(_release)]
Package: TypeAlias = Annotated[
    str,
    _matches(
        r"(?!.*(^|/)\.\.(/|$))[A-Za-z0-9][A-Za-z0-9._/-]{0,250}\.zip",
        "must be the path of a zip file inside the checkout, such as build/functions/documents.zip",
    ),
]
Formats: TypeAlias = Annotated[tuple[str, ...], _chosen(documents.FORMATS, least=1)]
TextFeatures: TypeAlias = Annotated[tuple[str, ...], _chosen(documents.TEXT_FEATURES, least=0)]
Repairs: TypeAlias = Annotated[
    str,
    _matches(
        f"{repair.ACT}|{repair.NOTIFY}", f"must be {repair.ACT} (repair what can be) or {repair.NOTIFY} (tell only)"
    ),
]
