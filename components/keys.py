"""A side's customer-managed KMS key.

Owns: the key, its alias, its rotation and its policy. The policy names the services that encrypt on their own behalf;
everything else (RDS, ElastiCache, S3, Secrets Manager, EBS) acts for a role, whose identity policy must say so.
Does not own: those identity policies. They stand with the roles, in the components that make them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import kms

from components import policy
from domain.naming import SYSTEM, Names

_SHORTEST_WINDOW, _LONGEST_WINDOW = 7, 30  # days between the order to delete a key and its end, as KMS offers
_CRYPTO = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey*")  # what a sender to an encrypted topic or queue needs
# The role through which Auto Scaling launches instances with encrypted volumes.
_AUTOSCALING = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What a side's key is made from."""

    names: Names
    account_id: str
    region: str
    throw_away: bool


class Keys(pulumi.ComponentResource):
    """The key that encrypts everything at rest on one side."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the key and its alias."""
        super().__init__("medical:keys:Keys", name, None, opts)
        key = kms.Key(
            name,
            description=f"Everything at rest in cell {args.names.cell}, {args.region}",
            enable_key_rotation=True,
            deletion_window_in_days=_SHORTEST_WINDOW if args.throw_away else _LONGEST_WINDOW,
            policy=policy.document(*statements(args.account_id, args.region)),
            # Without the key all that it encrypts is lost, the final snapshots of a stack that was destroyed included:
            # so it outlives the stack.
            opts=pulumi.ResourceOptions(parent=self, protect=not args.throw_away, retain_on_delete=not args.throw_away),
        )
        kms.Alias(
            name,
            name=f"alias/{args.names.of('data')}",
            target_key_id=key.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Whoever takes the ARN waits for the key, never for its alias.
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def statements(account_id: str, region: str) -> list[policy.Statement]:
    """The key policy: the account administers through IAM, and exactly these services use the key."""
    in_region = f"{region}.amazonaws.com"
    return [
        {
            "Sid": "AccountAdministersThroughIam",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
            "Action": "kms:*",
            "Resource": "*",  # in a key policy: this key
        },
        _service(
            "LogGroups",
            f"logs.{in_region}",
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:*"}},
        ),
        _service(
            "EventsToQueues",
            "events.amazonaws.com",
            {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{region}:{account_id}:rule/*"}},
            actions=_PUBLISH,
        ),
        # On its way to a topic EventBridge names no source: so the topic is what this is held to. Source: "Managing
        # Amazon SNS encryption keys and costs" in SNS's developer guide.
        _service(
            "EventsToTopics",
            "events.amazonaws.com",
            {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{region}:{account_id}:*"}},
            actions=_PUBLISH,
        ),
        _service("AlarmsToTopics", "cloudwatch.amazonaws.com", _source(account_id), actions=_PUBLISH),
        _service("BackupsToTopics", "backup.amazonaws.com", _source(account_id), actions=_PUBLISH),
        _service("BudgetsToTopics", "budgets.amazonaws.com", _source(account_id), actions=_PUBLISH),
        _service("CostAlertsToTopics", "costalerts.amazonaws.com", _source(account_id), actions=_PUBLISH),
        _service(
            "TopicsToQueues",
            "sns.amazonaws.com",
            {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{region}:{account_id}:*"}},
            actions=_PUBLISH,
        ),
        *_trail(account_id, region),
        *_autoscaling(account_id, in_region),
    ]


def _service(
    sid: str,
    service: str,
    condition: dict[str, dict[str, str]],
    actions: tuple[str, ...] = _CRYPTO,
) -> policy.Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions),
        "Resource": "*",
        "Condition": condition,
    }


def _source(account_id: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:SourceAccount": account_id}}


def _trail(account_id: str, region: str) -> list[policy.Statement]:
    """Let CloudTrail encrypt what it delivers for a trail of this region, and nothing else; it never decrypts.

    It tells KMS for which trail. S3 asks for an audit bucket's own key, under the bucket's ARN, when one is due.
    """
    principal = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{region}:{account_id}:trail/{SYSTEM}-*"}
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account_id}:trail/{SYSTEM}-*"}
    bucket = {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{SYSTEM}-*-audit-{account_id}*"}
    common = {"Effect": "Allow", "Principal": principal, "Resource": "*"}
    encrypt = {**common, "Action": ["kms:GenerateDataKey*"]}
    return [
        {**encrypt, "Sid": "TrailEncrypts", "Condition": {"ArnLike": source, "StringLike": context}},
        {**encrypt, "Sid": "TrailFillsABucket", "Condition": {"ArnLike": source, "StringLike": bucket}},
        {**common, "Sid": "TrailLooksAtTheKey", "Action": ["kms:DescribeKey"], "Condition": {"ArnLike": source}},
    ]


def _autoscaling(account_id: str, in_region: str) -> list[policy.Statement]:
    """Let Auto Scaling's service-linked role use the key for volumes.

    The role may not exist yet in a new account, and a key policy may not name a principal that does not exist, so it is
    named by condition.
    """
    role = {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account_id}:role/{_AUTOSCALING}"},
        "StringEquals": {"kms:CallerAccount": account_id, "kms:ViaService": f"ec2.{in_region}"},
    }
    common = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}
    grants = {**role, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        {**common, "Sid": "AutoScalingVolumes", "Action": list(_CRYPTO), "Condition": role},
        {**common, "Sid": "AutoScalingVolumeGrants", "Action": "kms:CreateGrant", "Condition": grants},
    ]
