"""The platform: settings -> cell -> outputs. `pulumi up -s us` makes the US cell."""

import settings
from components.cell import Cell

cell = Cell(settings.from_pulumi())
