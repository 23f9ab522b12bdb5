"""Topics and queues refuse what comes without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.names import QUEUE, TOPIC
from policies.transport import refuses_plaintext
from policies.values import is_unknown

_TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
_QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
# What holds messages, where its policy may stand apart, the input that names it there, and what must be refused.
_REFUSED: Final = ((TOPIC, _TOPIC_POLICY, "arn", "sns:Publish"), (QUEUE, _QUEUE_POLICY, "queueUrl", "sqs:*"))


def _check(view: View) -> Iterator[Breach]:
    for type_, policy_type, key, action in _REFUSED:
        for item in view.of(type_):
            policies = [item, *view.parts(item, policy_type, key)]
            if not any(is_unknown(one.at("policy")) or refuses_plaintext(one, action) for one in policies):
                yield Breach(item.urn, "no policy refuses requests without TLS")


RULE: Final = Rule(
    name="no-plaintext-message",
    title="Topics and queues refuse what comes without TLS",
    severity=Severity.MEDIUM,
    controls=hipaa("312(e)(1)", "312(e)(2)(ii)"),
    types=(TOPIC, QUEUE, _TOPIC_POLICY, _QUEUE_POLICY),
    way_out="deny the action to everybody where aws:SecureTransport is false",
    check=_check,
)
