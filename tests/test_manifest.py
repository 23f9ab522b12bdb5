"""The manifest: its model, the quotas in it, and the parameter that keeps it, declared and standing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_random as random
import pytest

import settings
from components.manifest.manifest import Manifest, ManifestArgs
from domain import manifest, naming, quotas
from domain.naming import Names
from ops.engine import project, runner
from ops.engine.record import Program, reveal
from ops.engine.runner import ProgramError
from ops.engine.synthetic import Unknown
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, CELLS, HOME, RECOVERY, STACK, declare, only, opts_in, standing

PARAMETER = "aws:ssm/parameter:Parameter"
PATH = "/medical/us/continuity/manifest"
NEEDED = {"ec2/L-1216C47A": 24, "rds/L-7B6409FD": 3}


def key(region: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/1f6ae4a1-2c0e-4a0c-9d2b-6d3b5c8f3c1e"


def side(region: str, place: str, cell: str) -> dict[str, Any]:
    named = f"medical-{cell}-{place}"
    secret = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:medical/{cell}/{place}"
    return {
        "region": region,
        "load_balancer": f"{named[:24]}-edge-1234567890.{region}.elb.amazonaws.com",
        "target_group": f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:targetgroup/{named[:24]}/6d0ecf831eec9f09",
        "fleet": {"autoscaling_group": f"{named}-web", "minimum": 1, "maximum": 6, "scale_to": 2},
        "database": {
            "identifier": f"{named}-db-1",
            "arn": f"arn:aws:rds:{region}:{ACCOUNT}:db:{named}-db-1",
            "generation": 1,
            "parameter_group": f"{named}-db-1-mysql84",
        },
        "secrets": {
            "database": f"{secret}/application-AbCdEf",
            "master": f"{secret}/database-AbCdEf",
            "cache": f"{secret}/cache-AbCdEf",
        },
        "key": key(region),
        "buckets": {
            role: f"{named}-{role}-{ACCOUNT}" for role in ("uploads", "derived", "releases", "logs", "backups", "audit")
        },
        "vault": f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{named}-backup",
        "operations_topic": f"arn:aws:sns:{region}:{ACCOUNT}:{named}-operations",
    }


def content(cell: str = "us") -> dict[str, Any]:
    return {
        "cell": cell,
        "jurisdiction": "US",
        "account_id": ACCOUNT,
        "writer": "home",
        "home": side(HOME, "use2", cell),
        "recovery": side(RECOVERY, "usw2", cell),
        "release": {"key": "starter-0a1b2c3d.zip", "sha256": "ab" * 32},
        "image": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "switch": {
            "region": RECOVERY,
            "namespace": "Medical/Continuity",
            "metric": "FailoverSwitch",
            "dimension": "Cell",
            "alarm": f"medical-{cell}-usw2-failover-switch",
        },
        "health_checks": dict.fromkeys(
            ("primary", "home", "recovery", "switch"), "abcdef11-2222-3333-4444-555555fedcba"
        ),
        "quotas": {item.key: item.needed for item in quotas.needed(Sizes())},
        "targets": {"reads_seconds": 150, "writes_seconds": 900, "data_loss_seconds": 300},
        "journeys": {"book": {"rto_seconds": 1800, "rpo_seconds": 300}},
    }


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Settings as `domain.quotas` asks for them."""

    web_instance_type: str = "t4g.small"
    web_max: int = 6
    web_volume_gib: int = 16
    nat_per_az: bool = False
    interface_endpoints: tuple[str, ...] = ("ssm", "kms")
    database_max_storage_gib: int = 200
    cache_replicas: int = 1
    documents_concurrency: int = 10


def both(given: dict[str, Any] | None = None) -> None:
    for name, region, place in (("home", HOME, "use2"), ("recovery", RECOVERY, "usw2")):
        args = ManifestArgs(names=Names(cell="us", place=place), key_arn=key(region), content=given or content())
        Manifest(f"{name}-manifest", args, opts_in(region))


@pytest.fixture(scope="module")
def program() -> Iterator[tuple[Program, Cloud]]:
    with standing(both) as found:
        yield found


@pytest.fixture(scope="module")
def cloud(program: tuple[Program, Cloud]) -> Cloud:
    return program[1]


