"""Replication of one side's documents and evidence to the other side.

Owns: a rule for each replicated bucket, the role that S3 takes for it, and an alarm on what S3 gives up on. A cell
makes two, one each way, so that after a failover nothing needs to be changed: S3 does not replicate a replica back.
Does not own: the buckets, nor the alarms on delay, which stand where S3 reports it: see `replication_alarms`.

Both ways carry new versions, delete markers, and changes of tags and locks made to a replica. What is deleted by its
version, or by a lifecycle, goes on one side only: S3 replicates neither. The buckets are made with their rules, so
nothing is in them that came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, iam, s3

from components import policy
from components.storage import rights, rules
from components.storage.bucket import StoredBucket
from domain.naming import ALARM, ROLE, Names
from domain.residency import Contract, Copy, Mechanism

REPLICATED: Final = (rules.UPLOADS, rules.DERIVED, rules.AUDIT)
MINUTES: Final = 15  # the only time that replication time control offers

_FAILURE_SECONDS: Final = 300
_ON: Final = "Enabled"


@dataclass(frozen=True, kw_only=True)
class ReplicationSide:
    """One end of a replication: a side's place, key, buckets by role, and the topic that its alarms go to."""

    names: Names
    region: str
    key_arn: pulumi.Input[str]
    buckets: Mapping[str, StoredBucket]
    operations_topic: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ReplicationArgs:
    """What a replication is made from. `copies`, from `admit`, are by bucket role."""

    account_id: str
    source: ReplicationSide
    destination: ReplicationSide
    copies: Mapping[str, Copy[pulumi.Input[str]]]

    def __post_init__(self) -> None:
        """Refuse copies that were admitted for something else.

        Raises:
            ResidencyError: of a copy of another dataset, by other means, or between other regions.
        """
        for role, copy in self.copies.items():
            copy.require(
                rules.DATASETS[role],
                mechanism=Mechanism.BUCKET_REPLICATION,
                source_region=self.source.region,
                destination_region=self.destination.region,
            )

    def rule_id(self, role: str) -> str:
        """What the rule of the bucket called `role` is called, in its configuration and in its metrics."""
        return f"{role}-to-{self.destination.names.place}"

    def dimensions(self, role: str) -> dict[str, str]:
        """Under which dimensions S3 reports on the bucket called `role`."""
        return {
            "SourceBucket": self.source.buckets[role].physical_name,
            "DestinationBucket": self.destination.buckets[role].physical_name,
            "RuleId": self.rule_id(role),
        }


def admit(
    contract: Contract, source: ReplicationSide, destination: ReplicationSide
) -> dict[str, Copy[pulumi.Input[str]]]:
    """The copies that a replication makes, under `contract`.

    Raises:
        ResidencyError: a side lies outside the jurisdiction.
    """
    return {
        role: contract.admit(
            rules.DATASETS[role],
            source_region=source.region,
            destination_region=destination.region,
            mechanism=Mechanism.BUCKET_REPLICATION,
            key=destination.key_arn,
        )
        for role in REPLICATED
    }


class Replication(pulumi.ComponentResource):
    """Replication in one direction. Give it the provider of its source."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the role and the rules."""
        super().__init__("medical:storage:Replication", name, None, opts)
        self._name = name
        self._args = args
        role, role_policy = self._build_role()
        for bucket, copy in args.copies.items():
            self._replicate(bucket, copy, role, role_policy)
            self._build_alarm(bucket)
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})

    def _build_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        args = self._args
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            self._name,
            name=args.source.names.of("replication", ROLE),
            description=f"Lets S3 replicate documents and evidence to {args.destination.region}",
            # S3 does not document that it says for whom it replicates, and refuses nothing if it may not: it would only
            # stop to replicate.
            assume_role_policy=policy.trust("s3.amazonaws.com", account_id=args.account_id, if_told=True),
            opts=child,
        )
        statements = [statement for bucket in args.copies for statement in self._rights(bucket)]
        return role, iam.RolePolicy(self._name, role=role.name, policy=policy.document(*statements), opts=child)

    def _rights(self, bucket: str) -> list[policy.Statement]:
        args, copy = self._args, self._args.copies[bucket]
        return rights.replication(
            bucket,
            rights.End(
                region=copy.source_region,
                bucket_arn=args.source.buckets[bucket].arn,
                key_arn=args.source.key_arn,
            ),
            rights.End(
                region=copy.destination_region,
                bucket_arn=args.destination.buckets[bucket].arn,
                key_arn=copy.key,
            ),
            locked=bucket == rules.AUDIT,
        )

    def _replicate(
        self, bucket: str, copy: Copy[pulumi.Input[str]], role: iam.Role, role_policy: iam.RolePolicy
    ) -> None:
        source, destination = self._args.source.buckets[bucket], self._args.destination.buckets[bucket]
        s3.BucketReplicationConfig(
            f"{self._name}-{bucket}",
            bucket=source.name,
            role=role.arn,
            rules=[_rule(self._args.rule_id(bucket), destination.arn, copy.key)],
            # S3 refuses a rule before both buckets keep versions, and fails what it may not yet replicate.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*source.ready, *destination.ready, role_policy]),
        )

    def _build_alarm(self, bucket: str) -> None:
        """Say that S3 gave an object up: a wrong key or right shows nowhere else. Reported where the source is."""
        source = self._args.source
        cloudwatch.MetricAlarm(
            f"{self._name}-{bucket}-failed",
            name=source.names.of(f"replication-{bucket}-failed", ALARM),
            alarm_description=f"S3 could not replicate objects of {bucket} to {self._args.destination.region}. "
            "Nobody tries again: find the cause, then copy them with S3 Batch Replication.",
            namespace="AWS/S3",
            metric_name="OperationsFailedReplication",
            dimensions=self._args.dimensions(bucket),
            statistic="Sum",
            period=_FAILURE_SECONDS,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            # A failure is an event: where none is told of, none was.
            treat_missing_data="notBreaching",
            alarm_actions=[source.operations_topic],
            ok_actions=[source.operations_topic],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _rule(
    id_: str, destination_arn: pulumi.Input[str], key_arn: pulumi.Input[str]
) -> s3.BucketReplicationConfigRuleArgs:
    """The rule for everything in a bucket."""
    time = s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=MINUTES)
    threshold = s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=MINUTES)
    return s3.BucketReplicationConfigRuleArgs(
        id=id_,
        status=_ON,
        # With a filter the rule is of the second version, the only one that can carry delete markers and changes.
        filter=s3.BucketReplicationConfigRuleFilterArgs(),
        priority=1,
        delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status=_ON),
        source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            replica_modifications=s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs(
                status=_ON
            ),
            sse_kms_encrypted_objects=s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status=_ON
            ),
        ),
        destination=s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=destination_arn,
            encryption_configuration=s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=key_arn
            ),
            replication_time=s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(status=_ON, time=time),
            metrics=s3.BucketReplicationConfigRuleDestinationMetricsArgs(status=_ON, event_threshold=threshold),
        ),
    )
