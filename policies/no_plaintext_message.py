"""Topics and queues refuse what comes without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.transport import refuses_plaintext
from policies.values import is_unknown

_TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
_QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
_REFUSED: Final = ((_TOPIC_POLICY, "sns:Publish"), (_QUEUE_POLICY, "sqs:*"))


def _check(view: View) -> Iterator[Breach]:
    for type_, action in _REFUSED:
        for item in view.of(type_):
            if not is_unknown(item.at("policy")) and not refuses_plaintext(item, action):
                yield Breach(item.urn, "the policy does not refuse requests without TLS")


RULE: Final = Rule(
    name="no-plaintext-message",
    title="Policies of topics and queues refuse what comes without TLS",
    severity=Severity.MEDIUM,
    controls=hipaa("312(e)(1)", "312(e)(2)(ii)"),
    types=(_TOPIC_POLICY, _QUEUE_POLICY),
    way_out="deny the action to everybody where aws:SecureTransport is false",
    check=_check,
)
