"""The settings of a cell: the only place that reads `pulumi.Config`, and where bad values end.

`load` turns the stack's configuration into one frozen, typed value before any resource exists. Everything that is wrong
is reported at once, each with key, value, rule and way out. Defaults live in `Pulumi.yaml` only, where
`pulumi config` shows them. Nothing here touches the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network
from typing import Annotated, Any, Final

import pulumi
from pulumi.runtime import config as pulumi_config
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from components import jurisdictions, naming, regions
from components.network import services as endpoint_services

PROJECT: Final = "medical-platform"
CREATE: Final = "create"
STARTER: Final = "starter"

# Periods that CloudWatch Logs keeps log events, in days. Source: PutRetentionPolicy in its API reference.
LOG_DAYS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
PRIVATE_RANGES: Final = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
LARGEST_VPC, SMALLEST_VPC = 16, 20
CERTIFICATE_NAME_LIMIT: Final = 64  # the first name of an ACM certificate, in characters
STORAGE_HEADROOM_PERCENT: Final = 10  # RDS takes a growth limit at least this far above the storage

_SIZE = r"(nano|micro|small|medium|large|\d*xlarge)"
_GRAVITON = rf"[a-z]+\d+g[a-z]*\.{_SIZE}"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SHOWN = 80  # characters of a refused value that a message repeats


class SettingsError(pulumi.RunError):
    """The configuration was refused. Pulumi prints the message without a traceback."""

    def __init__(self, cell: str, problems: Sequence[Problem]) -> None:
        """Keep `problems` for machines and make the text for people."""
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"the configuration of cell {cell!r} was refused before anything was made:\n{lines}")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refusal: the configuration key, the value as given, the rule that it breaks with the way out."""

    key: str
    value: str
    rule: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.key} = {self.value}: {self.rule}"


