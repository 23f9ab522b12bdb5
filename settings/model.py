"""The settings as one frozen, typed value. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain import documents, objectives, waf
from domain.continuity import HOME, SIDES, State
from domain.posture import BACKUP_ONLY
from settings import addresses, rules
from settings.rules import between


class Settings(BaseModel):
    """What a cell is made from. Units are in the names; descriptions and defaults are in `Pulumi.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)

    cell: rules.Cell
    account_id: rules.Account
    domain: rules.Domain
    jurisdiction: rules.Jurisdiction
    home_region: rules.RegionName
    home_cidr: rules.Cidr
    recovery_region: rules.RecoveryRegion
    recovery_cidr: rules.RecoveryCidr
    zone: rules.Zone
    account_owner: rules.Owner
    region_owner: rules.Owner
    ci_repository: rules.Repository

    deletion_protection: rules.Flag
    throw_away: rules.Flag

    posture: rules.Posture
    writer: rules.Writer
    home_generation: Annotated[int, between(1, 1000)]
    recovery_generation: Annotated[int, between(1, 1000)]
    released: rules.Released
    spill_over: rules.Flag
    health_check_seconds: rules.HealthCheckSeconds
    reads_target_seconds: Annotated[int, between(1, 86400)]
    writes_target_seconds: Annotated[int, between(1, 86400)]
    data_loss_target_seconds: Annotated[int, between(1, 86400)]

    journey_objectives: rules.Objectives
    canary_minutes: Annotated[int, between(objectives.LEAST_MINUTES, objectives.MOST_MINUTES)]

    nat_per_az: rules.Flag
    interface_endpoints: rules.Endpoints

    waf_mode: rules.WafMode
    waf_rate_limit: Annotated[int, between(waf.LEAST_RATE, waf.MOST_RATE)]

    web_instance_type: rules.InstanceType
    web_home_min: Annotated[int, between(1, 100)]
    web_recovery_min: Annotated[int, between(1, 100)]
    web_max: Annotated[int, between(1, 100)]
    web_volume_gib: Annotated[int, between(8, 1024)]
    release: rules.Release

    database_class: rules.DatabaseClass
    database_storage_gib: Annotated[int, between(20, 65536)]
    database_max_storage_gib: Annotated[int, between(22, 65536)]
    database_backup_days: Annotated[int, between(7, 35)]

    cache_node_type: rules.CacheNode
    cache_replicas: Annotated[int, between(1, 5)]

    documents_package: rules.Package
    documents_memory_mib: Annotated[int, between(512, 10240)]
    documents_concurrency: Annotated[int, between(2, 800)]
    documents_formats: rules.Formats
    documents_text_features: rules.TextFeatures
    documents_max_mib: Annotated[int, between(1, documents.MOST_MIB)]

    rotation_package: rules.Package
    rotation_days: rules.RotationDays

    log_days: rules.LogDays
    access_log_days: Annotated[int, between(90, 3653)]
    audit_days: rules.AuditDays
    backup_days: Annotated[int, between(7, 365)]
    vault_lock: rules.VaultLock
    noncurrent_days: Annotated[int, between(7, 3653)]

    repairs: rules.Repairs
    operations_emails: addresses.Emails
    operations_webhooks: addresses.Webhooks
    pager_emails: addresses.Emails
    pager_webhooks: addresses.Webhooks
    alarm_profile: rules.AlarmProfile

    budget_usd: Annotated[int, between(1, 10_000_000)]
    usage_requests: Annotated[int, between(0, 100_000_000_000)]
    usage_uploads: Annotated[int, between(0, 1_000_000_000)]
    usage_upload_kib: Annotated[int, between(1, documents.MOST_MIB * 1024)]
    usage_upload_pages: Annotated[int, between(0, 3000)]
    usage_stored_gib: Annotated[int, between(0, 100_000_000)]

    @property
    def alone(self) -> bool:
        """Whether home is the only side."""
        return self.posture == BACKUP_ONLY

    @property
    def owns_account(self) -> bool:
        """Whether this stack makes what an account has once, such as its password policy."""
        return self.account_owner in (rules.OWN, self.cell)

    @property
    def owns_regions(self) -> bool:
        """Whether this stack makes what an account has once a region, such as its detectors, in the cell's regions."""
        return self.region_owner in (rules.OWN, self.cell)

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that the cell has."""
        return (HOME,) if self.alone else SIDES

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that the cell lies in, home's first."""
        return (self.home_region,) if self.alone else (self.home_region, self.recovery_region)

    @property
    def state(self) -> State:
        """Which side writes, and how often each was rebuilt.

        Raises:
            ContinuityError: the three settings are no state; `settings.load` has refused those.
        """
        return State(
            writer=self.writer,
            home_generation=self.home_generation,
            recovery_generation=self.recovery_generation,
        )
