"""A side's cache: ElastiCache for Valkey, reached over TLS with a token.

Owns: the replication group, its subnet group, parameter group, security group (without rules: who connects adds its
own), logs, and the first token in its own secret. Does not own: the right to read the secret, its rotation
(`components.rotation`), which no update undoes, and the network.

Nothing in a cache is the only copy of anything: a side's is never replicated to the other, and starts cold there.

ElastiCache delivers logs through CloudWatch's vended logs. Whoever deploys needs `logs:*LogDelivery*`,
`logs:PutResourcePolicy`, `logs:DescribeResourcePolicies` and `logs:DescribeLogGroups`: AWS then writes the region's
resource policy for `/aws/vendedlogs/` by itself, so none is declared here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_random as random
from pulumi_aws import cloudwatch, ec2, elasticache, secretsmanager

from components.logs import log_group
from components.observability.watched import CacheNode, Watched
from components.secrets import first_version
from domain import windows
from domain.naming import CACHE, Names

PORT: Final = 6379
ENGINE_VERSION: Final = "8.1"
FAMILY: Final = "valkey8"
LOGS: Final = ("engine-log", "slow-log")
SNAPSHOT_DAYS: Final = 1
RECOVERY_DAYS: Final = 30

_TOKEN_LENGTH = 64  # ElastiCache takes 16 to 128; letters and digits alone are never refused
_TIERED = "cache.r6gd."  # node types with a disk, which ElastiCache makes only with data tiering


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """What a side's cache is made from. `replicas` stand beside the primary, at least one so that it can fail over.

    Raises:
        ValueError: fewer replicas than one, or more than five.
    """

    names: Names
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    node_type: str
    replicas: int
    log_days: int
    throw_away: bool

    def __post_init__(self) -> None:
        """Refuse what ElastiCache would."""
        most = 5
        if not 1 <= self.replicas <= most:
            raise ValueError(f"replicas {self.replicas}: automatic failover needs 1, ElastiCache takes {most} at most")


class Cache(pulumi.ComponentResource):
    """A Valkey primary with replicas in other zones."""

    primary_endpoint: pulumi.Output[str]
    port: int
    secret_name: str
    secret_arn: pulumi.Output[str]
    group_id: str
    security_group_id: pulumi.Output[str]
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the cache and what it stands on."""
        super().__init__("medical:cache:Cache", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.group_id = args.names.of("cache", CACHE)
        self.secret_name = args.names.path("cache")

        token = random.RandomPassword(name, length=_TOKEN_LENGTH, special=False, opts=self._child)
        self._token = pulumi.Output.secret(token.result)
        group = self._build_security_group()
        cache = self._build_replication_group(group, [self._build_log_group(log) for log in LOGS])

        self.primary_endpoint = cache.primary_endpoint_address
        self.port = PORT
        self.secret_arn = self._build_secret()
        self.security_group_id = group.id
        # ElastiCache names a group's nodes so, and counts from one.
        self.watched = tuple(
            CacheNode(key=f"cache-{place}", node=f"{self.group_id}-{place:03}") for place in range(1, args.replicas + 2)
        )
        self.register_outputs({"primary_endpoint": self.primary_endpoint, "secret_arn": self.secret_arn})

    def _build_secret(self) -> pulumi.Output[str]:
        secret = secretsmanager.Secret(
            self._name,
            name=self.secret_name,
            description=f"Token of the cache {self.group_id}",
            kms_key_id=self._args.key_arn,
            recovery_window_in_days=0 if self._args.throw_away else RECOVERY_DAYS,
            opts=pulumi.ResourceOptions(parent=self, protect=not self._args.throw_away),
        )
        return first_version(self._name, secret, {"token": self._token}, self)

    def _build_security_group(self) -> ec2.SecurityGroup:
        name = self._args.names.of("cache")
        return ec2.SecurityGroup(
            self._name,
            name=name,
            description="The cache",
            vpc_id=self._args.vpc_id,
            tags={"Name": name},
            opts=self._child,
        )

    def _build_subnet_group(self) -> elasticache.SubnetGroup:
        return elasticache.SubnetGroup(
            self._name,
            name=self._args.names.of("cache"),
            description="The isolated data subnets",
            subnet_ids=list(self._args.subnet_ids),
            opts=self._child,
        )

    def _build_parameter_group(self) -> elasticache.ParameterGroup:
        # The default evicts only what has a time to live: once full of anything else, the cache would refuse writes.
        eviction = elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="allkeys-lru")
        return elasticache.ParameterGroup(
            self._name,
            # With the family in its name, a new family's group can be made before the old one's is deleted.
            name=self._args.names.of(f"cache-{FAMILY}"),
            family=FAMILY,
            description="Evicts what was used longest ago",
            parameters=[eviction],
            opts=self._child,
        )

    def _build_log_group(self, log: str) -> cloudwatch.LogGroup:
        return log_group(
            f"{self._name}-{log}",
            path=f"/aws/vendedlogs/elasticache/{self.group_id}/{log}",
            days=self._args.log_days,
            key_arn=self._args.key_arn,
            opts=self._child,
        )

    def _build_replication_group(
        self, group: ec2.SecurityGroup, logs: Sequence[cloudwatch.LogGroup]
    ) -> elasticache.ReplicationGroup:
        args = self._args
        return elasticache.ReplicationGroup(
            self._name,
            replication_group_id=self.group_id,
            description=f"Cache of cell {args.names.cell}",
            engine="valkey",
            engine_version=ENGINE_VERSION,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            cluster_mode="disabled",
            node_type=args.node_type,
            data_tiering_enabled=True if args.node_type.startswith(_TIERED) else None,
            num_cache_clusters=1 + args.replicas,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            subnet_group_name=self._build_subnet_group().name,
            security_group_ids=[group.id],
            parameter_group_name=self._build_parameter_group().name,
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=self._token,
            auth_token_update_strategy="ROTATE",  # noqa: S106 - the old token stays valid until the next change
            snapshot_retention_limit=SNAPSHOT_DAYS,
            snapshot_window=windows.backup(args.region),
            final_snapshot_identifier=None if args.throw_away else f"{self.group_id}-final",
            maintenance_window=windows.maintenance(args.region),
            log_delivery_configurations=[
                elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=target.name, destination_type="cloudwatch-logs", log_format="json", log_type=log
                )
                for log, target in zip(LOGS, logs, strict=True)
            ],
            # AWS raises the minor version by itself; the declared one would then be lower, which means a replacement.
            # The token is creation's alone: from then on it is rotation's.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["engine_version", "auth_token"]),
        )
