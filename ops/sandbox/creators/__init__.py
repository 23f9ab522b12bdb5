"""The table of creators: how each resource type is made in moto.

`CREATORS` go through boto3. `LOCAL` need no cloud. `RECORDED` are those that moto cannot hold, each with the reason:
they are kept in the record and shown as recorded, never as made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ops.engine.record import Request
from ops.sandbox.creator import Creator
from ops.sandbox.creators import (
    access,
    account,
    alarms,
    audit,
    backup,
    cache,
    canaries,
    database,
    detection,
    dns,
    documents,
    edge,
    manifest,
    messaging,
    network,
    spending,
    storage,
    waf,
    web,
)

CREATORS: Final[dict[str, Creator]] = {
    **access.CREATORS,
    **account.CREATORS,
    **alarms.CREATORS,
    **audit.CREATORS,
    **backup.CREATORS,
    **cache.CREATORS,
    **canaries.CREATORS,
    **database.CREATORS,
    **detection.CREATORS,
    **manifest.CREATORS,
    **dns.CREATORS,
    **documents.CREATORS,
    **edge.CREATORS,
    **network.CREATORS,
    **spending.CREATORS,
    **storage.CREATORS,
    **messaging.CREATORS,
    **waf.CREATORS,
    **web.CREATORS,
}
RECORDED: Final[dict[str, str]] = {
    **account.RECORDED,
    **backup.RECORDED,
    **cache.RECORDED,
    **database.RECORDED,
    **detection.RECORDED,
    **documents.RECORDED,
    **messaging.RECORDED,
    **spending.RECORDED,
}
LOCAL: Final[dict[str, Callable[[Request], tuple[str, Mapping[str, Any]]]]] = {**database.LOCAL}
