"""What a rule is, and what it looks at: a stack as resources with the properties that were given to them. Pure.

A value may be unknown, as in the preview of a stack that does not stand yet: `UNKNOWN` stands in its place. A rule says
nothing about what it cannot know; what is certainly wrong shows all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntEnum
from functools import cached_property
from typing import Any, Final

from domain import naming
from policies.documents import Statement, parse
from policies.values import UNKNOWN, at, is_unknown

PROVIDER: Final = "pulumi:providers:aws"


class Severity(IntEnum):
    """How bad it is to break a rule; what is worse compares greater."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """As people and command lines write it."""
        return self.name.lower()


class Framework(Enum):
    """Where a control stands: the HIPAA Security Rule (45 CFR), CIS AWS Foundations 3.0, AWS Security Hub's FSBP."""

    HIPAA = "HIPAA"
    CIS = "CIS AWS Foundations 3.0"
    FSBP = "AWS FSBP"


@dataclass(frozen=True)
class Control:
    """A control of a framework, such as HIPAA 164.312(a)(2)(iv), CIS 2.1.1 or FSBP S3.1."""

    framework: Framework
    id: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One resource: `inputs` by the provider's own names (camelCase), secrets opened.

    `region` is the provider's, empty where it is not known. `marked` names the top-level inputs that hold a secret.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    region: str = ""
    provider: str = ""
    parent: str = ""
    protect: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()

    def at(self, path: str) -> Any:  # noqa: ANN401 - a property tree is any JSON
        """The value at `path`, such as `metadataOptions.httpTokens`: None where there is none, UNKNOWN on the way."""
        return at(self.inputs, path)

    @cached_property
    def documents(self) -> Mapping[str, tuple[Statement, ...]]:
        """The policy documents among the inputs, by input; each is parsed once."""
        parsed = ((key, parse(value)) for key, value in self.inputs.items() if key != "urn")
        return {key: statements for key, statements in parsed if statements}


@dataclass(frozen=True)
class Breach:
    """That a resource breaks a rule, and by what. The message holds no value that could be a secret."""

    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class View:
    """A stack as rules see it.

    `marks` says whether it is known which inputs are secret: a policy pack is not told. `today` is what ends of support
    and exemptions are compared with.
    """

    resources: Sequence[Resource]
    today: date
    marks: bool = True

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by their URN."""
        return {item.urn: item for item in self.resources}

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Resource]]:
        found: dict[str, list[Resource]] = {}
        for item in self.resources:
            found.setdefault(item.type, []).append(item)
        return found

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, such as `aws:ec2/vpc:Vpc`."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    @cached_property
    def tags(self) -> Mapping[str, Mapping[str, Any]]:
        """The default tags of each provider, by its URN; those of a provider whose tags are not known are left out."""
        tags = ((item.urn, item.at("defaultTags.tags")) for item in self.of(PROVIDER))
        return {urn: {} if value is None else value for urn, value in tags if not is_unknown(value)}

    @cached_property
    def throw_away(self) -> bool:
        """Whether the stack says of itself that it may be destroyed with all its data."""
        return any(tags.get(naming.LIFETIME) == naming.THROW_AWAY for tags in self.tags.values())

    def parts(self, whole: Resource, type_: str, key: str) -> list[Resource]:
        """The resources of a type whose input `key` names `whole`: by its name or id, or by an edge.

        Where that input is not known, what it was made from decides; without any edge it may name anything, and counts.
        """
        names = {value for value in (whole.at("bucket"), whole.at("name"), whole.at("id")) if isinstance(value, str)}
        return [item for item in self.of(type_) if self._names(item, key, whole.urn, names)]

    def _names(self, item: Resource, key: str, urn: str, names: set[str]) -> bool:
        edges, value = item.property_dependencies.get(key, ()), item.at(key)
        if is_unknown(value):
            return not edges or urn in self._sources(edges)
        return value in names or urn in edges

    def _sources(self, edges: Iterable[str]) -> set[str]:
        """The resources behind `edges`, and those behind them."""
        found, ahead = set[str](), list(edges)
        while ahead:
            urn = ahead.pop()
            if urn not in found:
                found.add(urn)
                ahead += self.by_urn[urn].dependencies if urn in self.by_urn else ()
        return found


Check = Callable[[View], Iterable[Breach]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: what it forbids, how bad that is, which controls ask for it, and how to put a breach right.

    `types` are the resource types that it judges, for people and for the generated tables.
    """

    name: str
    title: str
    severity: Severity
    controls: tuple[Control, ...]
    types: tuple[str, ...]
    way_out: str
    check: Check


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A breach with the rule that it breaks."""

    rule: Rule
    urn: str
    message: str


def hipaa(*ids: str) -> tuple[Control, ...]:
    """Controls of the HIPAA Security Rule, by section after `164.`."""
    return tuple(Control(Framework.HIPAA, f"164.{item}") for item in ids)


def cis(*ids: str) -> tuple[Control, ...]:
    """Controls of CIS AWS Foundations 3.0."""
    return tuple(Control(Framework.CIS, item) for item in ids)


def fsbp(*ids: str) -> tuple[Control, ...]:
    """Controls of AWS Foundational Security Best Practices."""
    return tuple(Control(Framework.FSBP, item) for item in ids)


__all__ = [
    "PROVIDER",
    "UNKNOWN",
    "Breach",
    "Check",
    "Control",
    "Finding",
    "Framework",
    "Resource",
    "Rule",
    "Severity",
    "View",
    "cis",
    "fsbp",
    "hipaa",
]
