"""Which settings would make a cell cheaper, by how much, and what is given up for it.

Owns: the changes worth asking for. None touches what keeps data safe: encryption, copies, backups, locks and the second
side stay. Each is tried by running the program with it; a change that the settings refuse is no advice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ops.cost.bill import Bill
from settings import Settings, SettingsError

_LEAST_SAVING_USD: Final = 1.0
_SLOW_CHECK: Final = 30  # s, the standard interval of Route 53
# The agent on instances has talked to Session Manager through ssmmessages alone since 3.3.40.
_SPARE_ENDPOINTS: Final = (("ec2messages",), ("sns", "sqs"))
_SMALLER: Final = {"medium": "small", "large": "medium", "xlarge": "large", "2xlarge": "xlarge", "4xlarge": "2xlarge"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A setting with another value, and what is given up."""

    key: str
    value: object
    cost: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A change and what it saves, USD a month."""

    change: Change
    saves: float


def advice(settings: Settings, bill: Bill, price: Callable[[Change], Bill]) -> tuple[Advice, ...]:
    """What is worth changing, the largest saving first. `price` gives the bill with a change.

    `price` may raise SettingsError: then the change cannot be had.
    """
    found: list[Advice] = []
    for change in changes(settings):
        try:
            saves = bill.total - price(change).total
        except SettingsError:
            continue
        if saves >= _LEAST_SAVING_USD:
            found.append(Advice(change=change, saves=saves))
    return tuple(sorted(found, key=lambda item: (-item.saves, item.change.key)))


def changes(settings: Settings) -> Iterator[Change]:
    """The changes that can be thought of for `settings`."""
    for spare in _SPARE_ENDPOINTS:
        left = [name for name in settings.interface_endpoints if name not in spare]
        if len(left) < len(settings.interface_endpoints):
            yield Change(
                key="interfaceEndpoints", value=left, cost=f"{' and '.join(spare)} go through NAT, encrypted as before"
            )
    if settings.nat_per_az:
        yield Change(key="natPerAz", value=False, cost="one zone's loss takes a side's way out")
    yield from _smaller(settings)
    if settings.documents_text_features:
        yield Change(key="documentsTextFeatures", value=[], cost="no text is read from uploads")
    if "FORMS" in settings.documents_text_features:
        left = [name for name in settings.documents_text_features if name != "FORMS"]
        yield Change(key="documentsTextFeatures", value=left, cost="forms' fields are not told apart")
    if settings.health_check_seconds != _SLOW_CHECK:
        yield Change(key="healthCheckSeconds", value=_SLOW_CHECK, cost="an outage is noticed a minute later")


def _smaller(settings: Settings) -> Iterator[Change]:
    for key, kind in (
        ("webInstanceType", settings.web_instance_type),
        ("databaseClass", settings.database_class),
        ("cacheNodeType", settings.cache_node_type),
    ):
        family, _, size = kind.rpartition(".")
        if size in _SMALLER:
            yield Change(
                key=key, value=f"{family}.{_SMALLER[size]}", cost="half the memory, and no more than half the work"
            )
