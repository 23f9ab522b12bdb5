"""`python -m bench.converted FILES...`: each file through our conversion, all formats, as the function does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from functions.documents.conversion import convert
from functions.documents.images import Format
from functions.documents.kinds import sniff
from functions.documents.limits import Limits
from functions.documents.lineage import sha256


def main() -> None:
    """On one core. The hash of every output is taken, as its status object needs it."""
    os.sched_setaffinity(0, {0})
    for name in sys.argv[1:]:
        data = Path(name).read_bytes()
        for picture in convert(data, sniff(data), Limits(max_bytes=len(data)), frozenset(Format)).pictures:
            sha256(picture.data)


if __name__ == "__main__":
    main()
