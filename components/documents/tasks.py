"""The three functions: what each does, by which handler, and how much of it at a time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain import documents

# Of reading and converting the largest file that is opened; a text of many pages is not waited for.
TIMEOUT_SECONDS: Final = 300
# AWS asks for six times the function's time-out, so that a message is not received again while it is worked on.
# Source: "Using Lambda with Amazon SQS", read November 2026.
VISIBILITY_SECONDS: Final = 6 * TIMEOUT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Task:
    """A function and its queue. `batch` messages are worked off in one call, one after the other.

    `memory_mib` and `concurrency` are None where the cell's settings decide.
    """

    name: str
    handler: str
    does: str
    batch: int
    memory_mib: int | None
    concurrency: int | None


CONVERT: Final = Task(
    name="convert",
    handler="functions.documents.handler.handler",
    does="Converts an upload that was scanned, and has its text read",
    # All messages of a call share its time.
    batch=4,
    memory_mib=None,
    concurrency=None,
)
TEXT: Final = Task(
    name="text",
    handler="functions.documents.completion.handler",
    does="Keeps the text of a document that Textract has read",
    batch=4,
    memory_mib=None,  # for all that is known of all pages at once
    concurrency=documents.OTHERS_CONCURRENCY,
)
ERASE: Final = Task(
    name="erase",
    handler="functions.documents.erasure.handler",
    does="Removes what was made from an upload that was deleted for good",
    batch=10,
    memory_mib=512,
    concurrency=documents.OTHERS_CONCURRENCY,
)
TASKS: Final = (CONVERT, TEXT, ERASE)
HANDLERS: Final = tuple(task.handler for task in TASKS)
