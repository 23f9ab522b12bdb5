"""What instances and functions cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.cost import usage
from ops.cost.meters.item import Charge, Item, Meter, hourly, monthly

_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP: Final = "aws:autoscaling/group:Group"
FUNCTION: Final = "aws:lambda/function:Function"
DETAILED_METRICS: Final = 7  # that EC2 sends each minute of an instance with detailed monitoring. Source: EC2's guide
_CONVERTS: Final = "-convert"  # what the function that opens uploads is called by
_MIB_IN_GIB: Final = 1024
# Textract charges tables and forms each for itself, and lines only where nothing else is asked for.
_FEATURES: Final = {"TABLES": "textract.tables", "FORMS": "textract.forms", "LAYOUT": "textract.layout"}


def _group(item: Item) -> Iterator[Charge]:
    template = item.neighbours(_TEMPLATE)[0].inputs
    number = int(item.inputs["minSize"])
    kind = str(template["instanceType"])
    yield hourly(f"{number} x {kind}", f"ec2.{kind}", number)
    for device in template["blockDeviceMappings"]:
        size = int(device["ebs"]["volumeSize"])
        yield monthly(f"{number} x {size} GiB gp3", "ebs.gp3", number * size)
    if template.get("monitoring", {}).get("enabled"):
        yield monthly("detailed monitoring", "metric.custom", number * DETAILED_METRICS)
    yield monthly("the application's metrics", "metric.custom", usage.CUSTOM_METRICS.value)
    if item.busy:
        yield monthly("the application's logs", "logs.ingest", item.usage.kib_per_request(usage.INSTANCE_LOGS))


def _function(item: Item) -> Iterator[Charge]:
    if not item.busy or not str(item.inputs["name"]).endswith(_CONVERTS):
        return
    gib = float(item.inputs["memorySize"]) / _MIB_IN_GIB
    uploads = item.usage.uploads
    yield monthly(f"{uploads} conversions", "lambda.gib-second", uploads * usage.CONVERT_SECONDS.value * gib)
    yield monthly("calls", "lambda.request", uploads)
    yield from _texts(item.inputs.get("environment", {}).get("variables", {}), item.usage.pages)


def _texts(variables: Mapping[str, Any], pages: int) -> Iterator[Charge]:
    """Textract's part: it has no resource of its own, the function that asks it stands for it."""
    if not variables.get("TEXT_FORMATS"):
        return  # nothing is read there
    asked = [feature for feature in str(variables.get("TEXT_FEATURES", "")).split(",") if feature in _FEATURES]
    for feature in asked:
        yield monthly(f"{pages} pages, {feature.lower()}", _FEATURES[feature], pages)


METERS: Final[Mapping[str, Meter]] = {GROUP: _group, FUNCTION: _function}
