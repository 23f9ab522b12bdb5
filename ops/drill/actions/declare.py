"""What a drill tells the program: the state that it has left, in the stack's file and in what stands."""

from __future__ import annotations

from pathlib import Path

from domain.continuity import State
from ops.drill import stackfile
from ops.drill.calls import ActionError
from ops.drill.site import Site, SiteError


def declare(site: Site, state: State) -> str:
    """Have the program declare `state`, or say by which commands a person does.

    Raises:
        ActionError: the site cannot.
    """
    try:
        return site.declare(stackfile.keys(state))
    except SiteError as error:
        raise ActionError(str(error)) from error


def write_config(cell: str, folder: Path, state: State) -> str:
    """Write `state` into the stack's file in `folder`.

    Raises:
        ActionError: the file cannot be written.
    """
    try:
        path = stackfile.write(cell, folder, stackfile.keys(state))
    except stackfile.StackFileError as error:
        raise ActionError(str(error)) from error
    return f"{path.name} says {state}"
