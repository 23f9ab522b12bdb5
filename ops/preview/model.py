"""A preview as a value: what one run of the program registered, redacted, sorted and ready to be saved. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final, Literal

import pulumi
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from domain.posture import NONE
from ops.engine.places import GLOBAL, GLOBAL_SERVICES, key_of, sides_of
from ops.engine.project import ROOT, Stack
from ops.engine.record import Program, Registration, redact

_SHAPE: Final = ConfigDict(extra="ignore", strict=False)
SIDES: Final = ("home", "recovery")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a side lies; empty for a side that the cell does not have."""

    region: str
    cidr: str

    def __post_init__(self) -> None:
        """Refuse a range that is none; an empty one is not known."""
        if self.cidr:
            IPv4Network(self.cidr)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration. `side` is empty for what belongs to both; `key` names the KMS key that encrypts it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    side: str
    region: str
    key: str
    protect: bool
    inputs: dict[str, Any]
    dependencies: tuple[str, ...]
    ignore_changes: tuple[str, ...]

    @property
    def short_type(self) -> str:
        """The type as people say it: `ec2:Vpc` for `aws:ec2/vpc:Vpc`, `network:Network` for a component."""
        if self.type.startswith("pulumi:providers:"):
            return f"provider:{self.type.rpartition(':')[2]}"
        package, module, name = (*self.type.split(":"), "", "")[:3]
        return f"{package if module.startswith('index') else module.split('/')[0]}:{name}"

    @property
    def service(self) -> str:
        """What it is counted under: the AWS service, or `components` and `providers`."""
        if not self.custom:
            return "components"
        return "providers" if self.type.startswith("pulumi:") else self.short_type.partition(":")[0]


@dataclass(frozen=True, kw_only=True, config=_SHAPE)
class Preview:
    """Everything that a cell's program declares, with what identifies the cell."""

    format: Literal[1] = 1
    cell: str
    jurisdiction: str
    account_id: str
    domain: str
    zone: str
    home: Place
    recovery: Place
    resources: tuple[Resource, ...]
    outputs: dict[str, Any]
    budgets: dict[str, Any] = field(default_factory=dict)  # as `ops.preview.budgets` gives them
    residency: dict[str, Any] = field(default_factory=dict)  # as `ops.residency.flows` gives it
    findings: dict[str, Any] = field(default_factory=dict)  # as `ops.preview.findings` gives them
    cost: dict[str, Any] = field(default_factory=dict)  # as `ops.cost.bill` gives it
    timeline: dict[str, Any] = field(default_factory=dict)  # as `ops.preview.timeline` gives it
    warnings: tuple[str, ...] = ()  # as `ops.preview.warnings` gives them

    def counts(self) -> dict[str, dict[str, int]]:
        """How many resources each service has on each side; those of neither are under `cell`."""
        counted = Counter((item.service, item.side or "cell") for item in self.resources)
        found: dict[str, dict[str, int]] = {}
        for (service, side), number in sorted(counted.items()):
            found.setdefault(service, {})[side] = number
        return found

    def to_json(self, *, summary: bool = False) -> str:
        """The preview as JSON, sorted; with `summary` without the resources."""
        content = {**asdict(self), "counts": self.counts(), "total": len(self.resources)}  # type: ignore[call-overload]
        if summary:
            del content["resources"]
        return json.dumps(content, indent=2, sort_keys=True) + "\n"


def from_json(text: str | bytes) -> Preview:
    """The preview that `to_json` wrote.

    Raises:
        ValueError: it is none.
    """
    return TypeAdapter(Preview).validate_json(text)


def build(
    stack: Stack,
    program: Program,
    *,
    budgets: Mapping[str, Any] | None = None,
    residency: Mapping[str, Any] | None = None,
    findings: Mapping[str, Any] | None = None,
    cost: Mapping[str, Any] | None = None,
    timeline: Mapping[str, Any] | None = None,
    warnings: Iterable[str] = (),
) -> Preview:
    """The preview of `stack` after `program` ran, with what is reckoned of it where it is a cell."""
    stated = {key.partition(":")[2]: value for key, value in stack.config.items() if key.startswith(stack.project)}
    sides = sides_of(program.registrations)
    resources = (_resource(program, item, sides[item.urn]) for item in program.registrations)
    return Preview(
        cell=stack.name,
        jurisdiction=stated.get("jurisdiction", ""),
        account_id=stated.get("accountId", ""),
        domain=stated.get("domain", ""),
        zone=stated.get("zone", ""),
        home=_stated_place(stated, "home"),
        recovery=_stated_place(stated, "recovery"),
        resources=tuple(sorted(resources, key=lambda item: item.urn)),
        outputs=_plain(redact(program.exports)),
        budgets=dict(budgets or {}),
        residency=dict(residency or {}),
        findings=dict(findings or {}),
        cost=dict(cost or {}),
        timeline=dict(timeline or {}),
        warnings=tuple(warnings),
    )


def _stated_place(stated: Mapping[str, str], side: str) -> Place:
    region, cidr = (stated.get(f"{side}{key}", "") for key in ("Region", "Cidr"))
    return Place(region="" if region == NONE else region, cidr="" if cidr == NONE else cidr)


def _resource(program: Program, item: Registration, side: str) -> Resource:
    return Resource(
        urn=item.urn,
        type=item.type,
        name=item.name,
        parent=item.parent,
        custom=item.custom,
        side=side,
        region=GLOBAL if item.service in GLOBAL_SERVICES else _region(program, item),
        key=key_of(program, item),
        protect=item.protect,
        inputs=_plain(redact(item.inputs)),
        dependencies=tuple(sorted(set(item.dependencies))),
        ignore_changes=tuple(sorted(item.ignore_changes)),
    )


def _region(program: Program, item: Registration) -> str:
    if item.type.startswith("pulumi:providers:"):
        return str(item.inputs.get("region", ""))
    return program.region_of(item)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` as JSON holds it: files as their path in the project, texts that are assets as their digest."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, pulumi.FileAsset | pulumi.FileArchive):
        path = Path(value.path)
        return {"file": str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)}
    if isinstance(value, pulumi.StringAsset):
        return {"sha256": hashlib.sha256(value.text.encode()).hexdigest()}
    if isinstance(value, pulumi.AssetArchive):
        return {"archive": _plain(value.assets)}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
