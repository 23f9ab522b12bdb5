"""One stack's program, run once as a whole process: what (a) is about.

`python -m bench.program CELL FILE` leaves in FILE what the floor needs to do the bare minimum of the same work.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

from ops.engine import project, runner
from ops.engine.synthetic import Synthetic


def main(cell: str, file: str) -> None:
    """Run `cell` and write down which provider modules it loaded and which types it registered."""
    program = runner.run(project.load(cell), Synthetic())
    loaded = sorted(
        name
        for name, module in sys.modules.items()
        if name.count(".") == 1
        and name.startswith(("pulumi_aws.", "pulumi_random."))
        and type(module) is ModuleType  # one that was never touched is still a lazy stand-in
    )
    types = [item.type for item in program.registrations]
    Path(file).write_text(json.dumps({"modules": loaded, "types": types}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
