"""Addresses that hear what operations hears: e-mail, and webhooks over TLS.

Whoever is subscribed confirms it once, by the link that SNS sends: until then nothing goes there. What cannot be
delivered ends with the operations dead letters. A webhook's address may hold a token, so it is a secret throughout:
nothing shows it, and resources are named by a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pulumi
from pulumi_aws import sns

from components.messaging import rules

_DIGEST = 8


def build_subscriptions(
    name: str,
    *,
    topic: pulumi.Input[str],
    dead_letters_arn: pulumi.Input[str],
    emails: Sequence[str],
    webhooks: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Subscribe the addresses to `topic`."""
    redrive = rules.undeliverable(dead_letters_arn)
    told: list[tuple[str, str, pulumi.Input[str]]] = [("email", email, email) for email in emails]
    told += [("https", webhook, pulumi.Output.secret(webhook)) for webhook in webhooks]
    for protocol, address, endpoint in told:
        sns.TopicSubscription(
            f"{name}-{protocol}-{_digest(address)}",
            topic=topic,
            protocol=protocol,
            endpoint=endpoint,
            redrive_policy=redrive,
            opts=opts,
        )


def _digest(address: str) -> str:
    """What stands for an address in a name: stable, and the address cannot be read from it."""
    return hashlib.sha256(address.encode()).hexdigest()[:_DIGEST]
