"""Notes of cells that stand, without any cell."""

from __future__ import annotations

from ops.sandbox.cells.state import Standing
from tests.support import ACCOUNT, HOME


def noted(cell: str, *, pid: int = 2**22 + 1, instance: str = "nobody", resources: int = 0) -> Standing:
    """A note; of a process that cannot be there, because Linux gives no such number."""
    return Standing(
        cell=cell,
        instance=instance,
        pid=pid,
        endpoint_url="http://127.0.0.1:9",
        account=ACCOUNT,
        home_region=HOME,
        resources=resources,
        since="2026-01-01T00:00:00Z",
        until="2026-01-01T08:00:00Z",
    )
