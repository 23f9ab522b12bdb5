"""The cache, declared and standing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pytest

from components.cache.cache import Cache, CacheArgs
from domain.naming import CACHE, CELL_LIMIT, Names
from domain.regions import REGIONS, region
from ops.engine.record import Program, Registration, Secret, reveal
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, HOME, NOWHERE, RECOVERY, Placed, declare, isolated_subnets, only, opts_in, standing

GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETERS: Final = "aws:elasticache/parameterGroup:ParameterGroup"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type's token
CACHE_ID: Final = "medical-us-usw2-cache"


def key(region_name: str) -> str:
    return f"arn:aws:kms:{region_name}:{ACCOUNT}:key/of-{region_name}"


def cache_args(
    *,
    region_name: str = HOME,
    cell: str = "us",
    node_type: str = "cache.t4g.small",
    replicas: int = 1,
    throw_away: bool = False,
    placed: Placed = NOWHERE,
) -> CacheArgs:
    return CacheArgs(
        names=Names(cell=cell, place=region(region_name).abbreviation),
        region=region_name,
        vpc_id=placed.vpc_id,
        subnet_ids=placed.subnet_ids,
        key_arn=key(region_name),
        node_type=node_type,
        replicas=replicas,
        log_days=365,
        throw_away=throw_away,
    )


def declared(args: CacheArgs) -> Program:
    return declare(lambda: Cache("side-cache", args, opts_in(args.region)))


def group(args: CacheArgs) -> Registration:
    return only(declared(args), GROUP)


# Declared


def test_the_cache_is_encrypted_at_rest_and_on_the_way_and_asks_for_a_token() -> None:
    inputs = group(cache_args()).inputs
    assert (True, key(HOME)) == (inputs["atRestEncryptionEnabled"], inputs["kmsKeyId"])
    assert (True, "required") == (inputs["transitEncryptionEnabled"], inputs["transitEncryptionMode"])
    assert isinstance(inputs["authToken"], Secret)
    assert "ROTATE" == inputs["authTokenUpdateStrategy"], "clients that hold the old token go on"


@pytest.mark.parametrize("replicas", [1, 5])
def test_a_primary_with_replicas_fails_over_between_zones(replicas: int) -> None:
    inputs = group(cache_args(replicas=replicas)).inputs
    assert 1 + replicas == inputs["numCacheClusters"]
    assert (True, True) == (inputs["automaticFailoverEnabled"], inputs["multiAzEnabled"])
    assert not {"numNodeGroups", "replicasPerNodeGroup"} & set(inputs), "they exclude a number of clusters"


@pytest.mark.parametrize("replicas", [0, 6])
def test_a_number_of_replicas_that_cannot_fail_over_is_refused(replicas: int) -> None:
    with pytest.raises(ValueError, match=f"replicas {replicas}"):
        cache_args(replicas=replicas)


def test_only_nodes_with_a_disk_tier_data() -> None:
    assert group(cache_args(node_type="cache.r6gd.xlarge")).inputs["dataTieringEnabled"] is True
    assert "dataTieringEnabled" not in group(cache_args(node_type="cache.r6g.large")).inputs


def test_the_parameter_group_is_of_the_engines_family_and_evicts_anything() -> None:
    program = declared(cache_args())
    parameters = only(program, PARAMETERS).inputs
    engine = only(program, GROUP).inputs
    major = engine["engineVersion"].partition(".")[0]
    assert f"{engine['engine']}{major}" == parameters["family"]
    assert parameters["name"] == engine["parameterGroupName"]
    assert [{"name": "maxmemory-policy", "value": "allkeys-lru"}] == parameters["parameters"]


def test_a_minor_version_that_aws_raised_does_not_replace_the_cache() -> None:
    assert "engineVersion" in group(cache_args()).ignore_changes


def test_a_thrown_away_cache_leaves_neither_snapshot_nor_secret() -> None:
    kept, thrown = declared(cache_args()), declared(cache_args(throw_away=True))
    assert (30, 0) == tuple(only(program, SECRET).inputs["recoveryWindowInDays"] for program in (kept, thrown))
    assert (True, False) == tuple(only(program, SECRET).protect for program in (kept, thrown))
    assert ("medical-us-use2-cache-final", None) == tuple(
        only(program, GROUP).inputs.get("finalSnapshotIdentifier") for program in (kept, thrown)
    )


def test_the_cache_lets_nobody_in_by_itself() -> None:
    program = declared(cache_args())
    assert not {"ingress", "egress"} & set(only(program, "aws:ec2/securityGroup:SecurityGroup").inputs)
    assert not [item for item in program.registrations if "Rule" in item.type]


def test_its_name_stays_within_the_limit_of_elasticache_for_the_longest_cell_and_region() -> None:
    place = max(REGIONS, key=lambda name: len(region(name).abbreviation))
    found = group(cache_args(cell="c" * CELL_LIMIT, region_name=place)).inputs["replicationGroupId"]
    assert CACHE >= len(found)
    assert not found.endswith("-")


# Standing


def recovery_cache() -> None:
    opts = opts_in(RECOVERY)
    args = cache_args(region_name=RECOVERY, replicas=2, placed=isolated_subnets("there", RECOVERY, opts))
    cache = Cache("recovery-cache", args, opts)
    pulumi.export("endpoint", cache.primary_endpoint)
    pulumi.export("secret", cache.secret_arn)


@pytest.fixture(scope="module")
def side() -> Iterator[tuple[Program, Cloud]]:
    with standing(recovery_cache) as both:
        yield both


def described(cloud: Cloud) -> dict[str, Any]:
    (found,) = cloud.client("elasticache", RECOVERY).describe_replication_groups()["ReplicationGroups"]
    return dict(found)


def test_the_standing_cache_is_encrypted_and_takes_a_token(side: tuple[Program, Cloud]) -> None:
    found = described(side[1])
    assert (True, True, "required", True) == tuple(
        found[name]
        for name in ("AtRestEncryptionEnabled", "TransitEncryptionEnabled", "TransitEncryptionMode", "AuthTokenEnabled")
    )
    assert (CACHE_ID, "valkey", key(RECOVERY)) == tuple(
        found[name] for name in ("ReplicationGroupId", "Engine", "KmsKeyId")
    )


def test_the_standing_cache_has_a_primary_and_its_replicas_in_its_region(side: tuple[Program, Cloud]) -> None:
    found = described(side[1])
    (shard,) = found["NodeGroups"]
    assert ["primary", "replica", "replica"] == [node["CurrentRole"] for node in shard["NodeGroupMembers"]]
    assert all(node["PreferredAvailabilityZone"].startswith(RECOVERY) for node in shard["NodeGroupMembers"])
    assert ("enabled", "enabled") == (found["MultiAZ"], found["AutomaticFailover"])
    assert {"Address": side[0].exports["endpoint"], "Port": 6379} == shard["PrimaryEndpoint"]


def test_the_standing_cache_writes_both_its_logs_to_encrypted_groups(side: tuple[Program, Cloud]) -> None:
    deliveries = described(side[1])["LogDeliveryConfigurations"]
    assert {"engine-log", "slow-log"} == {item["LogType"] for item in deliveries}
    targets = {item["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"] for item in deliveries}
    found = side[1].client("logs", RECOVERY).describe_log_groups()["logGroups"]
    assert targets == {item["logGroupName"] for item in found}
    assert {(key(RECOVERY), 365)} == {(item["kmsKeyId"], item["retentionInDays"]) for item in found}


def test_the_standing_subnet_group_spans_two_zones(side: tuple[Program, Cloud]) -> None:
    elasticache = side[1].client("elasticache", RECOVERY)
    (found,) = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=CACHE_ID)["CacheSubnetGroups"]
    made = {item.id for item in side[0].of_type("aws:ec2/subnet:Subnet")}
    assert made == {item["SubnetIdentifier"] for item in found["Subnets"]}
    assert 2 == len(made)


def test_the_secret_holds_the_token_that_the_cache_was_made_with(side: tuple[Program, Cloud]) -> None:
    program, cloud = side
    asked = cloud.client("secretsmanager", RECOVERY).get_secret_value(SecretId=program.exports["secret"])
    token = reveal(only(program, GROUP).inputs["authToken"])
    assert {"token": token} == json.loads(asked["SecretString"])
    assert 64 == len(token)
    assert token.isalnum()
    assert asked["Name"] == "medical/us/usw2/cache"


def test_what_moto_cannot_hold_is_recorded_and_not_claimed(side: tuple[Program, Cloud]) -> None:
    assert [PARAMETERS] == [request.type for request in side[1].recorded]
