"""What `sandbox upload` does with a cell that stands: uploads, waits, and says what became of it.

Owns: the exit status, and what goes to which stream. Does not own: the waiting (`upload`), and the words
(`report`).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from ops.sandbox.cells.state import Standing
from ops.sandbox.uploads import report as upload_report
from ops.sandbox.uploads.upload import CONVERTED, Uploads

LATE: Final = 1
UNCONVERTED: Final = 3


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A file to upload, where to, and for how many seconds to wait."""

    file: Path
    cell: str
    side: str
    journey: str
    patience: float


def carry_out(standing: Standing, errand: Errand, *, as_json: bool, uploads: Uploads | None = None) -> int:
    """Upload a file, wait, and say what became of it; give the exit status. `uploads` are the cell's own if not given.

    Raises:
        RefusalError: nothing was uploaded.
        ConnectionError: the cell does not answer, or refuses.
    """
    try:
        return _carry_out(uploads or Uploads(standing), errand, as_json=as_json)
    except (BotoCoreError, ClientError) as error:
        raise ConnectionError(
            f"cell {errand.cell} does not answer as it should: {error}; 'python -m ops sandbox status' says what "
            f"stands, and a region that a drill has lost does not answer"
        ) from None


def _carry_out(uploads: Uploads, errand: Errand, *, as_json: bool) -> int:
    made = uploads.put(errand.file, side=errand.side, journey=errand.journey)
    _say(f"uploaded to {made.side.buckets['uploads']} as {made.key}")
    in_time = uploads.follow(made, patience=errand.patience, say=_say)
    if as_json:
        print(json.dumps(made.as_json(), indent=2))  # noqa: T201 - the answer
    elif in_time:
        print("\n".join(upload_report.lines(made)))  # noqa: T201 - the answer
    if not in_time:
        _say("\n".join(upload_report.late(made)))
        return LATE
    return 0 if made.state == CONVERTED else UNCONVERTED


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - beside the answer
