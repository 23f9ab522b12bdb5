"""A cell's dashboards: one for each side in the side's region, and one for the cell, in home's.

Owns: the dashboards. Does not own: what is watched and promised (`components.observability`, `domain.objectives`), nor
how panels stand (`layout`). A dashboard shows figures and names, and holds no patient's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.cell.side import Side
from components.dashboards import content, layout
from components.dashboards.layout import Section
from components.observability.catalog import Raised
from domain.continuity import HOME
from domain.naming import GLOBAL, Names
from settings import Settings

_ROLE: Final = "dashboard"
# Of a side's sections, those that the cell's page shows: the answer to "do users get what they came for, and would they
# if home were lost?"
_OF_CELL: Final = 4


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    """The cell's settings; its sides, what is watched of each, and the composites in its region, by ARN."""

    settings: Settings
    sides: Mapping[str, Side]
    raised: Mapping[str, Sequence[Raised]]
    composites: Mapping[str, Sequence[pulumi.Input[str]]]


class Dashboards(pulumi.ComponentResource):
    """The dashboards of a cell."""

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make them."""
        super().__init__("medical:dashboards:Dashboards", name, None, opts)
        self._args = args
        whole: list[Section] = []
        for side, place in args.sides.items():
            self._build(f"{side}-{name}", place.names, self._sections(side, ""), side)
            whole += self._sections(side, f" ({side}, {place.region})")[:_OF_CELL]
        whole.append(content.cost(args.settings.cell, args.settings.budget_usd))
        self._build(name, Names(cell=args.settings.cell, place=GLOBAL), whole, HOME)
        self.register_outputs({})

    def _sections(self, side: str, place: str) -> list[Section]:
        args, region = self._args, self._args.sides[side].region
        return content.side(region, args.raised[side], args.composites[side], place)

    def _build(self, name: str, names: Names, sections: Sequence[Section], side: str) -> None:
        cloudwatch.Dashboard(
            name,
            dashboard_name=names.of(_ROLE),
            dashboard_body=layout.body(sections),
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.sides[side].provider),
        )
