"""The function: what it runs, as whom, what it is told, and whom it can reach.

It stands in the private subnets, because neither the database nor the cache can be reached from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import ec2, iam, lambda_, s3, vpc

from components import policy
from components.connections import connect
from components.logs import log_group
from components.rotation import rights
from components.rotation.args import APPLICATION, MASTER, RotationArgs
from domain import rotation

RUNTIME: Final = "python3.13"
_MEMORY_MIB: Final = 512  # with the memory comes the processor that imports the SDK
_ANYWHERE: Final = "0.0.0.0/0"
_HTTPS: Final = 443


@dataclass(frozen=True, kw_only=True)
class Made:
    """The function, and what must stand before it can do its work."""

    function: lambda_.Function
    reach: Sequence[pulumi.Resource]


def build_function(name: str, args: RotationArgs, opts: pulumi.ResourceOptions) -> Made:
    """Put the package into the side's releases bucket, and make the function from it."""
    code = s3.BucketObjectv2(
        f"{name}-package",
        bucket=args.releases_bucket,
        key=args.package.key,
        source=pulumi.FileAsset(args.package.path),
        source_hash=args.package.sha256,
        content_type="application/zip",
        checksum_algorithm="SHA256",
        server_side_encryption="aws:kms",
        kms_key_id=args.key_arn,
        bucket_key_enabled=True,
        opts=opts,
    )
    path = f"/{args.names.path('rotation')}"
    logs = log_group(name, path=path, days=args.log_days, key_arn=args.key_arn, opts=opts)
    role, given = _build_role(name, args, logs.arn, opts)
    group, way_out = _build_group(name, args, opts)
    function = lambda_.Function(
        name,
        name=args.function_name,
        description="Rotates the passwords of the database and the token of the cache",
        architectures=["arm64"],
        runtime=RUNTIME,
        handler=rotation.HANDLER,
        s3_bucket=code.bucket,
        s3_key=code.key,
        source_code_hash=base64.b64encode(bytes.fromhex(args.package.sha256)).decode(),
        role=role.arn,
        memory_size=_MEMORY_MIB,
        timeout=rotation.TIMEOUT_SECONDS,
        reserved_concurrent_executions=rotation.CONCURRENCY,
        kms_key_arn=args.key_arn,
        environment=lambda_.FunctionEnvironmentArgs(variables=_environment(args)),
        vpc_config=lambda_.FunctionVpcConfigArgs(subnet_ids=list(args.subnet_ids), security_group_ids=[group.id]),
        logging_config=lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
        # Lambda asks whether the role may log and make interfaces, and no input leads to what it may.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[given])),
    )
    return Made(function=function, reach=[args.network, *way_out])


def _build_role(
    name: str, args: RotationArgs, log_group_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> tuple[iam.Role, iam.RolePolicy]:
    role = iam.Role(
        name,
        name=args.function_name,
        description=f"What rotates the secrets of cell {args.names.cell} in {args.region} may do",
        # Lambda does not document that it says for which function it takes a role.
        assume_role_policy=policy.trust("lambda.amazonaws.com", account_id=args.account_id, if_told=True),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    document = policy.document(*rights.statements(args, log_group_arn))
    return role, iam.RolePolicy(name, role=role.name, policy=document, opts=opts)


def _build_group(
    name: str, args: RotationArgs, opts: pulumi.ResourceOptions
) -> tuple[ec2.SecurityGroup, list[pulumi.Resource]]:
    """The function's group, from which it reaches AWS, the database and the cache; and the rules that say so."""
    group = ec2.SecurityGroup(
        name,
        name=args.names.of("rotation"),
        description="The function that rotates secrets",
        vpc_id=args.vpc_id,
        tags={"Name": args.names.of("rotation")},
        opts=opts,
    )
    https = vpc.SecurityGroupEgressRule(
        f"{name}-https",
        security_group_id=group.id,
        # Services without an interface endpoint have public addresses, which change; who answers is proved by TLS.
        description="HTTPS to AWS services",
        cidr_ipv4=_ANYWHERE,
        ip_protocol="tcp",
        from_port=_HTTPS,
        to_port=_HTTPS,
        opts=opts,
    )
    own = ("rotation", group.id)
    rules: list[pulumi.Resource] = [https]
    for store, place in (("database", args.database), ("cache", args.cache)):
        rules += connect(f"{name}-{store}", own, (store, place.security_group_id), place.port, opts)
    return group, rules


def _environment(args: RotationArgs) -> dict[str, pulumi.Input[str]]:
    """What the function is told. Its form is its own: see `functions/rotation/settings.py`."""
    return {
        "APPLICATION_SECRET": args.shared.names[APPLICATION],
        "MASTER_SECRET": args.shared.names[MASTER],
        "CACHE_SECRET": args.token.secret_name,
        "DATABASE_HOST": args.database.host,
        "DATABASE_PORT": str(args.database.port),
        "DATABASE_SCHEMA": args.schema,
        "CACHE_HOST": args.cache.host,
        "CACHE_PORT": str(args.cache.port),
        "CACHE_GROUP": args.token.group_id,
        "OTHER_FUNCTION": args.other_function_arn,
        "ROTATION_DAYS": str(args.days),
    }
