"""One side of a cell: everything that serves users in one region. A cell makes two, from this one component.

Owns: the order in which a side's parts are made, and what each is given of the others. Does not own: the side's key and
provider and the database's credentials, which the cell makes first because each side keeps copies under the other's
key, the certificate, and the DNS above the two sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import rds

from components.audit import gates
from components.cache.cache import Cache, CacheArgs
from components.canaries.canaries import Canaries, CanariesArgs
from components.canaries.package import Code
from components.cell import uploads, ways_in
from components.database.args import DatabaseArgs, Master
from components.database.database import Database
from components.dns.names import cell_domain
from components.documents.args import DocumentsArgs
from components.documents.documents import Documents
from components.edge.args import EdgeArgs
from components.edge.edge import Edge
from components.messaging.messaging import Messaging, MessagingArgs
from components.network.args import NetworkArgs
from components.network.network import Network
from components.operations.automation import Here
from components.operations.operations import Operations, OperationsArgs
from components.operations.subscriptions import Addresses
from components.package import Package
from components.storage import rules
from components.storage.storage import Storage, StorageArgs
from components.web.args import Bucket, Buckets, Fleet, Front, Place, Store, WebArgs
from components.web.release import Release
from components.web.web import Web
from domain import drills, repair
from domain.continuity import Instance
from domain.naming import Names
from domain.regions import region
from domain.residency import Copy
from settings import Settings

SERVICE_PORT = 8443
HEALTH_PATH = "/livez"  # not /readyz: a lost database must not make Auto Scaling replace every instance


@dataclass(frozen=True, kw_only=True)
class RegionalStackArgs:
    """What a side is made from: the cell's settings, and what sets this side apart from the other.

    `instances` are the side's database instances, oldest first; `writer` is the other side's that writes, None if this
    side has it; `copy` admits replicas of it on this side, None if there is no other side.
    """

    settings: Settings
    side: str
    region: str
    cidr: str
    names: Names
    tags: Mapping[str, str]
    key_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]
    certificate_arn: pulumi.Input[str]
    instances: tuple[Instance, ...]
    master: Master
    writer: rds.Instance | None
    copy: Copy[pulumi.Input[str]] | None
    database_secret_arn: pulumi.Input[str]
    web_minimum: int
    release: Release
    package: Package
    walks: Code


class RegionalStack(pulumi.ComponentResource):
    """One side of a cell."""

    network: Network
    storage: Storage
    messaging: Messaging
    database: Database
    cache: Cache
    edge: Edge
    web: Web
    documents: Documents
    canaries: Canaries

    def __init__(self, name: str, args: RegionalStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the side's parts, each from what it needs and no more."""
        super().__init__("medical:regional:RegionalStack", name, None, opts)
        self._name = name
        self._args = args
        self._settings = args.settings
        self._child = pulumi.ResourceOptions(parent=self)
        self.network = self._build_network()
        self.storage = self._build_storage()
        self.messaging = self._build_messaging()
        self.database = self._build_database()
        self.cache = self._build_cache()
        self.edge = self._build_edge()
        self.web = self._build_web()
        self.documents = self._build_documents()
        self._build_operations()
        self.canaries = self._build_canaries()
        self.register_outputs({})

    def _build_network(self) -> Network:
        args = NetworkArgs(
            names=self._args.names,
            account_id=self._settings.account_id,
            boundary_arn=self._args.boundary_arn,
            region=region(self._args.region),
            cidr=self._args.cidr,
            nat_per_az=self._settings.nat_per_az,
            interface_endpoints=self._settings.interface_endpoints,
            log_days=self._settings.log_days,
            key_arn=self._args.key_arn,
        )
        return Network(f"{self._name}-network", args, self._child)

    def _build_storage(self) -> Storage:
        args = StorageArgs(
            names=self._args.names,
            account_id=self._settings.account_id,
            region=self._args.region,
            key_arn=self._args.key_arn,
            access_log_days=self._settings.access_log_days,
            noncurrent_days=self._settings.noncurrent_days,
            audit_days=self._settings.audit_days,
            vault_lock=self._settings.vault_lock,
            throw_away=self._settings.throw_away,
            statements={
                **uploads.gates(self._settings, self._args.names),
                **gates.statements(self._settings, self._args.side, self._args.region, self._args.names),
            },
        )
        return Storage(f"{self._name}-storage", args, self._child)

    def _build_messaging(self) -> Messaging:
        args = MessagingArgs(
            names=self._args.names,
            account_id=self._settings.account_id,
            region=self._args.region,
            key_arn=self._args.key_arn,
        )
        return Messaging(f"{self._name}-messaging", args, self._child)

    def _build_database(self) -> Database:
        args = DatabaseArgs(
            names=self._args.names,
            account_id=self._settings.account_id,
            boundary_arn=self._args.boundary_arn,
            region=self._args.region,
            vpc_id=self.network.vpc_id,
            subnet_ids=self.network.data_subnet_ids,
            key_arn=self._args.key_arn,
            operations_topic=self.messaging.operations_topic,
            instances=self._args.instances,
            master=self._args.master,
            writer=self._args.writer,
            copy=self._args.copy,
            instance_class=self._settings.database_class,
            storage_gib=self._settings.database_storage_gib,
            max_storage_gib=self._settings.database_max_storage_gib,
            backup_days=self._settings.database_backup_days,
            log_days=self._settings.log_days,
            deletion_protection=self._settings.deletion_protection,
            throw_away=self._settings.throw_away,
        )
        return Database(f"{self._name}-database", args, self._child)

    def _build_cache(self) -> Cache:
        args = CacheArgs(
            names=self._args.names,
            region=self._args.region,
            vpc_id=self.network.vpc_id,
            subnet_ids=self.network.data_subnet_ids,
            key_arn=self._args.key_arn,
            node_type=self._settings.cache_node_type,
            replicas=self._settings.cache_replicas,
            log_days=self._settings.log_days,
            throw_away=self._settings.throw_away,
        )
        return Cache(f"{self._name}-cache", args, self._child)

    def _build_edge(self) -> Edge:
        args = EdgeArgs(
            names=self._args.names,
            vpc_id=self.network.vpc_id,
            public_subnet_ids=self.network.public_subnet_ids,
            logs_bucket=self.storage.logs_bucket,
            certificate_arn=self._args.certificate_arn,
            target_port=SERVICE_PORT,
            health_path=HEALTH_PATH,
            deletion_protection=self._settings.deletion_protection,
            waf=ways_in.firewall(self._settings, region=self._args.region, key_arn=self._args.key_arn),
        )
        return Edge(f"{self._name}-edge", args, self._child)

    def _build_web(self) -> Web:
        settings = self._settings
        args = WebArgs(
            names=self._args.names,
            region=self._args.region,
            side=self._args.side,
            tags=self._args.tags,
            boundary_arn=self._args.boundary_arn,
            key_arn=self._args.key_arn,
            release=self._args.release,
            place=Place(
                vpc_id=self.network.vpc_id,
                private_subnet_ids=self.network.private_subnet_ids,
                network=self.network,
                endpoints=settings.interface_endpoints,
            ),
            fleet=Fleet(
                instance_type=settings.web_instance_type,
                minimum=self._args.web_minimum,
                maximum=settings.web_max,
                volume_gib=settings.web_volume_gib,
            ),
            front=Front(
                security_group_id=self.edge.security_group_id,
                target_group_arn=self.edge.target_group_arn,
                request_label=self.edge.request_label,
                listener=self.edge.https_listener,
                target_port=SERVICE_PORT,
            ),
            database=Store(
                host=self.database.address,
                port=self.database.port,
                secret_arn=self._args.database_secret_arn,
                security_group_id=self.database.security_group_id,
            ),
            database_name=self.database.schema,
            cache=Store(
                host=self.cache.primary_endpoint,
                port=self.cache.port,
                secret_arn=self.cache.secret_arn,
                security_group_id=self.cache.security_group_id,
            ),
            buckets=Buckets(
                releases=self._bucket("releases"), uploads=self._bucket("uploads"), derived=self._bucket("derived")
            ),
            topics=self.messaging.topics,
            queues=self.messaging.queue_arns,
            sessions=ways_in.sessions(
                settings, region=self._args.region, names=self._args.names, key_arn=self._args.key_arn
            ),
            account_id=settings.account_id,
            other_region=next((name for name in settings.regions if name != self._args.region), drills.NOBODY),
            drill_role=drills.NOBODY if settings.alone else drills.role_arn(settings.account_id, settings.cell),
        )
        return Web(f"{self._name}-web", args, self._child)

    def _build_documents(self) -> Documents:
        args = DocumentsArgs(
            names=self._args.names,
            account_id=self._settings.account_id,
            boundary_arn=self._args.boundary_arn,
            region=self._args.region,
            key_arn=self._args.key_arn,
            buckets=self.storage.buckets,
            topics=self.messaging.topics,
            operations_topic=self.messaging.operations_topic,
            work=uploads.work(self._settings, self._args.package),
        )
        return Documents(f"{self._name}-documents", args, self._child)

    def _build_operations(self) -> None:
        here = Here(
            names=self._args.names,
            account_id=self._settings.account_id,
            region=self._args.region,
            boundary_arn=self._args.boundary_arn,
            key_arn=self._args.key_arn,
            operations_topic=self.messaging.operations_topic,
            acts=self._settings.repairs == repair.ACT,
        )
        args = OperationsArgs(
            here=here,
            dead_letters_arn=self.messaging.operations_dead_letters,
            everything=Addresses(emails=self._settings.operations_emails, webhooks=self._settings.operations_webhooks),
            pages=Addresses(emails=self._settings.pager_emails, webhooks=self._settings.pager_webhooks),
            group=self.web.autoscaling_group_name,
            letters=self.documents.letters,
        )
        Operations(f"{self._name}-operations", args, self._child)

    def _build_canaries(self) -> Canaries:
        settings = self._settings
        args = CanariesArgs(
            names=self._args.names,
            account_id=settings.account_id,
            boundary_arn=self._args.boundary_arn,
            region=self._args.region,
            side=self._args.side,
            key_arn=self._args.key_arn,
            code=self._args.walks,
            releases=self.storage.buckets[rules.RELEASES],
            logs=self.storage.buckets[rules.LOGS],
            address=self.edge.dns_name,
            host=cell_domain(settings.cell, settings.domain),
            writes=self._args.side == settings.writer,
            minutes=settings.canary_minutes,
            objectives=settings.journey_objectives,
            log_days=settings.log_days,
        )
        return Canaries(f"{self._name}-canaries", args, self._child)

    def _bucket(self, role: str) -> Bucket:
        bucket = self.storage.buckets[role]
        return Bucket(name=bucket.name, arn=bucket.arn)
