"""Addresses that hear what operations hears, all of it or pages alone: e-mail, and webhooks over TLS.

Whoever is subscribed confirms it once, by the link that SNS sends: until then nothing goes there. What cannot be
delivered ends with the operations dead letters. A webhook's address may hold a token, so it is a secret throughout:
nothing shows it, and resources are named by a digest.

An alarm's message says by the beginning of its description how soon somebody must look, both when it is raised and when
it is over. A pager hears those that begin with `page`. Events of services are lines without a description: it hears
none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import sns

from components.messaging import rules
from components.observability.model import Severity

PAGES: Final = {"AlarmDescription": [{"prefix": f"{Severity.PAGE}: "}]}
"""What SNS lets through to a pager, of a message's body."""
_DIGEST = 8


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """E-mail addresses and webhooks."""

    emails: Sequence[str]
    webhooks: Sequence[str]


def build_subscriptions(
    name: str,
    *,
    topic: pulumi.Input[str],
    dead_letters_arn: pulumi.Input[str],
    everything: Addresses,
    pages: Addresses,
    opts: pulumi.ResourceOptions,
) -> None:
    """Subscribe to `topic` the addresses that hear `everything`, and those that hear of `pages` alone."""
    redrive = rules.undeliverable(dead_letters_arn)
    for prefix, addresses, paged in ((name, everything, False), (f"{name}-pager", pages, True)):
        told: list[tuple[str, str, pulumi.Input[str]]] = [("email", email, email) for email in addresses.emails]
        told += [("https", webhook, pulumi.Output.secret(webhook)) for webhook in addresses.webhooks]
        for protocol, address, endpoint in told:
            sns.TopicSubscription(
                f"{prefix}-{protocol}-{_digest(address)}",
                topic=topic,
                protocol=protocol,
                endpoint=endpoint,
                filter_policy=json.dumps(PAGES) if paged else None,
                filter_policy_scope="MessageBody" if paged else None,
                redrive_policy=redrive,
                opts=opts,
            )


def _digest(address: str) -> str:
    """What stands for an address in a name: stable, and the address cannot be read from it."""
    return hashlib.sha256(address.encode()).hexdigest()[:_DIGEST]
