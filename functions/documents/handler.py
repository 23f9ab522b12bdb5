"""Lambda entry for the queue of uploads: scan results from EventBridge, and our own reminders of text jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.documents import desk as desks
from functions.documents import events, texting, work
from functions.documents.desk import Call, Desk
from functions.documents.entry import lambda_entry, serve
from functions.documents.events import Reminder
from functions.documents.outcomes import Outcome


@lambda_entry
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work through a batch of the queue of uploads."""
    return serve(event, context, desks.desk(), take)


def take(desk: Desk, call: Call, body: Mapping[str, Any]) -> Outcome:
    """Do what one message asks for. Raises TransientError, MisroutedError."""
    asked = events.scanned_or_reminder(body)
    if isinstance(asked, Reminder):
        return texting.look(desk, call, asked)
    return work.take(desk, call, asked)
