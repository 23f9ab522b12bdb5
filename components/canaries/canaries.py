"""A side's canaries: each walks one patient journey through the side's own load balancer, and tells whether it worked.

Owns: their code in the releases bucket, their role, and the canaries with their log groups. Does not own: how a journey
is walked (`functions/canaries`), what it promises (`domain.objectives`), when that is an alarm
(`components.observability`), and the buckets; what a run leaves goes to the logs bucket, under the side's key, and ends
with the access logs.

They stand outside the VPC and come in as users do, by way of the firewall. They ask the load balancer by its own name
and have it prove that it is the cell: a side can be told apart from the other only so.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam, s3, synthetics

from components import policy
from components.canaries import package, rights
from components.logs import log_group
from components.observability.watched import Journey, Watched
from components.storage.bucket import StoredBucket
from domain import canaries
from domain.naming import Names
from domain.objectives import JOURNEYS, Objectives

TIMEOUT_SECONDS: Final = 60  # not above the shortest time between two runs
MEMORY_MIB: Final = 960  # the least that CloudWatch Synthetics takes; no browser is started
_ROLE: Final = "canary"  # the service knows the synthetic clinic by it: service/journeys/clinics.py


@dataclass(frozen=True, kw_only=True)
class CanariesArgs:
    """What a side's canaries are made from.

    They ask `address` for the cell called `host`, every `minutes`. With `writes` the side is the one that writes, so
    that a journey whose writes are refused has failed.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    side: str
    key_arn: pulumi.Input[str]
    code: package.Code
    releases: StoredBucket
    logs: StoredBucket
    address: pulumi.Input[str]
    host: str
    writes: bool
    minutes: int
    objectives: Objectives
    log_days: int


class Canaries(pulumi.ComponentResource):
    """The canaries of a side, one for each journey."""

    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: CanariesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the code, the role, and each journey's canary with its log group."""
        super().__init__("medical:canaries:Canaries", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        code = self._build_code()
        role, given = self._build_role()
        for journey in JOURNEYS:
            self._build_canary(journey, code, role, given)
        self.watched = tuple(
            Journey(
                key=journey,
                canary=canaries.name(args.names, journey),
                minutes=args.minutes,
                objective=args.objectives[journey],
            )
            for journey in JOURNEYS
        )
        self.register_outputs({})

    def _build_code(self) -> s3.BucketObjectv2:
        args = self._args
        return s3.BucketObjectv2(
            f"{self._name}-code",
            bucket=args.releases.name,
            key=args.code.key,
            content_base64=base64.b64encode(args.code.content).decode(),
            content_type="application/zip",
            checksum_algorithm="SHA256",
            server_side_encryption="aws:kms",
            kms_key_id=args.key_arn,
            bucket_key_enabled=True,
            opts=self._child,
        )

    def _build_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        args = self._args
        role = iam.Role(
            self._name,
            name=args.names.of(_ROLE),
            description="Walks the patient journeys as a user would, and reports",
            # As of every function, whose service does not document that it says for which one it takes a role.
            assume_role_policy=policy.trust("lambda.amazonaws.com", account_id=args.account_id, if_told=True),
            permissions_boundary=args.boundary_arn,
            opts=self._child,
        )
        statements = rights.statements(
            account_id=args.account_id,
            region=args.region,
            key_arn=args.key_arn,
            bucket_arn=args.logs.arn,
            cell=args.names.cell,
        )
        given = iam.RolePolicy(self._name, role=role.name, policy=policy.document(*statements), opts=self._child)
        return role, given

    def _build_canary(self, journey: str, code: s3.BucketObjectv2, role: iam.Role, given: iam.RolePolicy) -> None:
        args = self._args
        canary = synthetics.Canary(
            f"{self._name}-{journey}",
            name=canaries.name(args.names, journey),
            runtime_version=canaries.RUNTIME,
            handler=package.HANDLER,
            s3_bucket=code.bucket,
            s3_key=code.key,
            execution_role_arn=role.arn,
            artifact_s3_location=pulumi.Output.concat("s3://", args.logs.name, f"/{canaries.FOLDER}/{journey}"),
            artifact_config=synthetics.CanaryArtifactConfigArgs(
                s3_encryption=synthetics.CanaryArtifactConfigS3EncryptionArgs(
                    encryption_mode="SSE_KMS", kms_key_arn=args.key_arn
                )
            ),
            kms_key_arn=args.key_arn,
            schedule=synthetics.CanaryScheduleArgs(expression=rate(args.minutes)),
            run_config=synthetics.CanaryRunConfigArgs(
                timeout_in_seconds=TIMEOUT_SECONDS,
                memory_in_mb=MEMORY_MIB,
                active_tracing=False,
                environment_variables=self._environment(journey),
            ),
            start_canary=True,
            delete_lambda=True,  # else its function would outlive the canary, and nobody would know of it
            # Synthetics asks whether the role may do what a canary does, and no input leads to what it may.
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[given])),
        )
        # The function's name ends in an id that is drawn when the canary is made. What a first run said before its
        # group stood is lost, and no run can make a group without a key and without an end.
        log_group(
            f"{self._name}-{journey}",
            path=canary.engine_arn.apply(log_path),
            days=args.log_days,
            key_arn=args.key_arn,
            opts=self._child,
        )

    def _environment(self, journey: str) -> dict[str, pulumi.Input[str]]:
        """What a canary is told. Its form is its own: see `functions/canaries/settings.py`."""
        args = self._args
        return {
            "ADDRESS": args.address,
            "HOST": args.host,
            "JOURNEY": journey,
            "SIDE": args.side,
            "WRITES": "required" if args.writes else "optional",
        }


def rate(minutes: int) -> str:
    """A schedule of one run each so many minutes."""
    return f"rate({minutes} minute{'s' if minutes > 1 else ''})"


def log_path(engine_arn: str) -> str:
    """The log group of a canary's function, from the function's ARN, which has a version at its end or none."""
    return f"/aws/lambda/{engine_arn.split(':')[6]}"
