"""The entry of a canary: walks its journey once. CloudWatch Synthetics counts a run that raises as failed."""

from __future__ import annotations

import logging
import os
import secrets
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from functions.canaries import claim, settings, walk
from functions.canaries.door import Answer, Door

LOG: Final = logging.getLogger(__name__)
LOG.setLevel(logging.INFO)
logging.getLogger("botocore").setLevel(logging.WARNING)  # at its finest level it shows what it signs


def handler(_event: object, _context: object) -> dict[str, str]:
    """Walk the journey, and say what was seen.

    Raises:
        JourneyError: the journey does not work.
        SettingsError: the canary's environment is not as the program writes it.
    """
    found = settings.read(os.environ)
    headers = {claim.HEADER: claim.header(found.region, found.cell)}
    with Door(found.address, found.host, ssl.create_default_context()) as door:

        def ask(method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
            return door.ask(method, path, body, headers | ({walk.KEY_HEADER: key} if key else {}))

        seen = walk.walk(
            found.journey, ask, must_write=found.must_write, now=datetime.now(UTC), fresh=lambda: secrets.token_hex(16)
        )
    LOG.info("%s on %s: %s", found.journey, found.side, seen)
    return {"journey": found.journey, "side": found.side, "seen": seen}
