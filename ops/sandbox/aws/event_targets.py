"""Makes moto's rules publish to topics, and match events that hold lists of objects, and its topics call nobody.

moto delivers to queues, log groups and other buses, and stops at a topic or an automation as at something unheard of;
automations begin in the physics (`physics.repairs`), which has their time. A rule that is off it follows like any
other. Of a pattern for what lies in a list of objects, as Security Hub's findings do, it holds that no event matches.
And what is published to a topic it would post to the webhooks that are subscribed: a local cloud reaches nobody
outside.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

AUTOMATION: Final = ":automation-definition/"
"""By which the ARN of a target is known for an automation's."""

_OUTSIDE: Final = ("http", "https")


@contextmanager
def topics_reached() -> Generator[None]:
    """Until the block ends, do all of it."""
    from moto.events.models import EventPattern, Rule  # noqa: PLC0415 - moto reads its environment first
    from moto.events.utils import EventTemplateParser  # noqa: PLC0415 - as above
    from moto.sns.models import Subscription, sns_backends  # noqa: PLC0415 - as above

    send: Any = Rule.send_to_targets
    deliver: Any = Subscription.publish

    def publish(self: Subscription, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - moto's own signature
        if self.protocol not in _OUTSIDE:
            deliver(self, *args, **kwargs)

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:  # noqa: ANN401, FBT001, FBT002 - moto's own signature
        if self.state != "ENABLED":
            return
        topics = [target for target in self.targets if ":sns:" in target["Arn"]]
        if self.event_pattern.matches_event(original_event):
            for target in topics:
                transformer = target.get("InputTransformer", {})
                message = EventTemplateParser.parse(
                    transformer.get("InputTemplate"), transformer.get("InputPathsMap", {}), original_event
                )
                backend = sns_backends[self.account_id][self.region_name]
                backend.publish(json.dumps(message), arn=target["Arn"])
        others = [item for item in self.targets if item not in topics and AUTOMATION not in item["Arn"]]
        with mock.patch.object(self, "targets", others):
            send(self, original_event, transform_input)

    with (
        mock.patch.object(Rule, "send_to_targets", send_to_targets),
        mock.patch.object(Subscription, "publish", publish),
        mock.patch.object(EventPattern, "_flatten_dict", staticmethod(flat)),
    ):
        yield


def flat(node: Mapping[str, Any], prefix: str = "", result: dict[str, Any] | None = None) -> dict[str, Any]:
    """The values of an event by their paths; of a list of objects, all values that lie at a path in any of them."""
    found: dict[str, Any] = {} if result is None else result
    for key, value in node.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and value:
            flat(value, path, found)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for item in value:
                for inner, one in flat(item, path).items():
                    found.setdefault(inner, []).extend(one if isinstance(one, list) else [one])
        else:
            found[path] = value
    return found
