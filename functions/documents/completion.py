"""Lambda entry for the queue of Textract's completions: the text of documents of many pages.

Our own reminders come too, of jobs that still ran when they were said to be done.
A record is written before its job begins, so a completion without one is an erased upload's, and nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.documents import desk as desks
from functions.documents import events, texting
from functions.documents.desk import Call, Desk
from functions.documents.entry import lambda_entry, serve
from functions.documents.events import Reminder, Upload
from functions.documents.outcomes import Ending, Outcome


@lambda_entry
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work through a batch of the queue of completions."""
    return serve(event, context, desks.desk(), take)


def take(desk: Desk, call: Call, body: Mapping[str, Any]) -> Outcome:
    """Finish one job. Raises TransientError, MisroutedError."""
    if reminded := events.reminder(body):
        return texting.look(desk, call, reminded)
    done = events.completed(body)
    desk.check(Upload(bucket=done.bucket, key=done.key, version=""))
    upload = desk.store.find(done.bucket, done.key, done.tag)
    held = desk.store.record(upload) if upload else None
    if upload is None or held is None:
        return Outcome(ending=Ending.GONE, digest=done.tag)
    return texting.finish(desk, call, upload, held, Reminder(upload=upload, job=done.job))
