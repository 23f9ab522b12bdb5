"""Which events a trail records, by its selectors. Pure.

Advanced selectors as CloudTrail reads them: an event is recorded if all fields of one selector match, a field matches
if all of its operators do, and an operator if any of its values does (for one that says `Not`: if none does). Source:
CloudTrail API reference, AdvancedFieldSelector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from ops.sandbox.physics.trail.words import DATA, MANAGEMENT

Record: TypeAlias = Mapping[str, Any]
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = MappingProxyType(
    {"Equals": str.__eq__, "StartsWith": str.startswith, "EndsWith": str.endswith}
)
_KINDS: Final[Mapping[str, Callable[[Record], bool]]] = MappingProxyType(
    {
        "All": lambda record: True,  # noqa: ARG005 - every one
        "ReadOnly": lambda record: bool(record["readOnly"]),
        "WriteOnly": lambda record: not record["readOnly"],
    }
)


def selects(basic: Sequence[Mapping[str, Any]], advanced: Sequence[Mapping[str, Any]], record: Record) -> bool:
    """Whether selectors record an event. A trail without any records all management events."""
    if advanced and not basic:
        return any(_matches(selector["FieldSelectors"], record) for selector in advanced)
    if not basic:
        return record["eventCategory"] == MANAGEMENT
    return any(_chosen(selector, record) for selector in basic)


def _matches(fields: Sequence[Mapping[str, Any]], record: Record) -> bool:
    return all(
        _field(field, values) for field in fields if (values := _values(str(field["Field"]), record)) is not None
    )


def _field(field: Mapping[str, Any], values: Sequence[str]) -> bool:
    for name, matches in _OPERATORS.items():
        wanted, unwanted = field.get(name), field.get(f"Not{name}")
        if wanted and not any(matches(value, item) for value in values for item in wanted):
            return False
        if unwanted and any(matches(value, item) for value in values for item in unwanted):
            return False
    return True


def _values(field: str, record: Record) -> Sequence[str] | None:
    """What a record has for a field; None where the field does not tell events apart here."""
    if field == "readOnly":
        return [str(record["readOnly"]).lower()]
    if field in {"eventCategory", "eventName", "eventSource", "eventType"}:
        return [str(record[field])]
    if field == "userIdentity.arn":
        return [str(record["userIdentity"].get("arn", ""))]
    if field in {"resources.type", "resources.ARN"}:
        key = field.partition(".")[2]
        # The resource that the event is of comes first: a bucket behind an object is none of its own here.
        first = (record.get("resources") or [{}])[0]
        return [str(first.get(key) or first.get("ARNPrefix", ""))]
    return ["false"] if field == "sessionCredentialFromConsole" else None


def _chosen(selector: Mapping[str, Any], record: Record) -> bool:
    if not _KINDS[str(selector.get("ReadWriteType", "All"))](record):
        return False
    if record["eventCategory"] == MANAGEMENT:
        excluded = selector.get("ExcludeManagementEventSources") or ()
        return bool(selector.get("IncludeManagementEvents", True)) and record["eventSource"] not in excluded
    resources = selector.get("DataResources") or ()
    return record["eventCategory"] == DATA and any(_holds(wanted, record) for wanted in resources)


def _holds(wanted: Mapping[str, Any], record: Record) -> bool:
    return any(
        resource["type"] == wanted["Type"]
        and any(str(resource.get("ARN") or resource.get("ARNPrefix")).startswith(value) for value in wanted["Values"])
        for resource in record.get("resources") or ()
    )