def _matches(pattern: str, rule: str) -> AfterValidator:
    """Accept text that matches `pattern` as a whole."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(rule)
        return text

    return AfterValidator(check)


def _region(text: str) -> str:
    return regions.region(text).name


def _jurisdiction(text: str) -> str:
    if text not in jurisdictions.REGIONS_OF:
        raise ValueError(f"no such jurisdiction; choose one of {', '.join(jurisdictions.REGIONS_OF)}")
    return text


def _cidr(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"{error}; give a private IPv4 range such as 10.10.0.0/16") from None
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError(f"a VPC's range must lie in one of {', '.join(map(str, PRIVATE_RANGES))} (RFC 1918)")
    if not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        raise ValueError(f"a VPC of the platform is a /{LARGEST_VPC} to /{SMALLEST_VPC}; choose a prefix in between")
    return network


def _endpoints(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in endpoint_services.INTERFACE]
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}; choose among {', '.join(endpoint_services.INTERFACE)}")
    if len(set(names)) != len(names):
        raise ValueError("a service is named twice; name each once")
    return names


def _log_days(days: int) -> int:
    if days not in LOG_DAYS:
        raise ValueError(f"CloudWatch keeps logs for {', '.join(map(str, LOG_DAYS))} days; choose one of these")
    return days


_Graviton = _matches(_GRAVITON, "must be a Graviton (arm64) instance type such as t4g.small or m7g.large")
_DatabaseClass = _matches(
    r"db\.[a-z]+\d+g[a-z]*\.(medium|large|\d*xlarge)",
    "must be a Graviton class of at least medium, such as db.t4g.medium or db.r7g.large "
    "(Performance Insights does not run on smaller ones)",
)
_CacheNode = _matches(rf"cache\.{_GRAVITON}", "must be a Graviton node type such as cache.t4g.small or cache.r7g.large")
_Account = _matches(r"\d{12}", 'an AWS account id has 12 digits, in quotes: "111122223333"')
_Domain = _matches(
    rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?",
    "must be a domain name in lower case with at least two labels, such as example.com",
)
_Zone = _matches(
    rf"{CREATE}|Z[A-Z0-9]{{5,31}}", f'must be "{CREATE}" or the id of a hosted zone, such as Z0123456789ABC'
)
_Release = _matches(
    rf"{STARTER}|[A-Za-z0-9][A-Za-z0-9._/-]{{0,255}}@sha256:[0-9a-f]{{64}}",
    f'must be "{STARTER}" or <key in the releases bucket>@sha256:<64 hex digits>',
)


class Settings(BaseModel):
    """What a cell is made from. Units are in the names; descriptions and defaults are in `Pulumi.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)

    cell: Annotated[
        str,
        _matches(
            rf"(?=.{{2,{naming.CELL_LIMIT}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
            f"a cell (the stack's name) has 2 to {naming.CELL_LIMIT} lower-case letters, digits and inner dashes and "
            "starts with a letter, because bucket, load balancer and DNS names are made from it; rename the stack",
        ),
    ]
    account_id: Annotated[str, _Account]
    domain: Annotated[str, _Domain]
    jurisdiction: Annotated[str, AfterValidator(_jurisdiction)]
    home_region: Annotated[str, AfterValidator(_region)]
    home_cidr: Annotated[str, AfterValidator(_cidr), AfterValidator(str)]
    recovery_region: Annotated[str, AfterValidator(_region)]
    recovery_cidr: Annotated[str, AfterValidator(_cidr), AfterValidator(str)]
    zone: Annotated[str, _Zone]

    deletion_protection: bool
    throw_away: bool

    nat_per_az: bool
    interface_endpoints: Annotated[tuple[str, ...], AfterValidator(_endpoints), Field(strict=False)]

    web_instance_type: Annotated[str, _Graviton]
    web_home_min: Annotated[int, Field(ge=1, le=100)]
    web_recovery_min: Annotated[int, Field(ge=1, le=100)]
    web_max: Annotated[int, Field(ge=1, le=100)]
    web_volume_gib: Annotated[int, Field(ge=8, le=1024)]
    release: Annotated[str, _Release]

    database_class: Annotated[str, _DatabaseClass]
    database_storage_gib: Annotated[int, Field(ge=20, le=65536)]
    database_max_storage_gib: Annotated[int, Field(ge=22, le=65536)]
    database_backup_days: Annotated[int, Field(ge=1, le=35)]

    cache_node_type: Annotated[str, _CacheNode]
    cache_replicas: Annotated[int, Field(ge=1, le=5)]

    log_days: Annotated[int, AfterValidator(_log_days)]
    access_log_days: Annotated[int, Field(ge=90, le=3653)]
    noncurrent_days: Annotated[int, Field(ge=7, le=3653)]


def from_pulumi() -> Settings:
    """The settings of the stack that runs.

    Raises:
        SettingsError: the configuration is refused.
    """
    prefix = f"{PROJECT}:"
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    raw = {key.removeprefix(prefix): str(value) for key, value in given.items() if key.startswith(prefix)}
    secret = {key for key in raw if pulumi_config.is_config_secret(prefix + key)}
    secret |= {key.removeprefix(prefix) for key in pulumi_config.get_config_secret_keys_env()}
    return load(pulumi.get_stack(), raw, secret=secret)


def load(cell: str, raw: Mapping[str, str], *, secret: set[str] | frozenset[str] = frozenset()) -> Settings:
    """The settings of `cell` from its configuration as text, keyed without the project's name.

    Values of keys in `secret` are not repeated in a refusal.

    Raises:
        SettingsError: with every problem found.
    """
    shown = {key: "[secret]" if key in secret else _short(value) for key, value in raw.items()}
    values = {key: _decode(key, text) for key, text in raw.items() if key != "cell"}
    if "cell" in raw:
        raise SettingsError(
            cell, [Problem(key="cell", value=shown["cell"], rule="the stack's name is the cell; drop it")]
        )
    try:
        settings = Settings.model_validate({"cell": cell, **values})
    except ValidationError as error:
        raise SettingsError(
            cell, [_problem(item, {**shown, "cell": _short(cell)}) for item in error.errors()]
        ) from None
    conflicts = list(_conflicts(settings))
    if conflicts:
        raise SettingsError(cell, conflicts)
    return settings


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


_TEXT_FIELDS = {to_camel(name) for name, field in Settings.model_fields.items() if field.annotation is str}


def _decode(key: str, text: str) -> object:
    """The value of a key: text as it is, anything else from the JSON that Pulumi hands over."""
    if key in _TEXT_FIELDS:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _problem(item: Mapping[str, Any], shown: Mapping[str, str]) -> Problem:
    """A refusal of pydantic's in the platform's words."""
    key = str(item["loc"][0])
    value = shown.get(key, "(missing)")
    if item["type"] == "missing":
        return Problem(key=key, value=value, rule=f"is required; set it with 'pulumi config set {key} VALUE'")
    if item["type"] == "extra_forbidden":
        known = [to_camel(name) for name in Settings.model_fields if name != "cell"]
        near = get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "'pulumi config' lists the keys"
        return Problem(key=_short(key)[1:-1], value=value, rule=f"is no setting of the platform; {hint}")
    rule = str(item["msg"]).removeprefix("Value error, ")
    return Problem(key=key, value=value, rule=rule[0].lower() + rule[1:] if rule.startswith("Input") else rule)


def _conflicts(settings: Settings) -> Iterator[Problem]:
    """What single values cannot show: settings that do not go together."""
    yield from _place_conflicts(settings)
    yield from _size_conflicts(settings)
    longest = f"{settings.cell}.app.{settings.domain}"
    if len(longest) > CERTIFICATE_NAME_LIMIT:
        rule = f"{longest} has {len(longest)} characters and a certificate's name {CERTIFICATE_NAME_LIMIT} at most"
        yield Problem(key="domain", value=_short(settings.domain), rule=f"{rule}; use a shorter domain or cell")
    if settings.throw_away and settings.deletion_protection:
        rule = "a stack that may be destroyed with its data cannot be deletion-protected; set one of the two to false"
        yield Problem(key="throwAway", value="true", rule=rule)


def _place_conflicts(settings: Settings) -> Iterator[Problem]:
    inside = jurisdictions.REGIONS_OF[settings.jurisdiction]
    for key, name in (("homeRegion", settings.home_region), ("recoveryRegion", settings.recovery_region)):
        if name not in inside:
            rule = (
                f"lies in {jurisdictions.jurisdiction_of(name)}, outside jurisdiction {settings.jurisdiction}; "
                f"choose one of {', '.join(inside)} or change jurisdiction"
            )
            yield Problem(key=key, value=repr(name), rule=rule)
    if settings.home_region == settings.recovery_region:
        others = [name for name in inside if name != settings.home_region]
        way_out = f"choose one of {', '.join(others)}" if others else "choose a jurisdiction with two regions"
        rule = f"recovery must not be in the home region, which it is to outlive; {way_out}"
        yield Problem(key="recoveryRegion", value=repr(settings.recovery_region), rule=rule)
    if IPv4Network(settings.home_cidr).overlaps(IPv4Network(settings.recovery_cidr)):
        rule = f"overlaps homeCidr {settings.home_cidr}; give the two sides ranges of their own"
        yield Problem(key="recoveryCidr", value=repr(settings.recovery_cidr), rule=rule)


def _size_conflicts(settings: Settings) -> Iterator[Problem]:
    for key, least in (("webHomeMin", settings.web_home_min), ("webRecoveryMin", settings.web_recovery_min)):
        if least > settings.web_max:
            yield Problem(
                key=key, value=str(least), rule=f"is above webMax {settings.web_max}; lower it or raise webMax"
            )
    floor = -(-settings.database_storage_gib * (100 + STORAGE_HEADROOM_PERCENT) // 100)
    if settings.database_max_storage_gib < floor:
        rule = f"must be at least 10 % above databaseStorageGib {settings.database_storage_gib}; set {floor} or more"
        yield Problem(key="databaseMaxStorageGib", value=str(settings.database_max_storage_gib), rule=rule)
