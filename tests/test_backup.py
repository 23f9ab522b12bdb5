"""The vaults, the plans and the restore tests, declared and standing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from moto.backends import get_backend

from components.backup.plan import BackupPlan, BackupPlanArgs, Destination, Source
from components.backup.restore import RestoreTests, RestoreTestsArgs
from components.backup.vault import COMPLIANCE, EVENTS, GOVERNANCE, Vault, VaultArgs
from domain import naming, windows
from domain.jurisdictions import REGIONS_OF
from domain.naming import Names
from domain.residency import Contract, Copy, Dataset, Jurisdiction, Mechanism, ResidencyError
from ops.engine.record import Program, reveal
from ops.engine.runner import ProgramError
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, BOUNDARY, HOME, RECOVERY, declare, only, opts_in, standing, statements

VAULT, LOCK = "aws:backup/vault:Vault", "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
POLICY = "aws:backup/vaultPolicy:VaultPolicy"
NOTIFICATIONS = "aws:backup/vaultNotifications:VaultNotifications"
PLAN, SELECTION = "aws:backup/plan:Plan", "aws:backup/selection:Selection"
TEST_PLAN = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST_SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
ROLE, ATTACHMENT = "aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"

PLACES = {HOME: "use2", RECOVERY: "usw2"}
DATABASE = f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1"
BUCKETS = ("uploads", "derived", "audit")
BACKUP_DAYS, AUDIT_DAYS = 35, 2192


def key(region: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/1"


def names(region: str, cell: str = "us") -> Names:
    return Names(cell=cell, place=PLACES[region])


def vault_args(
    region: str = HOME,
    *,
    cell: str = "us",
    lock: str = GOVERNANCE,
    backup_days: int = BACKUP_DAYS,
    audit_days: int = AUDIT_DAYS,
    throw_away: bool = False,
    topic: str | None = None,
) -> VaultArgs:
    return VaultArgs(
        names=names(region, cell),
        account_id=ACCOUNT,
        region=region,
        key_arn=key(region),
        lock=lock,
        backup_days=backup_days,
        audit_days=audit_days,
        throw_away=throw_away,
        operations_topic=topic,
    )


def vault(args: VaultArgs | None = None) -> Callable[[], Vault]:
    return lambda: Vault("home-backups", args or vault_args(), opts_in())


def admitted(source: str = HOME, destination: str = RECOVERY, dataset: Dataset = Dataset.BACKUPS) -> Copy[Any]:
    return Contract(Jurisdiction("US")).admit(
        dataset,
        source_region=source,
        destination_region=destination,
        mechanism=Mechanism.BACKUP_COPY,
        key=key(destination),
    )


def bucket_name(role: str) -> str:
    return f"medical-us-use2-{role}-{ACCOUNT}"


def bucket_arn(role: str) -> str:
    return f"arn:aws:s3:::{bucket_name(role)}"


def plan_args(
    sources: Mapping[str, Source],
    *,
    vault_name: pulumi.Input[str] = "home-vault",
    destination: pulumi.Input[str] = f"arn:aws:backup:{RECOVERY}:{ACCOUNT}:backup-vault:recovery-vault",
    copy: Copy[Any] | None = None,
    backup_days: int = BACKUP_DAYS,
    audit_days: int = AUDIT_DAYS,
) -> BackupPlanArgs:
    return BackupPlanArgs(
        names=names(HOME),
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        region=HOME,
        vault_name=vault_name,
        destination=Destination(vault_arn=destination, copy=copy or admitted()),
        database_arn=DATABASE,
        buckets={role: sources[role] for role in ("uploads", "derived")},
        audit_bucket=sources["audit"],
        backup_days=backup_days,
        audit_days=audit_days,
    )


NAMED = {role: Source(name=bucket_name(role), arn=bucket_arn(role)) for role in BUCKETS}


def whole() -> None:
    """Both vaults, the plan on home's side over buckets that stand, and its restore tests."""
    home, recovery = opts_in(HOME), opts_in(RECOVERY)
    made = {role: aws.s3.Bucket(role, bucket=bucket_name(role), opts=home) for role in BUCKETS}
    sources = {role: Source(name=bucket.bucket, arn=bucket.arn) for role, bucket in made.items()}
    near = Vault("home-backups", vault_args(HOME), home)
    far = Vault("recovery-backups", vault_args(RECOVERY), recovery)
    BackupPlan("home-backup-plan", plan_args(sources, vault_name=near.name, destination=far.arn), home)
    restores(vault_arn=near.arn, opts=home)


def restores(vault_arn: pulumi.Input[str], opts: pulumi.ResourceOptions) -> RestoreTests:
    args = RestoreTestsArgs(
        names=names(HOME),
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        region=HOME,
        vault_arn=vault_arn,
        key_arn=key(HOME),
        database_arn=DATABASE,
        database_subnet_group="medical-us-use2-db",
        database_security_group_id="sg-1",
        bucket_arns=[bucket_arn(role) for role in BUCKETS],
    )
    return RestoreTests("home-restore-tests", args, opts)


