"""What the instances may do in AWS: exactly what the service needs, and to be reached by Session Manager."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from components import policy
from components.storage import rules
from components.web import agent, sessions
from components.web.args import WebArgs

# AmazonSSMManagedInstanceCore would also let every instance read every parameter of the account.
# AWS's own minimal policies for Session Manager ask for all resources too: the channels have none of their own, and the
# agent reports an instance whose id nobody knows beforehand. ec2messages is what agents before 3.3.40 fall back on.
SESSION_MANAGER = (
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
_SECRETS = "secretsmanager"
_QUEUES = "sqs"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The instances' role, and the policy without which they cannot boot."""

    role: iam.Role
    policy: iam.RolePolicy
    profile: iam.InstanceProfile


def build_identity(name: str, args: WebArgs, watch: agent.Agent, opts: pulumi.ResourceOptions) -> Identity:
    """Make the instances' role, its policy and the profile that hands it to them."""
    role = iam.Role(
        name,
        name=args.names.of("web"),
        description=f"What the web instances of cell {args.names.cell}, {args.side}, may do",
        assume_role_policy=policy.trust_ec2(),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    return Identity(
        role=role,
        policy=iam.RolePolicy(
            name, role=role.id, policy=policy.document(*statements(args), *agent.statements(watch, args)), opts=opts
        ),
        profile=iam.InstanceProfile(name, name=args.names.of("web"), role=role.name, opts=opts),
    )


def statements(args: WebArgs) -> list[policy.Statement]:
    """The statements of the instances' policy."""
    buckets = args.buckets
    from_here = {"StringEquals": {"aws:SourceVpc": args.place.vpc_id}}
    found = [
        policy.allow("SessionManager", SESSION_MANAGER, ["*"]),
        *sessions.statements(args.sessions),
        policy.allow(
            "OwnSecrets",
            ["secretsmanager:GetSecretValue"],
            [args.database.secret_arn, args.cache.secret_arn],
            # Credentials that were carried off do not open them. Without the endpoint all leave by NAT alike.
            condition=from_here if _SECRETS in args.place.endpoints else None,
        ),
        policy.allow(
            "Release",
            ["s3:GetObject"],
            [pulumi.Output.concat(buckets.releases.arn, "/", args.release.key)],
            condition=from_here,
        ),
        # From anywhere: users send and fetch their documents themselves, by addresses that the instances sign. Whoever
        # keeps an upload's version reads it by that.
        policy.allow(
            "Uploads",
            ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            [pulumi.Output.concat(buckets.uploads.arn, "/*")],
        ),
        # Asking whether the bucket is there (HeadBucket) goes by this name too.
        policy.allow("UploadsThere", ["s3:ListBucket"], [buckets.uploads.arn]),
        *(
            policy.allow(
                part.name.title(), ["s3:GetObject"], [pulumi.Output.concat(buckets.derived.arn, "/", part.prefix, "*")]
            )
            for part in rules.PARTS[rules.DERIVED]
        ),
        *_key(args),
    ]
    if args.topics:
        found.append(policy.allow("Publish", ["sns:Publish"], [arn for _, arn in sorted(args.topics.items())]))
    if args.queues:
        arns = [arn for _, arn in sorted(args.queues.items())]
        found.append(policy.allow("WorkOff", ["sqs:DeleteMessage", "sqs:ReceiveMessage"], arns))
    return found


def _key(args: WebArgs) -> list[policy.Statement]:
    """What services do with the side's key for an instance, each for what the instance may use of it only.

    The context of an object is its bucket's ARN where the bucket has a key of its own, else the object's.
    """
    buckets = [item.arn for item in (args.buckets.releases, args.buckets.uploads, args.buckets.derived)]
    objects = [pulumi.Output.concat(arn, "/*") for arn in buckets]
    contexts: dict[str, tuple[str, list[pulumi.Input[str]]]] = {
        "s3": ("aws:s3:arn", [*buckets, *objects]),
        _SECRETS: ("SecretARN", [args.database.secret_arn, args.cache.secret_arn]),
    }
    if args.topics:
        contexts["sns"] = ("aws:sns:topicArn", [arn for _, arn in sorted(args.topics.items())])
    if args.queues:
        contexts[_QUEUES] = ("aws:sqs:arn", [arn for _, arn in sorted(args.queues.items())])
    return [
        policy.allow(
            f"KeyThrough{service.title()}",
            ["kms:Decrypt"] if service in (_SECRETS, _QUEUES) else ["kms:Decrypt", "kms:GenerateDataKey"],
            [args.key_arn],
            condition={
                "StringEquals": {"kms:ViaService": f"{service}.{args.region}.amazonaws.com"},
                "StringLike": {f"kms:EncryptionContext:{key}": values},
            },
        )
        for service, (key, values) in contexts.items()
    ]
