"""One JSON object a line on standard output, which journald takes as it is.

An exception is told by its type and place. Its message is left out: the libraries put hosts, accounts and values there.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from typing_extensions import override

_FIELDS = "fields"


def configure() -> None:
    """Send every log of the process to standard output, as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("botocore", "urllib3"):
        # Below this level they log requests with their headers.
        logging.getLogger(chatty).setLevel(logging.WARNING)


def event(logger: logging.Logger, name: str, **fields: object) -> None:
    """Log that something happened, with its fields."""
    logger.info(name, extra={_FIELDS: fields})


class _Json(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        fields: object = getattr(record, _FIELDS, None)
        if isinstance(fields, dict):
            line |= fields
        else:
            line["logger"] = record.name
        if record.exc_info and (error := record.exc_info[1]):
            line["error"] = type(error).__name__
            line["at"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            ][-8:]
        return json.dumps(line)