@pytest.fixture(scope="module")
def program() -> Iterator[tuple[Program, Cloud]]:
    with standing(whole) as found:
        yield found


@pytest.fixture(scope="module")
def made(program: tuple[Program, Cloud]) -> Program:
    return program[0]


@pytest.fixture(scope="module")
def cloud(program: tuple[Program, Cloud]) -> Cloud:
    return program[1]


def described(cloud: Cloud, region: str) -> dict[str, Any]:
    vaults = cloud.client("backup", region).list_backup_vaults()["BackupVaultList"]
    (found,) = [item for item in vaults if item["BackupVaultName"] == f"medical-us-{PLACES[region]}-backup"]
    return found


def plan_of(cloud: Cloud, role: str) -> dict[str, Any]:
    client = cloud.client("backup", HOME)
    ids = {item["BackupPlanName"]: item["BackupPlanId"] for item in client.list_backup_plans()["BackupPlansList"]}
    return client.get_backup_plan(BackupPlanId=ids[f"medical-us-use2-backup-{role}"])["BackupPlan"]


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program warns of from here on."""
    said: list[str] = []

    def warn(message: str, *_: object) -> None:
        said.append(message)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    return said


@pytest.mark.parametrize("region", PLACES)
def test_each_side_has_a_vault_under_its_own_key_that_a_person_may_unlock(cloud: Cloud, region: str) -> None:
    found = described(cloud, region)
    assert key(region) == found["EncryptionKeyArn"]
    assert (True, BACKUP_DAYS, AUDIT_DAYS) == (found["Locked"], found["MinRetentionDays"], found["MaxRetentionDays"])
    assert "LockDate" not in found, "governance never sets for good"


def test_a_compliance_lock_sets_after_three_days_and_warns_that_nobody_can_undo_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = heard(monkeypatch)
    with standing(vault(vault_args(lock=COMPLIANCE, cell="locked"))) as (found, cloud):
        assert 3 == only(found, LOCK).inputs["changeableForDays"]
        vaults = cloud.client("backup", HOME).list_backup_vaults()["BackupVaultList"]
        assert ["medical-locked-use2-backup"] == [item["BackupVaultName"] for item in vaults if "LockDate" in item]
    (message,) = said
    assert "nobody, AWS included, can lift it" in message
    assert "set vaultLock to governance" in message, "the way out is named while there is one"


def test_a_governance_lock_warns_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said = heard(monkeypatch)
    assert "changeableForDays" not in only(declare(vault()), LOCK).inputs
    assert [] == said


def test_nobody_may_end_a_backup_before_its_time() -> None:
    denied = {item["Sid"]: item for item in statements(only(declare(vault()), POLICY).inputs["policy"])}
    assert {"Deny"} == {item["Effect"] for item in denied.values()}, "the policy allows nothing"
    assert {"AWS": "*"} == denied["DenyEnding"]["Principal"]
    assert "Condition" not in denied["DenyEnding"], "nobody is exempt"
    assert {"backup:DeleteBackupVault", "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} == set(
        denied["DenyEnding"]["Action"]
    )


def test_only_the_accounts_root_user_may_change_what_keeps_backups() -> None:
    denied = {item["Sid"]: item for item in statements(only(declare(vault()), POLICY).inputs["policy"])}
    assert {"backup:DeleteBackupVaultAccessPolicy", "backup:PutBackupVaultAccessPolicy"} == set(
        denied["DenyOpening"]["Action"]
    )
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert {"ArnNotEquals": {"aws:PrincipalArn": root}} == denied["DenyOpening"]["Condition"]


def test_a_vault_is_protected_and_one_to_throw_away_is_neither_protected_nor_closed() -> None:
    kept, thrown = declare(vault()), declare(vault(vault_args(throw_away=True)))
    assert only(kept, VAULT).protect
    assert not only(kept, VAULT).inputs["forceDestroy"]
    assert not only(thrown, VAULT).protect
    assert only(thrown, VAULT).inputs["forceDestroy"]
    assert [] == [*thrown.of_type(LOCK), *thrown.of_type(POLICY)]


def test_whoever_takes_a_vaults_name_waits_until_it_is_locked() -> None:
    def program() -> None:
        built = vault()()
        aws.ssm.Parameter("after", name="/after", type="String", insecure_value=built.name, opts=opts_in(RECOVERY))

    run = declare(program)
    (after,) = run.of_type("aws:ssm/parameter:Parameter")
    assert (only(run, LOCK).urn,) == after.property_dependencies["insecureValue"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"lock": "none"}, "must be one of governance, compliance"),
        ({"backup_days": 0}, "give at least 1"),
        ({"audit_days": 30}, "no fewer for audit data"),
        ({"audit_days": 36501}, "at most 36500"),
        ({"lock": COMPLIANCE, "throw_away": True}, "could never be thrown away; set vaultLock to governance"),
    ],
)
def test_a_vault_that_makes_no_sense_is_refused(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        vault_args(**change)


def test_operations_are_told_of_failures_only_where_there_is_a_topic() -> None:
    topic = f"arn:aws:sns:{HOME}:{ACCOUNT}:medical-us-use2-operations"
    told = only(declare(vault(vault_args(topic=topic))), NOTIFICATIONS).inputs
    assert (topic, list(EVENTS)) == (told["snsTopicArn"], told["backupVaultEvents"])
    assert [] == declare(vault()).of_type(NOTIFICATIONS)


def test_patient_data_are_backed_up_every_night_and_copied_into_the_other_vault(cloud: Cloud) -> None:
    (rule,) = plan_of(cloud, "patient")["Rules"]
    assert f"cron(0 {windows.snapshot_hour(HOME)} * * ? *)" == rule["ScheduleExpression"]
    assert "medical-us-use2-backup" == rule["TargetBackupVaultName"]
    assert {"DeleteAfterDays": BACKUP_DAYS} == rule["Lifecycle"]
    assert not rule.get("EnableContinuousBackup"), "what is continuous is not copied to another region"
    far = f"arn:aws:backup:{RECOVERY}:{ACCOUNT}:backup-vault:medical-us-usw2-backup"
    assert [{"DestinationBackupVaultArn": far, "Lifecycle": {"DeleteAfterDays": BACKUP_DAYS}}] == rule["CopyActions"]


def test_audit_data_are_kept_six_years_on_both_sides(cloud: Cloud) -> None:
    rules = {item["RuleName"]: item for item in plan_of(cloud, "audit")["Rules"]}
    assert {"daily": BACKUP_DAYS, "monthly": AUDIT_DAYS} == {
        name: rule["Lifecycle"]["DeleteAfterDays"] for name, rule in rules.items()
    }
    (copied,) = rules["monthly"]["CopyActions"]
    assert AUDIT_DAYS == copied["Lifecycle"]["DeleteAfterDays"]
    assert f"cron(0 {windows.snapshot_hour(HOME)} 1 * ? *)" == rules["monthly"]["ScheduleExpression"]


def test_every_retention_is_one_that_the_locks_admit(cloud: Cloud) -> None:
    lock = described(cloud, RECOVERY)
    for role in ("patient", "audit"):
        for rule in plan_of(cloud, role)["Rules"]:
            assert lock["MinRetentionDays"] <= rule["Lifecycle"]["DeleteAfterDays"] <= lock["MaxRetentionDays"]


def test_the_plans_select_exactly_the_datasets_by_their_arns(made: Program) -> None:
    plans = {item.name.removeprefix("home-backup-plan-"): item.outputs["arn"] for item in made.of_type(PLAN)}
    selected = {item.name.removeprefix("home-backup-plan-"): item.inputs for item in made.of_type(SELECTION)}
    assert {"patient", "audit"} == set(plans) == set(selected)
    assert {DATABASE, bucket_arn("uploads"), bucket_arn("derived")} == set(selected["patient"]["resources"])
    assert [bucket_arn("audit")] == selected["audit"]["resources"]
    for role, inputs in selected.items():
        assert plans[role].endswith(inputs["planId"]), "each selection belongs to the plan of its name"


@pytest.mark.parametrize("role", BUCKETS)
def test_buckets_announce_their_changes_and_are_selected_only_then(made: Program, cloud: Cloud, role: str) -> None:
    assert cloud.client("s3", HOME).head_bucket(Bucket=bucket_name(role))
    # moto keeps this part of a bucket's notifications and acts by it, but leaves it out of its answers.
    kept = get_backend("s3")[ACCOUNT]["aws"].buckets[bucket_name(role)].notification_configuration
    assert kept is not None
    assert {} == kept.event_bridge
    announced = next(item for item in made.of_type(NOTIFICATION) if item.inputs["bucket"] == bucket_name(role))
    selections = [item for item in made.of_type(SELECTION) if announced.urn in item.property_dependencies["resources"]]
    assert 1 == len(selections)


def test_the_role_that_backs_up_cannot_restore_and_the_other_cannot_back_up(cloud: Cloud) -> None:
    iam = cloud.client("iam", HOME)

    def attached(role: str) -> set[str]:
        found = iam.list_attached_role_policies(RoleName=f"medical-us-use2-{role}")["AttachedPolicies"]
        return {item["PolicyName"].removeprefix("AWSBackupServiceRolePolicyFor") for item in found}

    assert {"Backup", "S3Backup"} == attached("backup")
    assert {"Restores", "S3Restore"} == attached("restore")


def test_aws_backup_alone_takes_the_roles_and_for_this_account(made: Program) -> None:
    roles = made.of_type(ROLE)
    assert 2 == len(roles)
    for role in roles:
        (trusted,) = statements(role.inputs["assumeRolePolicy"])
        assert {"Service": "backup.amazonaws.com"} == trusted["Principal"]
        assert {"StringEquals": {"aws:SourceAccount": ACCOUNT}} == trusted["Condition"]


def test_no_job_starts_before_its_role_may_do_its_work(made: Program) -> None:
    for type_, name in ((SELECTION, "home-backup-plan"), (TEST_SELECTION, "home-restore-tests")):
        attachments = {item.urn for item in made.of_type(ATTACHMENT) if item.name.startswith(name)}
        assert 2 == len(attachments)
        for item in made.of_type(type_):
            assert attachments <= set(item.dependencies)


def test_the_latest_backups_are_restored_every_week(made: Program) -> None:
    inputs = only(made, TEST_PLAN).inputs
    hour = (windows.snapshot_hour(HOME) + 6) % 24
    assert f"cron(0 {hour} ? * SUN *)" == inputs["scheduleExpression"]
    chosen = inputs["recoveryPointSelection"]
    assert ("LATEST_WITHIN_WINDOW", ["SNAPSHOT"], 7) == (
        chosen["algorithm"],
        chosen["recoveryPointTypes"],
        chosen["selectionWindowDays"],
    )
    assert [only(made, VAULT, "home-backups").outputs["arn"]] == chosen["includeVaults"]


def test_what_is_restored_lies_where_patient_data_may(made: Program) -> None:
    selected = {item.inputs["protectedResourceType"]: item.inputs for item in made.of_type(TEST_SELECTION)}
    assert {"RDS", "S3"} == set(selected)
    assert [DATABASE] == selected["RDS"]["protectedResourceArns"]
    overrides = selected["RDS"]["restoreMetadataOverrides"]
    assert ("medical-us-use2-db", ["sg-1"]) == (
        overrides["dbSubnetGroupName"],
        json.loads(overrides["vpcSecurityGroupIds"]),
    )
    assert [bucket_arn(role) for role in BUCKETS] == selected["S3"]["protectedResourceArns"]
    assert {"encryptionType": "SSE-KMS", "kmsKey": key(HOME)} == selected["S3"]["restoreMetadataOverrides"]


def test_a_copy_that_was_not_admitted_is_refused() -> None:
    with pytest.raises(ResidencyError, match="dataset uploads"):
        plan_args(NAMED, copy=admitted(dataset=Dataset.UPLOADS))
    with pytest.raises(ResidencyError, match="source region"):
        plan_args(NAMED, copy=admitted(source=RECOVERY, destination=HOME))
    with pytest.raises(ResidencyError, match="outside jurisdiction US"):
        admitted(destination="eu-west-1")
    with pytest.raises(ValueError, match="outlives another region"):
        plan_args(NAMED, copy=admitted(destination=HOME))


def test_a_vault_in_another_region_than_was_admitted_is_refused() -> None:
    abroad = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:x"
    with pytest.raises((pulumi.RunError, ProgramError), match="may be copied to us-west-2"):
        declare(lambda: BackupPlan("home-backup-plan", plan_args(NAMED, destination=abroad), opts_in()))


def test_retentions_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="no fewer for audit data"):
        plan_args(NAMED, audit_days=BACKUP_DAYS - 1)
    with pytest.raises(ValueError, match="give at least 1"):
        plan_args(NAMED, backup_days=0)


def test_the_longest_cell_name_makes_names_that_aws_backup_takes() -> None:
    long = names(HOME, "c" * naming.CELL_LIMIT)
    assert naming.BACKUP >= max(len(long.of(role, naming.BACKUP)) for role in ("backup-patient", "restore-rds"))
    for type_ in (TEST_PLAN, TEST_SELECTION):
        for item in declare(whole).of_type(type_):
            assert item.inputs["name"].replace("_", "").isalnum(), "restore testing takes nothing else"


@pytest.mark.parametrize("region", [region for regions in REGIONS_OF.values() for region in regions])
def test_backups_stay_clear_of_the_databases_own_windows(region: str) -> None:
    hour = windows.snapshot_hour(region)
    taken = {int(windows.backup(region)[:2]), int(windows.maintenance(region)[4:6])}
    assert {hour, (hour + 1) % 24, (hour + 2) % 24}.isdisjoint(taken)


def test_what_moto_cannot_hold_is_recorded_and_not_claimed(cloud: Cloud) -> None:
    assert {POLICY, SELECTION, TEST_PLAN, TEST_SELECTION} == {item.type for item in cloud.recorded}
    assert all(reveal(item.inputs) for item in cloud.recorded)