@pytest.mark.parametrize("region", [HOME, RECOVERY])
def test_each_region_keeps_the_whole_manifest_under_its_own_key(cloud: Cloud, region: str) -> None:
    found = cloud.client("ssm", region).get_parameter(Name=PATH, WithDecryption=True)["Parameter"]
    read = manifest.read(found["Value"])
    assert ("SecureString", HOME, RECOVERY) == (found["Type"], read.home.region, read.recovery.region)
    (listed,) = cloud.client("ssm", region).describe_parameters()["Parameters"]
    assert (key(region), "Standard") == (listed["KeyId"], listed["Tier"])
    hidden = cloud.client("ssm", region).get_parameter(Name=PATH)["Parameter"]["Value"]
    assert found["Value"] != hidden, "without the key there is nothing to read"


def test_both_regions_keep_the_same_manifest(cloud: Cloud) -> None:
    kept = {
        cloud.client("ssm", region).get_parameter(Name=PATH, WithDecryption=True)["Parameter"]["Value"]
        for region in (HOME, RECOVERY)
    }
    assert 1 == len(kept)


def test_what_is_written_is_read_again_unchanged() -> None:
    text = manifest.write(content())
    read = manifest.read(text)
    assert content() == {name: value for name, value in read.model_dump().items() if name != "schema_version"}
    assert text == manifest.write(read.model_dump())
    assert read.recovery == read.side("recovery") != read.side("home")


def test_who_fails_over_needs_only_the_cells_name_to_find_it() -> None:
    assert PATH == manifest.parameter_name("us")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("home", "key"), "not-an-arn", "home.key"),
        (("home", "fleet", "scale_to"), 7, "must not exceed maximum"),
        (("recovery", "fleet", "minimum"), 0, "recovery.fleet.minimum"),
        (("writer",), "both", "writer"),
        (("account_id",), 111122223333, "account_id"),
        (("unknown",), "x", "unknown"),
        (("schema_version",), 2, "no manifest of version 1"),
        (("release", "sha256"), "ab", "release.sha256"),
    ],
)
def test_a_manifest_of_another_form_is_refused_without_repeating_it(
    path: tuple[str, ...], value: object, message: str
) -> None:
    given = copy.deepcopy(content())
    *parents, last = path
    place = given
    for name in parents:
        place = place[name]
    place[last] = value
    with pytest.raises(manifest.ManifestError, match=message) as refused:
        manifest.write(given)
    assert "not-an-arn" not in str(refused.value)


def test_what_is_no_manifest_is_refused_when_it_is_read() -> None:
    for text in ("", "{}", "[]", manifest.write(content())[:-1]):
        with pytest.raises(manifest.ManifestError, match="no manifest of version 1"):
            manifest.read(text)


def test_a_cells_manifest_fits_a_standard_parameter_and_the_longest_names_an_advanced_one() -> None:
    usual, longest = manifest.write(content("apac")), manifest.write(content("c" * naming.CELL_LIMIT))
    assert "Standard" == manifest.tier(usual)
    assert manifest.STANDARD_BYTES >= len(usual.encode())
    assert manifest.MOST_BYTES >= len(longest.encode())
    assert "Advanced" == manifest.tier("x" * (manifest.STANDARD_BYTES + 1))
    assert "Standard" == manifest.tier("x" * manifest.STANDARD_BYTES)


def test_a_manifest_that_no_parameter_holds_is_refused() -> None:
    given = content()
    given["health_checks"] = {f"check-{index}": "x" * 64 for index in range(100)}
    with pytest.raises(manifest.ManifestError, match="Parameter Store holds 8192"):
        manifest.write(given)


def test_a_secret_is_never_written() -> None:
    def program() -> None:
        password = random.RandomPassword("planted", length=16, special=False)
        given = content()
        given["release"]["key"] = pulumi.Output.concat("starter-", password.result)
        both(given)

    with pytest.raises((pulumi.RunError, ProgramError), match="is a secret"):
        declare(program)


def test_what_pulumi_does_not_know_to_be_secret_must_still_look_like_a_name() -> None:
    given = content()
    given["home"]["buckets"]["uploads"] = "p4ss word!"
    with pytest.raises(manifest.ManifestError, match=r"home\.buckets\.uploads") as refused:
        manifest.write(given)
    assert "p4ss" not in str(refused.value)


def test_a_wrong_manifest_stops_the_program_in_words() -> None:
    given = content()
    del given["switch"]
    with pytest.raises((pulumi.RunError, ProgramError), match="switch: Field required"):
        declare(lambda: both(given))


