"""What each function may do, and Textract on its behalf: exactly that, by bucket and prefix. Pure.

None may write, tag or delete an upload: the original is never touched. None reads one that the gate holds back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi

from components import policy
from components.documents.args import DocumentsArgs
from components.documents.tasks import CONVERT, ERASE, TEXT, Task
from components.storage import rules
from components.storage.bucket import StoredBucket

ERASURES: Final = "erasures/"  # of the audit bucket
_TRACE: Final = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
_QUEUE: Final = (
    "sqs:ChangeMessageVisibility",  # to have it back sooner
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",  # to itself, for later
)
_READ: Final = ("s3:GetObject", "s3:GetObjectVersion")  # Textract reads for the function, and does not say which
_PUT: Final = ("s3:GetObject", "s3:PutObject")  # a write on the condition of what stands reads that too
_USE: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def function(
    task: Task,
    args: DocumentsArgs,
    *,
    queue_arn: pulumi.Input[str],
    log_group_arn: pulumi.Input[str],
    publisher_arn: pulumi.Input[str],
) -> list[policy.Statement]:
    """The rights of a task's function."""
    own = {CONVERT.name: _convert, TEXT.name: _text, ERASE.name: _erase}[task.name]
    return [
        policy.allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [pulumi.Output.concat(log_group_arn, ":*")]),
        policy.allow("Trace", _TRACE, ["*"], condition=_here(args)),  # traces have no ARN
        policy.allow("Queue", _QUEUE, [queue_arn]),
        *_keys(task, args, queue_arn),
        *own(args, publisher_arn),
    ]


def publisher(args: DocumentsArgs, topic_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """What Textract may do to say that a document was read."""
    return [
        policy.allow("Publish", ["sns:Publish"], [topic_arn]),
        key_through(args, "sns", "aws:sns:topicArn", [topic_arn]),
    ]


def key_through(
    args: DocumentsArgs, service: str, context: str, values: Sequence[pulumi.Input[str]]
) -> policy.Statement:
    """Let a service use the side's key for the caller, for what has one of `values` as the context `context` only."""
    return policy.allow(
        f"KeyThrough{service.title()}",
        _USE,
        [args.key_arn],
        condition={
            "StringEquals": {"kms:ViaService": f"{service}.{args.region}.amazonaws.com"},
            "StringLike": {f"kms:EncryptionContext:{context}": list(values)},
        },
    )


def _keys(task: Task, args: DocumentsArgs, queue_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """What services do with the side's key for a function, each for what the function may use of it only.

    The context of an object is its bucket's ARN where the bucket has a key of its own, else the object's.
    """
    roles = {
        CONVERT.name: (rules.UPLOADS, rules.DERIVED),
        TEXT.name: (rules.DERIVED,),
        ERASE.name: (rules.DERIVED, rules.AUDIT),
    }[task.name]
    buckets = [args.buckets[role].arn for role in roles]
    own_arn = args.arn("lambda", f"function:{args.name_of(task)}")
    found = [
        # Lambda decrypts a function's environment through itself.
        policy.allow(
            "KeyThroughLambda",
            ["kms:Decrypt"],
            [args.key_arn],
            condition={
                "StringEquals": {"kms:ViaService": f"lambda.{args.region}.amazonaws.com"},
                # With or without a version or an alias.
                "StringLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": [own_arn, f"{own_arn}:*"]},
            },
        ),
        key_through(args, "s3", "aws:s3:arn", [*buckets, *(pulumi.Output.concat(arn, "/*") for arn in buckets)]),
        key_through(args, "sqs", "aws:sqs:arn", [queue_arn]),
    ]
    if task is not ERASE:  # which is told to nobody
        topics = [arn for _, arn in sorted(args.topics.items())]
        found.append(key_through(args, "sns", "aws:sns:topicArn", topics))
    return found


def _convert(args: DocumentsArgs, publisher_arn: pulumi.Input[str]) -> list[policy.Statement]:
    found = [
        *_uploads(args),
        policy.allow("Derived", _PUT, _derived(args, rules.TEXTS, rules.IMAGES, rules.STATUS)),
        *_told(args),
    ]
    if args.reads_text:
        found += [
            policy.allow(
                "ReadText",
                ["textract:AnalyzeDocument", "textract:GetDocumentAnalysis", "textract:StartDocumentAnalysis"],
                ["*"],  # Textract knows no documents as resources
                condition=_here(args),
            ),
            policy.allow(
                "TextractTells",
                ["iam:PassRole"],
                [publisher_arn],
                condition={"StringEquals": {"iam:PassedToService": "textract.amazonaws.com"}},
            ),
        ]
    return found


def _text(args: DocumentsArgs, _publisher_arn: pulumi.Input[str]) -> list[policy.Statement]:
    found = [
        # A completion names a job: what was read lies with Textract, and the upload is not opened again.
        policy.allow("Listings", ["s3:ListBucket"], [args.buckets[rules.DERIVED].arn]),
        policy.allow("Derived", _PUT, _derived(args, rules.TEXTS, rules.STATUS)),
        *_told(args),
    ]
    if args.reads_text:
        found.append(policy.allow("ReadText", ["textract:GetDocumentAnalysis"], ["*"], condition=_here(args)))
    return found


def _erase(args: DocumentsArgs, _publisher_arn: pulumi.Input[str]) -> list[policy.Statement]:
    derived, audit = args.buckets[rules.DERIVED], args.buckets[rules.AUDIT]
    everything = _derived(args, rules.TEXTS, rules.IMAGES, rules.STATUS)
    return [
        # It finds by listing, and removes version by version: it reads nothing, and leaves no delete marker.
        policy.allow("DerivedThere", ["s3:ListBucketVersions"], [derived.arn]),
        policy.allow("Erase", ["s3:DeleteObjectVersion"], everything),
        policy.allow("AuditThere", ["s3:ListBucket"], [audit.arn]),
        policy.allow("Evidence", _PUT, [pulumi.Output.concat(audit.arn, "/", ERASURES, "*")]),
    ]


def _uploads(args: DocumentsArgs) -> list[policy.Statement]:
    """Reading uploads. Who may list a bucket is told that an object is gone; others are told that they may not."""
    uploads, derived = args.buckets[rules.UPLOADS], args.buckets[rules.DERIVED]
    return [
        policy.allow("Uploads", _READ, [_within(uploads, "")]),
        policy.allow("Listings", ["s3:ListBucket"], [uploads.arn, derived.arn]),
    ]


def _told(args: DocumentsArgs) -> list[policy.Statement]:
    return [policy.allow("Publish", ["sns:Publish"], [arn for _, arn in sorted(args.topics.items())])]


def _derived(args: DocumentsArgs, *parts: rules.Part) -> Sequence[pulumi.Output[str]]:
    return [_within(args.buckets[rules.DERIVED], part.prefix) for part in parts]


def _within(bucket: StoredBucket, prefix: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(bucket.arn, "/", prefix, "*")


def _here(args: DocumentsArgs) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:RequestedRegion": args.region}}
