"""What a run of the program leaves: registrations, in the order in which they were made, and the stack's outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

REDACTED: Final = "[secret]"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the program marked secret. Shown, logged and serialized as `[secret]`."""

    value: Any = field(repr=False)

    def __str__(self) -> str:
        """Never the value."""
        return REDACTED

    __repr__ = __str__


def reveal(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` with every secret in it opened: only for what must hand it to a service."""
    return _map(value, _revealed)


def redact(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` with every secret in it replaced by a mark: for whatever is printed or saved."""
    return _map(value, str)


def _revealed(secret: Secret) -> Any:  # noqa: ANN401 - a property tree is any JSON
    return reveal(secret.value)


def _map(value: Any, of_secret: Callable[[Secret], Any]) -> Any:  # noqa: ANN401 - a property tree is any JSON
    if isinstance(value, Secret):
        return of_secret(value)
    if isinstance(value, Mapping):
        return {key: _map(item, of_secret) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_map(item, of_secret) for item in value]
    return value


@dataclass(frozen=True, kw_only=True)
class Request:
    """A registration as the program asks for it, before anything is made.

    `provider` is the URN of the explicit provider, empty for components and providers. `inputs` are keyed as the
    provider's schema spells them (camelCase).
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    inputs: Mapping[str, Any]
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Registration(Request):
    """A registration with what became of it: the id and the outputs that the program goes on with."""

    id: str
    outputs: Mapping[str, Any]

    @property
    def service(self) -> str:
        """The provider's module, such as `ec2` for `aws:ec2/vpc:Vpc`; empty for components."""
        parts = self.type.split(":")
        return parts[1].split("/")[0] if self.custom and parts[0] not in {"pulumi", "random"} else ""


@dataclass(frozen=True, kw_only=True)
class Program:
    """Everything that one run of one stack registered."""

    stack: str
    registrations: tuple[Registration, ...]
    exports: Mapping[str, Any]

    @cached_property
    def _by_urn(self) -> Mapping[str, Registration]:
        return {item.urn: item for item in self.registrations}

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Registration]]:
        found: dict[str, list[Registration]] = {}
        for item in self.registrations:
            found.setdefault(item.type, []).append(item)
        return found

    def by_urn(self) -> Mapping[str, Registration]:
        """The registrations by their URN."""
        return self._by_urn

    def of_type(self, type_: str) -> list[Registration]:
        """The registrations of a type, such as `aws:ec2/vpc:Vpc`."""
        return [*self._by_type.get(type_, ())]

    def region_of(self, item: Registration) -> str:
        """The region of the provider that carries `item`; empty for components."""
        provider = self._by_urn.get(item.provider)
        return str(provider.inputs.get("region", "")) if provider else ""
