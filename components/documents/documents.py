"""A side's documents: uploads are scanned, read and converted, and what was made of one goes with it.

Owns: the scanner, the queues with what leads into them, and the functions with their roles. Does not own: the buckets,
the gate before the uploads (`gate`, which stands in that bucket's policy), the topics that results are told on, and the
functions' code.

All of it stands on both sides, each working from its own buckets. A replica is left to the side that received the
original: what is made of it is replicated too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pulumi

from components.documents.args import DocumentsArgs
from components.documents.functions import build_functions
from components.documents.queues import Queues, build_queues
from components.documents.scan import build_scan
from components.documents.tasks import CONVERT, TASKS, TIMEOUT_SECONDS, VISIBILITY_SECONDS
from components.observability.watched import Conversion, DeadLetters, Function, Queue, Watched
from components.operations.redrive import Letters

# A message that waited for a second attempt is not late yet.
_LATE: Final = timedelta(seconds=2 * VISIBILITY_SECONDS)
# What the functions count of messages that they give back: `functions/documents/entry.py`.
RETURNED: Final = Conversion(
    key="documents", namespace="Medical", metric="Returned", dimensions={"service": "documents"}
)


class Documents(pulumi.ComponentResource):
    """The way of a side's uploads. Whoever takes `uploads_bucket`, a name, waits until it is scanned.

    `text` says in words whether text is read here; `letters` is what it takes to send dead letters back.
    """

    uploads_bucket: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    dead_letters_url: pulumi.Output[str]
    text: str
    letters: Letters
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the scanner, the queues and the functions."""
        super().__init__("medical:documents:Documents", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.uploads_bucket = build_scan(name, args, child)
        queues = build_queues(name, args, child)
        build_functions(name, args, queues, child)
        self.queue_url = queues.by_task[CONVERT.name].url
        self.dead_letters_url = queues.dead.url
        self.text = args.text
        self.letters = _letters(args, queues)
        self.watched = _watch(args, queues)
        self.register_outputs({"queue_url": self.queue_url})


def _letters(args: DocumentsArgs, queues: Queues) -> Letters:
    return Letters(
        dead_letters_arn=queues.dead.arn,
        queue_arns=[queues.by_task[task.name].arn for task in TASKS],
        functions=[args.name_of(task) for task in TASKS],
        alarms=[f"{RETURNED.key}-returned", *(f"documents-{task.name}-errors" for task in TASKS)],
        namespace=RETURNED.namespace,
        returned=RETURNED.metric,
        dimensions=RETURNED.dimensions,
    )


def _watch(args: DocumentsArgs, queues: Queues) -> tuple[Watched, ...]:
    return (
        DeadLetters(key="documents", name=queues.dead.name),
        RETURNED,
        *(Queue(key=f"documents-{task.name}", name=queues.by_task[task.name].name, late=_LATE) for task in TASKS),
        *(
            Function(
                key=f"documents-{task.name}",
                name=args.name_of(task),
                does=task.does,
                timeout=timedelta(seconds=TIMEOUT_SECONDS),
            )
            for task in TASKS
        ),
    )
