"""Figures of the rotation of secrets that more than one part needs. Pure."""

from __future__ import annotations

from typing import Final

CONCURRENCY: Final = 2
"""Calls at a time that are reserved on a side: its own rotations, and the other side's that asks in between."""

HANDLER: Final = "functions.rotation.handler.handler"
TIMEOUT_SECONDS: Final = 900
"""Lambda's most: ElastiCache takes minutes to change a token."""
