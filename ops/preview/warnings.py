"""What a preview warns of: settings that are allowed, and that whoever reads it would rather know of. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from settings import Settings


def of(settings: Settings) -> Iterator[str]:
    """Each warning in one line: what happens, and which setting changes it."""
    everything = (*settings.operations_emails, *settings.operations_webhooks)
    pages = (*settings.pager_emails, *settings.pager_webhooks)
    if not everything and not pages:
        yield (
            "nobody is told of alarms and events: they wait four days in a queue; set operationsEmails, "
            f"operationsWebhooks, pagerEmails or pagerWebhooks in Pulumi.{settings.cell}.yaml"
        )
    elif not everything:
        yield (
            "somebody is told of pages alone: tickets and events wait four days in a queue; set operationsEmails or "
            f"operationsWebhooks in Pulumi.{settings.cell}.yaml"
        )
