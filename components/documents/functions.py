"""The functions: what they run, as whom, with how much, and what feeds them.

They stand outside the VPC: all that they need are AWS's own services, and from there they reach neither the database
nor the cache, nor anything else of the network.
"""

from __future__ import annotations

import base64
from typing import Final

import pulumi
from pulumi_aws import iam, lambda_, s3

from components import policy, texts
from components.documents import rights
from components.documents.args import DocumentsArgs
from components.documents.queues import Queues
from components.documents.tasks import TASKS, TIMEOUT_SECONDS, Task
from components.logs import log_group
from components.storage import rules
from domain import documents

RUNTIME: Final = "python3.13"
_MIB: Final = 1024 * 1024
_ANY_FEATURE: Final = "TABLES"  # the functions ask for one even where no kind of file is read


def build_functions(name: str, args: DocumentsArgs, queues: Queues, opts: pulumi.ResourceOptions) -> None:
    """Put the package into the side's releases bucket, and make each task's function from it."""
    package = args.work.package
    code = s3.BucketObjectv2(
        f"{name}-package",
        bucket=args.buckets[rules.RELEASES].name,
        key=package.key,
        source=pulumi.FileAsset(package.path),
        source_hash=package.sha256,
        content_type="application/zip",
        checksum_algorithm="SHA256",
        server_side_encryption="aws:kms",
        kms_key_id=args.key_arn,
        bucket_key_enabled=True,
        opts=opts,
    )
    environment = _environment(args, queues)
    for task in TASKS:
        _build_function(f"{name}-{task.name}", task, args, queues, code, environment, opts)


def _build_function(
    name: str,
    task: Task,
    args: DocumentsArgs,
    queues: Queues,
    code: s3.BucketObjectv2,
    environment: dict[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> None:
    logs = log_group(
        name,
        path=f"/{args.names.path('documents', task.name)}",
        days=args.work.log_days,
        key_arn=args.key_arn,
        opts=opts,
    )
    queue = queues.by_task[task.name]
    role, given = _build_role(name, task, args, queues, logs.arn, opts)
    concurrency = task.concurrency or args.work.concurrency
    function = lambda_.Function(
        name,
        name=args.name_of(task),
        description=task.does,
        architectures=["arm64"],
        runtime=RUNTIME,
        handler=task.handler,
        s3_bucket=code.bucket,
        s3_key=code.key,
        source_code_hash=base64.b64encode(bytes.fromhex(args.work.package.sha256)).decode(),
        role=role.arn,
        memory_size=task.memory_mib or args.work.memory_mib,
        timeout=TIMEOUT_SECONDS,
        reserved_concurrent_executions=concurrency,
        kms_key_arn=args.key_arn,
        environment=lambda_.FunctionEnvironmentArgs(variables=environment),
        tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
        logging_config=lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
        # Lambda asks whether the role may log and trace, and no input leads to what it may.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[given])),
    )
    lambda_.EventSourceMapping(
        name,
        event_source_arn=queue.arn,
        function_name=function.arn,
        batch_size=task.batch,
        # What failed of a batch goes back to the queue, and nothing else of it.
        function_response_types=["ReportBatchItemFailures"],
        # No more at once than is reserved: what is throttled would count as received, and end as a dead letter.
        scaling_config=lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=concurrency),
        opts=opts,
    )


def _build_role(
    name: str,
    task: Task,
    args: DocumentsArgs,
    queues: Queues,
    log_group_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> tuple[iam.Role, iam.RolePolicy]:
    role = iam.Role(
        name,
        name=args.name_of(task),
        description=f"What the function may do that does this: {task.does}",
        # Lambda does not document that it says for which function it takes a role, and its poller of the queue takes it
        # too: if it could not, no function could be made. Whom it may be given to is decided by iam:PassRole.
        assume_role_policy=policy.trust("lambda.amazonaws.com", account_id=args.account_id, if_told=True),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    statements = rights.function(
        task,
        args,
        queue_arn=queues.by_task[task.name].arn,
        log_group_arn=log_group_arn,
        publisher_arn=queues.publisher_arn,
    )
    return role, iam.RolePolicy(name, role=role.name, policy=policy.document(*statements), opts=opts)


def _environment(args: DocumentsArgs, queues: Queues) -> dict[str, pulumi.Input[str]]:
    """What the functions are told. Its form is theirs: see `functions/documents/settings.py`."""
    work, buckets = args.work, args.buckets
    kinds = documents.TEXT_KINDS if args.reads_text else ()
    return {
        "UPLOADS_BUCKET": buckets[rules.UPLOADS].name,
        "DERIVED_BUCKET": buckets[rules.DERIVED].name,
        "AUDIT_BUCKET": buckets[rules.AUDIT].name,
        "KEY_ARN": args.key_arn,
        "TOPICS": texts.dumps(args.topics),
        "TEXTRACT_TOPIC_ARN": queues.topic_arn,
        "TEXTRACT_ROLE_ARN": queues.publisher_arn,
        "MAX_BYTES": str(work.max_mib * _MIB),
        "MAX_PIXELS": str(documents.max_pixels(work.memory_mib)),
        "MAX_PAGES": str(documents.MOST_PAGES),
        "IMAGE_FORMATS": ",".join(work.formats),
        "TEXT_FORMATS": ",".join(kinds),
        "TEXT_FEATURES": ",".join(work.text_features) or _ANY_FEATURE,
    }
