"""The least that any program of the same size costs: the same provider modules, as many bare registrations.

`python -m bench.floor FILE` reads what `bench.program` left.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from ops.engine import project, runner
from ops.engine.record import Request


class _Bare:
    """Answers with nothing but an id."""

    unknown_outputs = False

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """The logical name for an id."""
        return request.name, request.inputs


def main(file: str) -> None:
    """Load the modules and register as many resources, each without inputs."""
    work = json.loads(Path(file).read_text(encoding="utf-8"))
    for name in work["modules"]:
        hasattr(importlib.import_module(name), "any attribute loads it")

    def program() -> None:
        for place, type_ in enumerate(work["types"]):
            pulumi.CustomResource(type_, f"bare-{place}", {})

    runner.run(project.Stack(name="floor", project="floor", config={}), _Bare(), program=program)


if __name__ == "__main__":
    main(*sys.argv[1:])
