"""What is declared: the manifest in a region's Parameter Store, and the state in the stack's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain import manifest
from domain.continuity import State
from domain.manifest import Manifest
from ops.drill import stackfile
from ops.drill.calls import call
from ops.drill.context import Foresight
from ops.drill.model import Observation
from ops.drill.plans.parts import fingerprint


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A manifest as it is kept: what it says, the SHA-256 that plans remember it by, and when it was written."""

    manifest: Manifest
    sha256: str
    written: datetime


def kept(ssm: Any, cell: str) -> Kept:  # noqa: ANN401 - boto3's clients have no static type
    """The manifest of `cell` in the region of `ssm`.

    Raises:
        UnreachableError: the region did not answer.
        ActionError: there is none, or the caller may not read it.
        ManifestError: what is kept is no manifest.
    """
    found = call(ssm, "get_parameter", Name=manifest.parameter_name(cell), WithDecryption=True)["Parameter"]
    read = manifest.read(str(found["Value"]))
    return Kept(manifest=read, sha256=fingerprint(read), written=found["LastModifiedDate"])


def manifest_current(ssm: Any, cell: str, expected: str) -> Observation:  # noqa: ANN401 - as above
    """Whether the manifest in the region is the one with the SHA-256 `expected`, which the plan was made from."""
    try:
        found = kept(ssm, cell)
    except manifest.ManifestError as error:
        return Observation(holds=None, text=str(error))
    same = found.sha256 == expected
    text = "the manifest is the plan's" if same else "the manifest has changed since the plan was made: make a new plan"
    return Observation(holds=same, text=text, values={"sha256": found.sha256})


def declared(cell: str, folder: Path, wanted: State, foresight: Foresight | None) -> Observation:
    """Whether the stack's file says `wanted`, and the next update would lose no database."""
    try:
        state = stackfile.state(cell, folder)
        if state != wanted:
            return Observation(holds=False, text=f"the stack's file says {state}, and {wanted} is true")
        if foresight is None:
            return Observation(holds=None, text=f"the stack's file says {state}; the next update was not previewed")
        safe, verdict = foresight.result()
    except stackfile.StackFileError as error:
        return Observation(holds=None, text=str(error))
    return Observation(holds=safe, text=f"the stack's file says {state}; the next update: {verdict}")
