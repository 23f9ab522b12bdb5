"""The platform, one cell a stack: settings -> code -> cell -> outputs. `pulumi up -s us` makes the US cell."""

from pathlib import Path

import pulumi

import settings
from components import package
from components.canaries import package as walks
from components.cell.cell import Cell
from components.web import release

ROOT = Path(__file__).parent
config = settings.from_pulumi()  # refuses what cannot be, before anything is made
starts = config.release == settings.STARTER  # the starter service, until the user's own release is configured
runs = release.starter(ROOT, config.regions) if starts else release.parse(config.release)
functions = package.find(ROOT, config)  # refuses what `make build` has not built
cell = Cell(config, runs, functions, walks.pack(ROOT))  # a home and, as a rule, a recovery side, built by one component
for name, value in cell.outputs().items():
    pulumi.export(name, value)