def test_values_that_are_still_to_come_are_waited_for() -> None:
    def program() -> None:
        given = content()
        given["home"]["fleet"]["autoscaling_group"] = pulumi.Output.from_input("medical-us-use2-later")
        args = ManifestArgs(names=Names(cell="us", place="use2"), key_arn=key(HOME), content=given)
        Manifest("home-manifest", args, opts_in())

    text = json.loads(reveal(only(declare(program), PARAMETER).inputs["value"]))
    assert "medical-us-use2-later" == text["home"]["fleet"]["autoscaling_group"]


def test_the_parameter_is_declared_before_anything_is_known() -> None:
    unknown = runner.run(STACK, Unknown(), program=both)
    assert {PATH} == {item.inputs["name"] for item in unknown.of_type(PARAMETER)}


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t4g.nano", 2),
        ("t4g.medium", 2),
        ("m7g.medium", 1),
        ("c7gn.large", 2),
        ("r7g.xlarge", 4),
        ("m8g.48xlarge", 192),
        ("x2gd.medium", 1),
        ("hpc7g.16xlarge", 64),
    ],
)
def test_vcpus_are_those_of_graviton(instance_type: str, expected: int) -> None:
    assert expected == quotas.vcpus(instance_type)


def test_a_size_that_is_not_known_is_refused() -> None:
    for instance_type in ("m7g.metal", "m7g", "m7g.huge"):
        with pytest.raises(ValueError, match=r"add it to domain/quotas\.py"):
            quotas.vcpus(instance_type)


def of(key_: str, sizes: Sizes) -> quotas.Quota:
    return next(item for item in quotas.needed(sizes) if item.key == key_)


def test_each_region_needs_room_for_twice_the_largest_fleet() -> None:
    small = of("ec2/L-1216C47A", Sizes())
    assert (24, True) == (small.needed, small.exceeds_default), "a new release doubles the fleet for minutes"
    assert 2 * 100 * 64 == of("ec2/L-1216C47A", Sizes(web_instance_type="c7g.16xlarge", web_max=100)).needed
    assert 4 == of("ebs/L-7A658B76", Sizes(web_max=100, web_volume_gib=16)).needed, "3200 GiB begin a fourth TiB"


@pytest.mark.parametrize(
    ("instance_type", "code"),
    [("x2gd.large", "L-7295265B"), ("g5g.xlarge", "L-DB2E81BA"), ("hpc7g.4xlarge", "L-F7808C92")],
)
def test_families_that_are_counted_apart_have_their_own_quota_and_none_by_default(
    instance_type: str, code: str
) -> None:
    found = of(f"ec2/{code}", Sizes(web_instance_type=instance_type))
    assert (0, True) == (found.default, found.exceeds_default)
    assert "ec2/L-1216C47A" not in {item.key for item in quotas.needed(Sizes(web_instance_type=instance_type))}


def test_addresses_nodes_databases_and_endpoints_follow_the_settings() -> None:
    assert (1, 3) == (of("ec2/L-0263D0A3", Sizes()).needed, of("ec2/L-0263D0A3", Sizes(nat_per_az=True)).needed)
    assert 4 == of("elasticache/L-DFE45DF3", Sizes(cache_replicas=3)).needed
    assert (3, 600) == (of("rds/L-7B6409FD", Sizes()).needed, of("rds/L-7ADDB58A", Sizes()).needed)
    assert 2 == of("vpc/L-29B6F2EB", Sizes()).needed


def test_quotas_are_named_once_each() -> None:
    keys = [item.key for item in quotas.needed(Sizes())]
    assert len(keys) == len(set(keys))
    assert set(NEEDED) <= set(keys)
    assert NEEDED == {item.key: item.needed for item in quotas.needed(Sizes()) if item.key in NEEDED}


@pytest.mark.parametrize("cell", CELLS)
def test_the_settings_of_every_cell_say_what_its_regions_need(cell: str) -> None:
    own = f"{settings.PROJECT}:"
    config = project.load(cell).config
    loaded = settings.load(cell, {name.removeprefix(own): config[name] for name in config if name.startswith(own)})
    found = {item.key: item.needed for item in quotas.needed(loaded)}
    assert 2 * loaded.web_max * quotas.vcpus(loaded.web_instance_type) == found["ec2/L-1216C47A"]
    assert len(loaded.interface_endpoints) == found["vpc/L-29B6F2EB"]


def test_a_manifest_from_before_journeys_promised_to_recover_is_read_too() -> None:
    older = {name: value for name, value in content().items() if name != "journeys"}
    assert {} == manifest.read(json.dumps({"schema_version": 1, **older})).journeys
