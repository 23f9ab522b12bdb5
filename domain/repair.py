"""Whether a side repairs itself. Pure."""

from __future__ import annotations

from typing import Final

ACT: Final = "act"
NOTIFY: Final = "notify"
