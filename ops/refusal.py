"""How the commands refuse: one clear message on stderr or, with `--json`, one object on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Final

STATUS: Final = 2  # the exit status of every refusal


class RefusalError(Exception):
    """A command that cannot be carried out as given; `problems` tells machines each one by key, value and rule."""

    def __init__(self, message: str, problems: Sequence[dict[str, str]] = ()) -> None:
        """Keep both."""
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


def show(error: RefusalError, *, as_json: bool) -> None:
    """Print the refusal where whoever called will look for it."""
    if as_json:
        print(json.dumps({"error": error.message, "problems": list(error.problems)}, indent=2))  # noqa: T201 - the answer
    else:
        print(f"error: {error.message}", file=sys.stderr)  # noqa: T201 - the answer
