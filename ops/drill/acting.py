"""Makes one call of a drill, in the order that survives a kill: the journal says so before it, and after it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ops.drill.journal import Journal
from ops.drill.model import Action
from ops.drill.ports import Catalog

_FAULTS: Final = MappingProxyType({"inject": True, "lift": False})


def carry_out(journal: Journal, catalog: Catalog, step: str, action: Action) -> None:
    """Carry out `action` for `step`.

    A kill between the call and `acted` leaves it in doubt whether it was taken. A fault is noted before `acted`, so
    that none is missing from a journal that says it was made; one that is made twice is noted twice, and began first.

    Raises:
        UnreachableError: nobody answered; the call may have been taken.
        ActionError: it was refused.
    """
    data = {"step": step, "action": action.name}
    journal.append("act", {**data, "arguments": dict(action.arguments)})
    text = catalog.act(action)
    if action.name in _FAULTS:
        told = {"fault": action.arguments["fault"], "side": action.arguments["side"], "on": _FAULTS[action.name]}
        journal.append("fault", told)
    journal.append("acted", {**data, "text": text})
