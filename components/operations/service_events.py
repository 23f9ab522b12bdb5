"""Which events of AWS's services are of note to operations, and the line that tells of each. Pure.

Through EventBridge, because an event has a line of its own there and because RDS's and Auto Scaling's own notifications
would need topics of their own policy. ElastiCache is left out: it tells of nodes through SNS alone, and to no topic
that is encrypted ("Event Notifications and Amazon SNS" in its user guide, read November 2026); the cache's alarms and
AWS Health say what it would. Backups are told of by their vaults, threats by `components.detection`.

Account-wide events (those of IAM, Route 53 or the account) AWS Health delivers in us-east-1, and in us-west-2 as its
backup: a cell without a side in one of the two is not told of them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.notices import PLACE, Notice

# Of RDS's categories those after which somebody may have to act. Its daily ones (backup, restoration, creation, as
# declared) are left out. Source: "Amazon RDS event categories" in its user guide.
DATABASE_CATEGORIES: Final = (
    "availability",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "read replica",
    "recovery",
    "security",
)
_GROUPS: Final = "AutoScalingGroupName"
GLOBAL: Final = "global"  # where AWS Health says that an event lies which has no region


def notices(prefix: str, region: str) -> tuple[Notice, ...]:
    """The notices of a side in `region`, whose databases and groups have names that begin with `prefix`."""
    return (
        _database(prefix),
        _group(prefix),
        _health(region),
        _repairs(prefix),
        Notice(
            name="certificates",
            tells="A certificate that ends soon, or that ACM cannot renew by itself",
            pattern={
                "source": ["aws.acm"],
                "detail-type": [
                    "ACM Certificate Approaching Expiration",
                    "ACM Certificate Expired",
                    "ACM Certificate Renewal Action Required",
                ],
            },
            line="<what>, in <region> of account <account>: <certificate>. Open docs/runbooks/alarms.md#certificates.",
            paths={**PLACE, "what": "$.detail-type", "certificate": "$.resources[0]"},
        ),
    )


def _database(prefix: str) -> Notice:
    return Notice(
        name="database",
        tells="What RDS says of the side's database after which somebody may have to act",
        pattern={
            "source": ["aws.rds"],
            "detail-type": ["RDS DB Instance Event"],
            "detail": {
                "EventCategories": list(DATABASE_CATEGORIES),
                "SourceIdentifier": [{"prefix": prefix}],
            },
        },
        line="RDS, in <region> of account <account>: <instance>: <message> (<event>). "
        "Open docs/runbooks/alarms.md#database.",
        paths={
            **PLACE,
            "event": "$.detail.EventID",
            "instance": "$.detail.SourceIdentifier",
            "message": "$.detail.Message",
        },
    )


def _group(prefix: str) -> Notice:
    return Notice(
        name="instances",
        tells="Instances that Auto Scaling could not launch or terminate",
        pattern={
            "source": ["aws.autoscaling"],
            "detail-type": ["EC2 Instance Launch Unsuccessful", "EC2 Instance Terminate Unsuccessful"],
            "detail": {_GROUPS: [{"prefix": prefix}]},
        },
        line="Auto Scaling, in <region> of account <account>: <what> in <group>: <reason>. "
        "Open docs/runbooks/alarms.md#instances.",
        paths={
            **PLACE,
            "group": f"$.detail.{_GROUPS}",
            "reason": "$.detail.StatusMessage",
            "what": "$.detail-type",
        },
    )


def _repairs(prefix: str) -> Notice:
    """A repair tells itself what it did or left; one that fails tells nobody.

    Source: "Amazon EventBridge event examples for Systems Manager" in its user guide, read November 2026.
    """
    return Notice(
        name="repairs",
        tells="Automations of the side that began and could not be done",
        pattern={
            "source": ["aws.ssm"],
            "detail-type": ["EC2 Automation Execution Status-change Notification"],
            "detail": {"Definition": [{"prefix": prefix}], "Status": ["Cancelled", "Failed", "TimedOut"]},
        },
        line="Systems Manager, in <region> of account <account>: the automation <automation> ended as <status>, "
        "execution <execution>. Open docs/runbooks/alarms.md#repairs.",
        paths={
            **PLACE,
            "automation": "$.detail.Definition",
            "execution": "$.detail.ExecutionId",
            "status": "$.detail.Status",
        },
    )


def _health(region: str) -> Notice:
    # us-west-2 is told of every region's events, as the backup of all: only its own and global ones are ours.
    detail: Mapping[str, Any] = {
        "eventRegion": [region, GLOBAL],
        "eventTypeCategory": ["issue", "accountNotification", "scheduledChange"],
        "statusCode": ["open", "upcoming"],
    }
    return Notice(
        name="health",
        tells="What AWS Health says of services, of this account and of changes to come",
        pattern={"source": ["aws.health"], "detail-type": ["AWS Health Event"], "detail": detail},
        line="AWS Health, <category>, in <where> for account <account>: <service>, <type> (<arn>). "
        "Open docs/runbooks/alarms.md#aws-health.",
        paths={
            "account": "$.account",
            "arn": "$.detail.eventArn",
            "category": "$.detail.eventTypeCategory",
            "service": "$.detail.service",
            "type": "$.detail.eventTypeCode",
            "where": "$.detail.eventRegion",
        },
    )
