"""One measured figure beside its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure beside its goal; both in `unit`."""

    name: str
    measured: float
    goal: float
    unit: str
    detail: str

    @property
    def verdict(self) -> str:
        """Whether the goal is met, or by how much it is not."""
        if self.measured <= self.goal:
            return "met"
        return f"missed by {self.measured - self.goal:.2f} {self.unit}"
