"""Replication of one side's documents and evidence to the other side.

Owns: a rule for each part of the replicated buckets, and the role that S3 takes. A cell makes two, one each way, so
that after a failover nothing needs to be changed: S3 does not replicate a replica back. Does not own: the buckets, nor
the alarms, which come of what is `watched` of the source's side, and of the destination's (`arriving`).

Both ways carry new versions, delete markers, and changes of tags and holds made to an original; those made to a replica
go back where a part `returns` them. What is deleted by its
version, or by a lifecycle, goes on one side only: S3 replicates neither. The buckets are made with their rules, so
nothing is in them that came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pulumi
from pulumi_aws import iam, s3

from components import policy
from components.observability.watched import Arriving, Leaving, Watched
from components.storage import rights, rules
from components.storage.bucket import StoredBucket
from domain.naming import ROLE, Names
from domain.residency import Contract, Copy, Mechanism

REPLICATED: Final = (rules.UPLOADS, rules.DERIVED, rules.AUDIT)
_PARTS: Final = {part.name: part for role in REPLICATED for part in rules.PARTS[role]}
_BUCKETS: Final = {part.name: role for role in REPLICATED for part in rules.PARTS[role]}
MINUTES: Final = 15  # the only time that replication time control offers

_ON, _OFF = "Enabled", "Disabled"


@dataclass(frozen=True, kw_only=True)
class ReplicationSide:
    """One end of a replication: a side's place, key, and buckets by role."""

    names: Names
    region: str
    key_arn: pulumi.Input[str]
    buckets: Mapping[str, StoredBucket]


@dataclass(frozen=True, kw_only=True)
class ReplicationArgs:
    """What a replication is made from. `copies`, from `admit`, are by the name of the part that each copies."""

    account_id: str
    boundary_arn: pulumi.Input[str]
    source: ReplicationSide
    destination: ReplicationSide
    copies: Mapping[str, Copy[pulumi.Input[str]]]

    def __post_init__(self) -> None:
        """Refuse copies that were admitted for something else.

        Raises:
            ResidencyError: of a copy of another dataset, by other means, or between other regions.
        """
        for part, copy in self.copies.items():
            copy.require(
                _PARTS[part].dataset,
                mechanism=Mechanism.BUCKET_REPLICATION,
                source_region=self.source.region,
                destination_region=self.destination.region,
            )

    def parts_of(self, role: str) -> list[rules.Part]:
        """What is replicated of the bucket called `role`."""
        return [part for part in rules.PARTS[role] if part.name in self.copies]

    def rule_id(self, part: str) -> str:
        """What the rule of `part` is called, in its configuration and in its metrics."""
        return f"{part}-to-{self.destination.names.place}"

    def dimensions(self, part: str) -> dict[str, str]:
        """Under which dimensions S3 reports on `part`."""
        role = _BUCKETS[part]
        return {
            "SourceBucket": self.source.buckets[role].physical_name,
            "DestinationBucket": self.destination.buckets[role].physical_name,
            "RuleId": self.rule_id(part),
        }


def admit(
    contract: Contract, source: ReplicationSide, destination: ReplicationSide
) -> dict[str, Copy[pulumi.Input[str]]]:
    """The copies that a replication makes, under `contract`.

    Raises:
        ResidencyError: a side lies outside the jurisdiction.
    """
    return {
        part.name: contract.admit(
            part.dataset,
            source_region=source.region,
            destination_region=destination.region,
            mechanism=Mechanism.BUCKET_REPLICATION,
            key=destination.key_arn,
        )
        for part in _PARTS.values()
    }


def role_name(names: Names) -> str:
    """The name of the role that replicates what is on the side of `names`."""
    return names.of("replication", ROLE)


class Replication(pulumi.ComponentResource):
    """Replication in one direction. Give it the provider of its source.

    What is `watched` S3 reports on the source's side, and of `arriving` on the destination's.
    """

    role_arn: pulumi.Output[str]
    watched: tuple[Watched, ...]
    arriving: tuple[Watched, ...]

    def __init__(self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the role and the rules."""
        super().__init__("medical:storage:Replication", name, None, opts)
        self._name = name
        self._args = args
        role, role_policy = self._build_role()
        for bucket in REPLICATED:
            if args.parts_of(bucket):
                self._replicate(bucket, role, role_policy)
        self.role_arn = role.arn
        self.watched = tuple(
            Leaving(key=_key(part), part=part, to=args.destination.region, dimensions=args.dimensions(part))
            for part in args.copies
        )
        self.arriving = tuple(
            Arriving(
                key=_key(part),
                part=part,
                source=args.source.region,
                within=timedelta(minutes=MINUTES),
                dimensions=args.dimensions(part),
            )
            for part in args.copies
        )
        self.register_outputs({"role_arn": self.role_arn})

    def _build_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        args = self._args
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            self._name,
            name=role_name(args.source.names),
            description=f"Lets S3 replicate documents and evidence to {args.destination.region}",
            # S3 does not document that it says for whom it replicates, and refuses nothing if it may not: it would only
            # stop to replicate.
            assume_role_policy=policy.trust("s3.amazonaws.com", account_id=args.account_id, if_told=True),
            permissions_boundary=args.boundary_arn,
            opts=child,
        )
        statements = [statement for bucket in REPLICATED for statement in self._rights(bucket)]
        return role, iam.RolePolicy(self._name, role=role.name, policy=policy.document(*statements), opts=child)

    def _rights(self, bucket: str) -> list[policy.Statement]:
        args = self._args
        parts = args.parts_of(bucket)
        if not parts:
            return []
        copy = args.copies[parts[0].name]  # all of one bucket go the same way, under the same key
        prefixes = [part.prefix for part in parts]
        return rights.replication(
            bucket,
            rights.End(
                region=copy.source_region,
                bucket_arn=args.source.buckets[bucket].arn,
                prefixes=prefixes,
                key_arn=args.source.key_arn,
            ),
            rights.End(
                region=copy.destination_region,
                bucket_arn=args.destination.buckets[bucket].arn,
                prefixes=prefixes,
                key_arn=copy.key,
            ),
        )

    def _replicate(self, bucket: str, role: iam.Role, role_policy: iam.RolePolicy) -> None:
        args = self._args
        source, destination = args.source.buckets[bucket], args.destination.buckets[bucket]
        s3.BucketReplicationConfig(
            f"{self._name}-{bucket}",
            bucket=source.name,
            role=role.arn,
            rules=[
                _rule(args.rule_id(part.name), part, priority, destination.arn, args.copies[part.name].key)
                for priority, part in enumerate(args.parts_of(bucket), start=1)
            ],
            # S3 refuses a rule before both buckets keep versions, and fails what it may not yet replicate.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*source.ready, *destination.ready, role_policy]),
        )


def _key(part: str) -> str:
    return f"replication-{part}"


def _rule(
    id_: str, part: rules.Part, priority: int, destination_arn: pulumi.Input[str], key_arn: pulumi.Input[str]
) -> s3.BucketReplicationConfigRuleArgs:
    """The rule for everything of `part`. No two prefixes overlap; S3 wants different priorities all the same."""
    time = s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=MINUTES)
    threshold = s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=MINUTES)
    return s3.BucketReplicationConfigRuleArgs(
        id=id_,
        status=_ON,
        # With a filter the rule is of the second version, the only one that can carry delete markers and changes.
        filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=part.prefix or None),
        priority=priority,
        delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status=_ON),
        source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            replica_modifications=s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs(
                status=_ON if part.returns else _OFF
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
