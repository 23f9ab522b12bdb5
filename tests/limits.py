"""What AWS refuses although Pulumi takes it: documents that are too large, retentions and ranges that do not fit."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, Final

from ops.engine.record import reveal
from tests.case import Case, Invariant

# The input that holds a document, and the most bytes that its service takes. Source: each service's quotas page.
DOCUMENTS: Final[Mapping[str, tuple[str, int]]] = {
    "aws:iam/role:Role": ("assumeRolePolicy", 2_048),
    "aws:kms/key:Key": ("policy", 32_768),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy", 20_480),
    "aws:sns/topicPolicy:TopicPolicy": ("policy", 30_720),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy", 30_720),
    "aws:ssm/parameter:Parameter": ("value", 4_096),  # of the standard tier
}
ROLE_POLICIES: Final = 10_240  # characters of all inline policies of a role
USER_DATA: Final = 16_384  # bytes, before they are encoded
ENVIRONMENT: Final = 4_096  # bytes of a function's variables
TAG_VALUE, TAGS = 256, 50
_NEVER: Final = 36_500  # days in an AWS Backup lifecycle, at most; a stack to be thrown away has no locks
_INFREQUENT_DAYS: Final = 30  # that an object stays before it may go to STANDARD_IA


def every_document_is_within_its_services_limit(case: Case) -> Iterator[str]:
    """Policies, parameters, user data, environments and tags."""
    of_roles: dict[str, int] = defaultdict(int)
    for item in case.aws:
        inputs = reveal(item.inputs)
        if item.type in DOCUMENTS:
            key, most = DOCUMENTS[item.type]
            found = len(str(inputs.get(key) or "").encode())
            if found > most and inputs.get("tier") != "Advanced":
                yield f"{item.urn}: {key} has {found} bytes of {most}"
        if item.type == "aws:iam/rolePolicy:RolePolicy":
            of_roles[inputs["role"]] += len(re.sub(r"\s", "", inputs["policy"]))
        if len(base64.b64decode(inputs.get("userData") or "")) > USER_DATA:
            yield f"{item.urn}: user data of more than {USER_DATA} bytes"
        variables = (inputs.get("environment") or {}).get("variables") or {}
        if sum(len(f"{key}{value}".encode()) for key, value in variables.items()) > ENVIRONMENT:
            yield f"{item.urn}: variables of more than {ENVIRONMENT} bytes"
        tags = inputs.get("tags") or {}
        values = tags.values() if isinstance(tags, dict) else [tag["value"] for tag in tags]
        if len(tags) > TAGS or any(len(str(value)) > TAG_VALUE for value in values):
            yield f"{item.urn}: tags"
    yield from (f"role {role}: {found} of {ROLE_POLICIES}" for role, found in of_roles.items() if found > ROLE_POLICIES)


def no_backup_is_kept_for_less_or_longer_than_its_vault_admits(case: Case) -> Iterator[str]:
    """AWS Backup fails such a job, every night."""
    vaults = {
        name: item.inputs["name"]
        for item in case.program.of_type("aws:backup/vault:Vault")
        for name in (item.outputs["arn"], item.inputs["name"])
    }
    locks = {
        item.inputs["backupVaultName"]: (item.inputs["minRetentionDays"], item.inputs["maxRetentionDays"])
        for item in case.program.of_type("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
    }
    for plan in case.program.of_type("aws:backup/plan:Plan"):
        for rule in plan.inputs["rules"]:
            kept = [(rule["targetVaultName"], rule["lifecycle"])]
            kept += [(copy["destinationVaultArn"], copy["lifecycle"]) for copy in rule.get("copyActions") or []]
            for vault, lifecycle in kept:
                least, most = locks.get(vaults.get(vault, ""), (0, _NEVER if case.settings.throw_away else 0))
                if not least <= lifecycle["deleteAfter"] <= most:
                    yield f"{plan.urn}: {lifecycle['deleteAfter']} days in {vault}, which admits {least} to {most}"


def nothing_expires_before_it_is_moved_to_where_it_costs_less(case: Case) -> Iterator[str]:
    """S3 refuses a rule that deletes first, and one that moves too early."""
    for item in case.program.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"):
        expiry = min((days for rule in item.inputs["rules"] if (days := _days(rule, "expiration", "days"))), default=0)
        for rule in item.inputs["rules"]:
            for move in rule.get("transitions") or []:
                least = _INFREQUENT_DAYS if move.get("storageClass") == "STANDARD_IA" else 0
                if move["days"] < least or 0 < expiry <= move["days"]:
                    yield f"{item.urn}: moved after {move['days']} days, expires after {expiry}"


def _days(rule: Mapping[str, Any], part: str, key: str) -> int:
    return int((rule.get(part) or {}).get(key) or 0)


def no_two_subnets_overlap_and_each_lies_in_its_network(case: Case) -> Iterator[str]:
    """By the ranges as they are registered."""
    networks = {item.id: IPv4Network(item.inputs["cidrBlock"]) for item in case.program.of_type("aws:ec2/vpc:Vpc")}
    taken: dict[str, list[IPv4Network]] = defaultdict(list)
    for item in case.program.of_type("aws:ec2/subnet:Subnet"):
        vpc, own = item.inputs["vpcId"], IPv4Network(item.inputs["cidrBlock"])
        if not own.subnet_of(networks[vpc]) or any(own.overlaps(other) for other in taken[vpc]):
            yield f"{item.urn}: {own}"
        taken[vpc].append(own)


EVERY: Final[tuple[Invariant, ...]] = (
    every_document_is_within_its_services_limit,
    no_backup_is_kept_for_less_or_longer_than_its_vault_admits,
    nothing_expires_before_it_is_moved_to_where_it_costs_less,
    no_two_subnets_overlap_and_each_lies_in_its_network,
)
