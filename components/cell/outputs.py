"""What an operator or an application needs to know of a side. Secrets are given by ARN, never by value. Pure."""

from __future__ import annotations

import pulumi

from components.cell.regional import RegionalStack
from components.cell.side import Side


def of_side(
    side: Side,
    stack: RegionalStack,
    *,
    application_secret_arn: pulumi.Input[str],
    master_secret_arn: pulumi.Input[str],
) -> dict[str, pulumi.Input[object]]:
    """The outputs of a side, by name."""
    return {
        "region": side.region,
        "load_balancer": stack.edge.dns_name,
        "autoscaling_group": stack.web.autoscaling_group_name,
        "vpc_id": stack.network.vpc_id,
        "database_address": stack.database.address,
        "database_identifier": stack.database.identifier,
        "database_identifiers": stack.database.identifiers,
        "database_secret_arn": application_secret_arn,
        "database_master_secret_arn": master_secret_arn,
        "cache_endpoint": stack.cache.primary_endpoint,
        "cache_secret_arn": stack.cache.secret_arn,
        "buckets": {role: bucket.name for role, bucket in stack.storage.buckets.items()},
        "topics": {**stack.messaging.topics, "operations": stack.messaging.operations_topic},
        "queues": {**stack.messaging.queues, "operations": stack.messaging.operations_queue},
        "key_arn": side.key.arn,
        "documents": {
            "queue": stack.documents.queue_url,
            "dead_letters": stack.documents.dead_letters_url,
            "text": stack.documents.text,
        },
    }
