"""A service that is let in says for which account or resource it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.principals import admitted, limits

# Services that never say for whom they come. Source: IAM User Guide, "The confused deputy problem".
_SILENT: Final = {"ec2.amazonaws.com"}
# EventBridge supports no condition in a topic's policy. Source: its user guide, "Using resource-based policies".
_SILENT_TO: Final = {"aws:sns/topicPolicy:TopicPolicy": {"events.amazonaws.com"}}


def _check(view: View) -> Iterator[Breach]:
    for item, statement in admitted(view):
        silent = _SILENT | _SILENT_TO.get(item.type, set())
        services = {id_ for kind, id_ in statement.principals if kind == "Service"} - silent
        if services and not limits(statement):
            yield Breach(item.urn, f"{statement.label} lets {', '.join(sorted(services))} in for anybody")


RULE: Final = Rule(
    name="no-confused-deputy",
    title="Services say for whom they come",
    severity=Severity.MEDIUM,
    controls=hipaa("312(a)(1)", "308(a)(4)(ii)(B)"),
    types=("aws:*",),
    way_out="add a condition on aws:SourceAccount or aws:SourceArn",
    check=_check,
)
