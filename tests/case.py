"""A program beside its settings, as whatever judges programs asks about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from ops.engine.record import Program, Registration
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Case:
    """A program and the settings that it was made from."""

    program: Program
    settings: Settings

    @cached_property
    def known(self) -> Mapping[str, Registration]:
        """The registrations by their URN."""
        return self.program.by_urn()

    @cached_property
    def aws(self) -> tuple[Registration, ...]:
        """What is of AWS."""
        return tuple(item for item in self.program.registrations if item.type.startswith("aws:"))

    @cached_property
    def keys(self) -> dict[str, str]:
        """The ARN of each region's key."""
        return {self.region_of(item): item.outputs["arn"] for item in self.program.of_type("aws:kms/key:Key")}

    def region_of(self, item: Registration) -> str:
        """The region of the provider that carries `item`; empty where there is none."""
        provider = self.known.get(item.provider)
        return str(provider.inputs.get("region", "")) if provider else ""

    def side_of(self, item: Registration) -> str:
        """The side whose part of the tree `item` stands in; empty for what belongs to the cell."""
        while item.parent in self.known:
            if item.type == "medical:regional:RegionalStack":
                return item.name
            item = self.known[item.parent]
        return ""


Invariant: TypeAlias = Callable[[Case], Iterator[str]]
