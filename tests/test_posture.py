"""A cell of one region, on backups alone: its program, what the commands say of it, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import settings
from domain import jurisdictions
from domain.posture import BACKUP_SECONDS, LOG_UPLOAD_SECONDS
from domain.regions import GLOBAL_REGION
from ops import cli
from ops.engine import project, runner
from ops.engine.record import Program, Registration, reveal
from ops.engine.synthetic import Unknown
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from settings import Settings, SettingsError
from tests import runs
from tests.kinds import ENCRYPTED_BY, STORES
from tests.support import ACCOUNT, only, told, whole

REGION: Final = "ap-northeast-2"
STACK: Final = f"""
config:
  pulumi:disable-default-providers: [aws]
  medical-platform:accountId: "{ACCOUNT}"
  medical-platform:domain: example.com
  medical-platform:jurisdiction: KR
  medical-platform:homeRegion: {REGION}
  medical-platform:homeCidr: 10.40.0.0/16
  medical-platform:recoveryRegion: none
  medical-platform:recoveryCidr: none
  medical-platform:posture: backup-only
"""
ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("stacks")
    (place / "Pulumi.kr.yaml").write_text(STACK)
    return place


@pytest.fixture(scope="module")
def program(folder: Path) -> Program:
    return runs.run(project.load("kr", folder=folder))


def warm() -> Program:
    return whole("us")


def copying(program: Program) -> set[str]:
    """The types of a program that copy to elsewhere, and those that lead elsewhere."""
    found = {item.type for item in program.registrations if re.search("replica(?!tionGroup)", item.type, re.IGNORECASE)}
    inputs: tuple[tuple[str, str], ...] = (
        ("aws:rds/instance:Instance", "replicateSourceDb"),
        ("aws:secretsmanager/secret:Secret", "replicas"),
        ("aws:route53/record:Record", "failoverRoutingPolicies"),
    )
    found |= {type_ for type_, key in inputs for item in program.of_type(type_) if item.inputs.get(key)}
    plans = program.of_type("aws:backup/plan:Plan")
    found |= {item.type for item in plans for rule in item.inputs["rules"] if rule.get("copyActions")}
    return found | {item.type for item in program.of_type("aws:route53/healthCheck:HealthCheck")}


def raw(folder: Path, **changes: str) -> dict[str, str]:
    config = project.load("kr", folder=folder, overrides=changes).config
    prefix = f"{settings.PROJECT}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}


def refused(folder: Path, **changes: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        settings.load("kr", raw(folder, **changes))
    return {problem.key: problem.rule for problem in caught.value.problems}


def output_of(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> str:
    assert status == cli.main(argv)
    captured = capsys.readouterr()
    return captured.out if not status else captured.out + captured.err


def of_aws(program: Program) -> Iterator[Registration]:
    return (item for item in program.registrations if item.type.startswith("aws:"))


# The program


def test_everything_is_carried_by_homes_provider(program: Program) -> None:
    (provider,) = program.of_type("pulumi:providers:aws")
    assert ("home", REGION) == (provider.name, provider.inputs["region"])
    assert {provider.urn} == {item.provider for item in of_aws(program)}
    assert [] == [item.urn for item in program.registrations if "recovery" in item.name]
    assert "recovery" not in program.exports
    assert "switch_alarm" not in program.exports


def test_no_other_region_is_named_but_that_of_global_services_in_rights(program: Program) -> None:
    known = {name for names in jurisdictions.REGIONS_OF.values() for name in names}
    rights = [item for item in program.registrations if item.type.startswith("aws:iam/")]
    others = [item for item in program.registrations if item not in rights]
    for items, expected in ((others, {REGION}), (rights, {REGION, GLOBAL_REGION})):
        text = str([reveal(item.inputs) for item in items])
        assert expected == {name for name in known if re.search(rf"\b{name}\b", text)}


def test_nothing_is_copied_and_nothing_fails_over(program: Program) -> None:
    assert set() == copying(program)
    expected = {
        "aws:rds/instance:Instance",
        "aws:secretsmanager/secret:Secret",
        "aws:route53/record:Record",
        "aws:route53/healthCheck:HealthCheck",
        "aws:backup/plan:Plan",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    }
    assert expected <= copying(warm()), "what is looked for is there to be found in a warm cell"


def test_there_are_no_drills_and_the_service_answers_none(program: Program) -> None:
    assert [] == [item.name for item in program.registrations if "drill" in item.name]
    (template,) = program.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    config = told(template.inputs["userData"])
    assert ("none", "none") == (config["drill_role"], config["other_region"])
    warm_template = next(iter(warm().of_type("aws:ec2/launchTemplate:LaunchTemplate")))
    assert "none" not in {told(warm_template.inputs["userData"])[key] for key in ("drill_role", "other_region")}


def test_the_database_writes_with_a_standby_and_can_be_restored_to_a_point_in_time(program: Program) -> None:
    inputs = only(program, "aws:rds/instance:Instance").inputs
    assert (True, "mysql") == (inputs["multiAz"], inputs["engine"])
    assert inputs["backupRetentionPeriod"] >= 1
    assert (False, False) == (inputs["deleteAutomatedBackups"], inputs["skipFinalSnapshot"])


def test_whatever_holds_data_is_encrypted_with_homes_key_and_protected(program: Program) -> None:
    key = only(program, "aws:kms/key:Key").outputs["arn"]
    stores = [item for item in program.registrations if item.type in ENCRYPTED_BY]
    assert {key} == {used for item in stores for used in ENCRYPTED_BY[item.type](item.inputs)}
    for item in program.of_type(ENCRYPTION):
        default = item.inputs["rules"][0]["applyServerSideEncryptionByDefault"]
        assert default.get("kmsMasterKeyId") == (None if "-logs" in item.name else key)
    assert {type_: {True} for type_ in STORES} == {
        type_: {item.protect for item in program.of_type(type_)} for type_ in STORES
    }


def test_backups_lie_in_the_locked_vault_of_the_region_and_are_restored_every_week(program: Program) -> None:
    vault = only(program, "aws:backup/vault:Vault")
    rules = [rule for item in program.of_type("aws:backup/plan:Plan") for rule in item.inputs["rules"]]
    assert {vault.inputs["name"]} == {rule["targetVaultName"] for rule in rules}
    assert 1 == len(program.of_type("aws:backup/vaultLockConfiguration:VaultLockConfiguration"))
    tested = program.of_type("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    assert {"RDS", "S3"} == {item.inputs["protectedResourceType"] for item in tested}


def test_both_names_lead_to_homes_load_balancer_and_to_no_other_cell(program: Program) -> None:
    own, shared = (only(program, "aws:route53/record:Record", name) for name in ("names-home", "names-app"))
    balancer = only(program, "aws:lb/loadBalancer:LoadBalancer")
    assert ("kr.app.example.com", "app.example.com") == (own.inputs["name"], shared.inputs["name"])
    assert balancer.outputs["dnsName"] == own.inputs["aliases"][0]["name"]
    assert own.outputs["fqdn"] == shared.inputs["aliases"][0]["name"]
    assert [{"region": REGION}] == shared.inputs["latencyRoutingPolicies"]
    assert shared.inputs["aliases"][0]["evaluateTargetHealth"] is False


def test_the_same_resources_are_registered_when_nothing_is_known_yet(program: Program, folder: Path) -> None:
    unknown = runner.run(project.load("kr", folder=folder), Unknown())
    assert {item.urn for item in program.registrations} == {item.urn for item in unknown.registrations}


def test_it_stands_in_the_local_cloud(folder: Path) -> None:
    with local_aws(ACCOUNT):
        cloud = Cloud()
        runner.run(project.load("kr", folder=folder), cloud)
        (database,) = cloud.client("rds", REGION).describe_db_instances()["DBInstances"]
        secrets = cloud.client("secretsmanager", REGION).list_secrets()["SecretList"]
        plans = cloud.client("backup", REGION).list_backup_plans()["BackupPlansList"]
        elsewhere = cloud.client("ec2", "ap-northeast-1").describe_vpcs(
            Filters=[{"Name": "is-default", "Values": ["false"]}]
        )
    assert (True, [], True) == (
        database["MultiAZ"],
        database.get("ReadReplicaDBInstanceIdentifiers", []),
        database["StorageEncrypted"],
    )
    assert {REGION} == {secret["ARN"].split(":")[3] for secret in secrets}
    assert 2 == len(plans)
    assert [] == elsewhere["Vpcs"]


# The commands


def test_the_preview_says_that_nothing_outlives_the_region(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output_of(capsys, "preview", "kr", "--stacks", str(folder))
    assert "recovery none" in text
    assert 2 == text.count("none: the region's return or a restore by hand"), "reads and writes"
    assert 3 == text.count("not met: posture backup-only does not hold to it")
    assert 2 == text.count("everything, for no copy is anywhere else"), "records and objects"


def test_the_previews_json_has_bounds_and_no_sum(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: Any = json.loads(output_of(capsys, "preview", "kr", "--stacks", str(folder), "--json"))
    assert {"region": "", "cidr": ""} == found["recovery"]
    budgets = found["budgets"]
    assert ("backup-only", False) == (budgets["posture"], budgets["holds"])
    for name in ("reads", "writes", "data_loss"):
        assert (None, False, "region lost") == tuple(budgets[name][key] for key in ("total_seconds", "met", "largest"))
    lost = [term["seconds"] for term in budgets["data_loss"]["terms"]]
    assert [LOG_UPLOAD_SECONDS, BACKUP_SECONDS, None] == lost


def test_it_can_be_saved_and_compared(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(tmp_path / "kr.json")
    where = ("preview", "kr", "--stacks", str(folder))
    output_of(capsys, *where, "--save", saved)
    assert "kr against kr: no difference" in output_of(capsys, *where, "--against", saved)


def test_a_failover_is_refused_for_there_is_no_other_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = output_of(capsys, "preview", "kr", "--stacks", str(folder), "--writer", "recovery", status=2)
    assert "a backup-only cell has home and no other side; set home" in said


def test_its_data_stay_where_they_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: Any = json.loads(output_of(capsys, "residency", "kr", "--stacks", str(folder), "--json"))
    assert [] == found["violations"]
    assert {REGION} == {place["region"] for place in found["places"]}
    assert {"AWS Backup", "CloudTrail delivery"} == {
        copy["mechanism"] for place in found["places"] for copy in place["copies"]
    }
    assert {REGION} == {copy["region"] for place in found["places"] for copy in place["copies"]}


@pytest.mark.slow("builds the cell in a process of its own, as a user does")
def test_the_sandbox_reports_one_side_and_no_replica(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert 0 == cli.main(("sandbox", "up", "kr", "--stacks", str(folder), "--once", "--json"))
    (cell,) = json.loads(capfd.readouterr().out)["cells"]
    (side,) = cell["sides"]
    assert ("home", REGION, "primary") == (side["side"], side["region"], side["database"]["role"])
    assert cell["replica_linked"] is None
    assert "https://kr.app.example.com" == side["endpoints"]["app"]


# What is refused


def test_a_warm_cell_in_a_jurisdiction_of_one_region_is_told_of_the_posture_and_its_price(folder: Path) -> None:
    problems = refused(folder, posture="warm")
    assert {"jurisdiction"} == set(problems)
    assert (
        "set posture: backup-only, with recoveryRegion and recoveryCidr none: its data loss is up to 24 h (daily "
        "backups), 5 minutes by point-in-time recovery of the database, everything if the region is lost for good, and "
        "there is no region to fail over to"
    ) in problems["jurisdiction"]


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("recoveryRegion", REGION, "none"),
        ("recoveryCidr", "10.41.0.0/16", "none"),
        ("writer", "recovery", "home"),
        ("homeGeneration", "2", "1"),
        ("recoveryGeneration", "2", "1"),
        ("released", '["home-1"]', "[]"),
        ("spillOver", "true", "false"),
    ],
)
def test_what_needs_another_side_is_refused(folder: Path, key: str, value: str, fits: str) -> None:
    rule = f"a backup-only cell has home and no other side; set {fits}"
    assert {key: rule} == refused(folder, **{key: value}), "warm is no way out where there is one region"
    assert settings.load("kr", raw(folder)).alone


def test_home_must_lie_in_the_jurisdiction_all_the_same(folder: Path) -> None:
    assert "lies in JP, outside jurisdiction 'KR'" in refused(folder, homeRegion="ap-northeast-1")["homeRegion"]


def test_a_posture_that_is_none_is_refused(folder: Path) -> None:
    assert "must be warm or backup-only" == refused(folder, posture="cold")["posture"]


def test_a_warm_cell_has_a_recovery_region_and_a_range() -> None:
    stack = project.load("us", overrides={"recoveryRegion": "none", "recoveryCidr": "none"})
    given = {key.partition(":")[2]: value for key, value in stack.config.items() if key.startswith(stack.project)}
    with pytest.raises(SettingsError) as caught:
        settings.load("us", given)
    rules = {problem.key: problem.rule for problem in caught.value.problems}
    assert {"recoveryRegion", "recoveryCidr"} == set(rules)
    assert "choose one of us-east-1, us-west-2, or set posture: backup-only" in rules["recoveryRegion"]
    assert "give its VPC a range such as 10.11.0.0/16, or set posture: backup-only" in rules["recoveryCidr"]
    with pytest.raises(SettingsError, match="set false, or posture: warm"):
        settings.load("us", {**given, "posture": "backup-only", "spillOver": "true"})
    lone: Settings = settings.load("us", {**given, "posture": "backup-only"})
    assert (("home",), ("us-east-2",)) == (lone.sides, lone.regions), "a jurisdiction of several may choose it too"


def test_targets_that_no_sum_meets_are_not_enforced(folder: Path) -> None:
    assert 1 == settings.load("kr", raw(folder, readsTargetSeconds="1")).reads_target_seconds
