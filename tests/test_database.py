"""The database and its credentials, declared and standing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pulumi
import pytest
from pulumi_aws import rds

from components.database.args import DatabaseArgs, Master
from components.database.credentials import Credentials, CredentialsArgs
from components.database.database import Database
from components.database.parameters import FENCE, PARAMETERS
from domain import replacement, windows
from domain.continuity import FIRST, Instance, Role
from domain.continuity import HOME as HOME_SIDE
from domain.continuity import RECOVERY as RECOVERY_SIDE
from domain.continuity import standing as instances_in
from domain.jurisdictions import REGIONS_OF, jurisdiction_of
from domain.naming import CELL_LIMIT, DATABASE, Names
from domain.regions import REGIONS, region
from domain.residency import Contract, Copy, Dataset, Jurisdiction, Mechanism, ResidencyError
from ops.engine.record import Program, Registration, Request, Secret, reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.creators.database import random_password
from tests.support import (
    ACCOUNT,
    BOUNDARY,
    HOME,
    NOWHERE,
    RECOVERY,
    Placed,
    declare,
    isolated_subnets,
    only,
    opts_in,
    standing,
    statements,
)

GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
INSTANCE: Final = "aws:rds/instance:Instance"
OPTIONS: Final = "aws:rds/optionGroup:OptionGroup"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type's token
VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
HOME_ID, RECOVERY_ID = "medical-us-use2-db-1", "medical-us-usw2-db-1"
SOURCE_ARN: Final = f"arn:aws:rds:{HOME}:{ACCOUNT}:db:{HOME_ID}"
TOPIC: Final = f"arn:aws:sns:{HOME}:{ACCOUNT}:operations"
MASTER: Final = Master(username="medical", password="only-for-this-test")  # noqa: S106 - opens nothing
PRIMARY: Final = Instance(side=HOME_SIDE, generation=1, role=Role.ORIGINAL, writes=True)
REPLICA: Final = Instance(side=RECOVERY_SIDE, generation=1, role=Role.REPLICA, source="home-1")
PROMOTED: Final = Instance(side=RECOVERY_SIDE, generation=1, role=Role.PROMOTED, writes=True, alone=True)
ASIDE: Final = Instance(side=HOME_SIDE, generation=1, role=Role.ORIGINAL, aside=True)


def key(region_name: str) -> str:
    return f"arn:aws:kms:{region_name}:{ACCOUNT}:key/of-{region_name}"


def replica_in(region_name: str) -> Copy[pulumi.Input[str]]:
    """A replica in a region, admitted from the other region of its jurisdiction."""
    code = jurisdiction_of(region_name)
    return Contract(Jurisdiction(code)).admit(
        Dataset.PATIENT_RECORDS,
        source_region=next(name for name in REGIONS_OF[code] if name != region_name),
        destination_region=region_name,
        mechanism=Mechanism.DATABASE_REPLICA,
        key=key(region_name),
    )


def database_args(
    *instances: Instance,
    writer: rds.Instance | None = None,
    region_name: str = HOME,
    cell: str = "us",
    throw_away: bool = False,
    deletion_protection: bool = True,
    backup_days: int = 14,
    placed: Placed = NOWHERE,
    master: Master = MASTER,
) -> DatabaseArgs:
    return DatabaseArgs(
        names=Names(cell=cell, place=region(region_name).abbreviation),
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        region=region_name,
        vpc_id=placed.vpc_id,
        subnet_ids=placed.subnet_ids,
        key_arn=key(region_name),
        operations_topic=TOPIC,
        instances=instances or (PRIMARY,),
        master=master,
        writer=writer,
        copy=replica_in(region_name),
        instance_class="db.t4g.medium",
        storage_gib=50,
        max_storage_gib=200,
        backup_days=backup_days,
        log_days=365,
        deletion_protection=deletion_protection,
        throw_away=throw_away,
    )


def credentials_args(*, throw_away: bool = False) -> CredentialsArgs:
    return CredentialsArgs(
        names=Names(cell="us", place="use2"),
        region=HOME,
        key_arn=key(HOME),
        copy=Contract(Jurisdiction("US")).admit(
            Dataset.SECRETS,
            source_region=HOME,
            destination_region=RECOVERY,
            mechanism=Mechanism.SECRET_REPLICA,
            key=key(RECOVERY),
        ),
        throw_away=throw_away,
    )


def test_a_secret_is_replicated_only_under_a_copy_that_was_admitted_for_it() -> None:
    args = credentials_args()
    assert args.copy
    other = replace(args.copy, dataset=Dataset.UPLOADS)
    with pytest.raises(ResidencyError, match="admitted for dataset uploads and is used for secrets"):
        replace(args, copy=other)
    with pytest.raises(ResidencyError, match="outside jurisdiction US"):
        replace(args.copy, destination_region="eu-west-1")


def test_a_database_stands_only_where_a_replica_of_the_records_is_admitted() -> None:
    args = database_args(PRIMARY)
    assert args.copy
    with pytest.raises(ResidencyError, match="destination region"):
        replace(args, copy=replica_in(RECOVERY))
    with pytest.raises(ResidencyError, match="dataset"):
        replace(args, copy=replace(args.copy, dataset=Dataset.SECRETS))
    assert replace(args, copy=None).copy is None, "a cell of one side makes no copy"


def declared(*instances: Instance, **changes: Any) -> Program:  # noqa: ANN401 - any of the arguments above
    """A side with `instances`, and where none of them writes, the other side's writer beside it."""

    def program() -> None:
        args = database_args(*instances, **changes)
        Database("side-database", args, opts_in(args.region))

    def beside() -> None:
        other = Database("other-database", database_args(PRIMARY, region_name="us-east-1"), opts_in("us-east-1"))
        args = database_args(*instances, writer=other.writer, **changes)
        Database("side-database", args, opts_in(args.region))

    return declare(program if not instances or any(item.writes for item in instances) else beside)


def instance(*instances: Instance, **changes: Any) -> Registration:  # noqa: ANN401 - any of the arguments above
    last = instances[-1].generation if instances else 1
    return only(declared(*instances, **changes), INSTANCE, f"side-database-{last}")


# Declared


def test_the_original_is_given_its_master_user_its_schema_and_its_storage() -> None:
    inputs = instance(PRIMARY).inputs
    assert ("mysql", "8.4", "medical", "medical", 50) == tuple(
        inputs[name] for name in ("engine", "engineVersion", "username", "dbName", "allocatedStorage")
    )
    assert Secret not in {type(value) for name, value in inputs.items() if name != "password"}
    assert "replicateSourceDb" not in inputs


@pytest.mark.parametrize(
    "refused",
    ["username", "password", "dbName", "finalSnapshotIdentifier", "allocatedStorage", "engine", "engineVersion"],
)
def test_a_replica_is_given_nothing_that_rds_refuses_for_replicas(refused: str) -> None:
    assert refused not in instance(REPLICA, region_name=RECOVERY).inputs
    assert refused in instance(PRIMARY).inputs, "an original needs it, so the check can fail"


@pytest.mark.parametrize("needed", ["username", "password", "allocatedStorage", "engine", "replicateSourceDb"])
@pytest.mark.parametrize("stands", [PROMOTED, ASIDE])
def test_what_stands_already_is_given_nothing_that_an_empty_one_could_be_made_from(
    stands: Instance, needed: str
) -> None:
    assert needed not in instance(stands).inputs


def test_a_replica_names_its_source_by_arn_and_is_encrypted_by_its_own_regions_key() -> None:
    program = declared(REPLICA, region_name=RECOVERY)
    inputs = only(program, INSTANCE, "side-database-1").inputs
    assert only(program, INSTANCE, "other-database-1").outputs["arn"] == inputs["replicateSourceDb"]
    assert key(RECOVERY) == inputs["kmsKeyId"] == inputs["performanceInsightsKmsKeyId"]
    assert inputs["storageEncrypted"] is True, "false is replaced over and over"
    assert inputs["skipFinalSnapshot"] is True
    assert 14 == inputs["backupRetentionPeriod"], "a promoted replica without backups could have no replica of its own"


def test_promotion_changes_nothing_that_rds_would_need_a_new_instance_for() -> None:
    replica, promoted = (instance(item, region_name=RECOVERY) for item in (REPLICA, PROMOTED))
    in_place = {"replicateSourceDb", "multiAz", "skipFinalSnapshot", "finalSnapshotIdentifier", "applyImmediately"}
    assert in_place == _changed(replica, promoted)
    assert set() == in_place & replacement.INSTANCE
    assert replica.urn == promoted.urn


def test_an_instance_is_put_aside_in_place() -> None:
    serving, aside = instance(PRIMARY), instance(ASIDE)
    assert {"identifier", "multiAz", "applyImmediately", "allocatedStorage"} == _changed(serving, aside)
    assert f"{HOME_ID}-aside" == aside.inputs["identifier"]
    assert (False, True) == (serving.inputs["applyImmediately"], aside.inputs["applyImmediately"])
    assert serving.urn == aside.urn
    assert serving.inputs["finalSnapshotIdentifier"] == aside.inputs["finalSnapshotIdentifier"]


def _changed(before: Registration, after: Registration) -> set[str]:
    """The inputs that differ and that the engine is not told to ignore."""
    names = {*before.inputs, *after.inputs}
    return {name for name in names if before.inputs.get(name) != after.inputs.get(name)} - set(after.ignore_changes)


def _parameters(program: Program, name: str = "side-database-1") -> set[tuple[str, str, str]]:
    group = only(program, GROUP, name)
    return {(item["name"], item["value"], item["applyMethod"]) for item in group.inputs["parameters"]}


def test_only_what_is_aside_is_fenced_and_that_without_a_reboot() -> None:
    assert {("read_only", "1", "immediate")} == _parameters(declared(ASIDE)) - _parameters(declared(PRIMARY))
    assert "read_only" not in {name for name, _, _ in _parameters(declared(REPLICA))}, "RDS sees to a replica by itself"
    both = declared(ASIDE, replace(PRIMARY, role=Role.PROMOTED, generation=2))
    assert FENCE not in _parameters(both, "side-database-2"), "a fence is around one instance and no other"
    assert 2 == len({item.inputs["name"] for item in both.of_type(GROUP)})


def test_what_is_left_behind_waits_for_the_writer() -> None:
    program = declared(ASIDE)
    writer = only(program, INSTANCE, "other-database-1").urn
    for type_ in (INSTANCE, GROUP):
        assert writer in only(program, type_, "side-database-1").dependencies
    assert writer not in only(declared(REPLICA), GROUP, "side-database-1").dependencies


def test_every_instance_of_a_side_writes_down_who_connects_and_what_changes() -> None:
    program = declared(ASIDE)
    group = only(program, OPTIONS, "side-database")
    (plugin,) = group.inputs["options"]
    settings = {item["name"]: item["value"] for item in plugin["optionSettings"]}
    assert ("mysql", "8.4", "MARIADB_AUDIT_PLUGIN") == (
        group.inputs["engineName"],
        group.inputs["majorEngineVersion"],
        plugin["optionName"],
    )
    assert {"CONNECT", "QUERY_DCL", "QUERY_DDL", "QUERY_DML_NO_SELECT"} == set(
        settings["SERVER_AUDIT_EVENTS"].split(",")
    )
    assert "rdsadmin" == settings["SERVER_AUDIT_EXCL_USERS"]
    own = [item for item in program.of_type(INSTANCE) if item.name.startswith("side-")]
    assert own
    for item in own:
        assert group.inputs["name"] == item.inputs["optionGroupName"]
        assert "audit" in item.inputs["enabledCloudwatchLogsExports"]


def test_an_option_group_with_snapshots_stays_when_its_stack_goes() -> None:
    assert only(declared(), OPTIONS).inputs["skipDestroy"], "RDS refuses to delete it"
    thrown = declared(throw_away=True, deletion_protection=False)
    assert not only(thrown, OPTIONS).inputs["skipDestroy"]


def test_the_audit_group_changes_no_instance_on_the_way_of_a_failover() -> None:
    assert "optionGroupName" not in replacement.INSTANCE, "it is changed in place"
    before, after = instance(REPLICA).inputs, instance(PROMOTED).inputs
    assert before["optionGroupName"] == after["optionGroupName"]


def test_what_an_instance_logged_under_its_old_name_is_kept() -> None:
    names = {
        item.inputs["name"].removeprefix("/aws/rds/instance/")
        for item in declared(ASIDE).of_type("aws:cloudwatch/logGroup:LogGroup")
        if "use2" in item.inputs["name"]
    }
    assert {f"{HOME_ID}{end}/{log}" for end in ("", "-aside") for log in ("audit", "error", "slowquery")} == names


def test_only_a_writer_without_a_replica_and_what_nobody_uses_are_changed_at_once() -> None:
    at_once = {item: instance(item).inputs["applyImmediately"] for item in (PRIMARY, REPLICA, PROMOTED, ASIDE)}
    assert {PRIMARY: False, REPLICA: False, PROMOTED: True, ASIDE: True} == at_once


def test_a_rotated_password_and_a_new_minor_version_are_left_alone() -> None:
    assert {"password", "engineVersion"} <= set(instance().ignore_changes)
    assert "instanceClass" not in instance().ignore_changes, "a size is changed by the program"


def _ground(program: Program) -> set[str]:
    own = (INSTANCE, GROUP, "aws:cloudwatch/logGroup:LogGroup")  # each generation's
    return {item.urn for item in program.registrations if item.type.startswith("aws:") and item.type not in own}


def test_a_new_generation_is_a_new_instance_on_the_same_ground() -> None:
    second = replace(PRIMARY, generation=2, role=Role.PROMOTED)
    first, both = declared(PRIMARY), declared(ASIDE, second)
    assert _ground(first) == _ground(both) != set()
    assert {item.urn for item in first.registrations} <= {item.urn for item in both.registrations}
    assert "medical-us-use2-db-2" == only(both, INSTANCE, "side-database-2").inputs["identifier"]


def test_a_side_gives_out_its_latest_instance_and_names_all() -> None:
    def program() -> None:
        found = Database(
            "side-database", database_args(ASIDE, replace(PRIMARY, generation=2, role=Role.PROMOTED)), opts_in()
        )
        pulumi.export("address", found.address)
        pulumi.export("identifiers", found.identifiers)

    exports = declare(program).exports
    assert "${side-database-2.address}" == exports["address"]
    assert {"home-1": f"{HOME_ID}-aside", "home-2": "medical-us-use2-db-2"} == exports["identifiers"]


@pytest.mark.parametrize("stands", [PRIMARY, REPLICA, PROMOTED, ASIDE])
def test_a_database_is_protected_unless_the_stack_is_thrown_away(stands: Instance) -> None:
    kept = instance(stands)
    thrown = instance(stands, throw_away=True, deletion_protection=False)
    assert (True, True, False) == (
        kept.protect,
        kept.inputs["deletionProtection"],
        kept.inputs["deleteAutomatedBackups"],
    )
    assert (False, False, True) == (
        thrown.protect,
        thrown.inputs["deletionProtection"],
        thrown.inputs["deleteAutomatedBackups"],
    )


@pytest.mark.parametrize("stands", [PRIMARY, PROMOTED, ASIDE])
def test_whatever_is_no_replica_leaves_a_final_snapshot_unless_the_stack_is_thrown_away(stands: Instance) -> None:
    kept = instance(stands).inputs
    thrown = instance(stands, throw_away=True, deletion_protection=False).inputs
    assert (False, f"{HOME_ID}-final") == (kept["skipFinalSnapshot"], kept["finalSnapshotIdentifier"])
    assert (True, None) == (thrown["skipFinalSnapshot"], thrown.get("finalSnapshotIdentifier"))


def test_logs_and_the_monitoring_policy_are_there_before_the_instance() -> None:
    program = declared()
    groups = program.of_type("aws:cloudwatch/logGroup:LogGroup")
    expected = {f"/aws/rds/instance/{HOME_ID}/{log}" for log in ("audit", "error", "slowquery")}
    assert expected == {item.inputs["name"] for item in groups}
    attachment = only(program, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {attachment.urn, *(item.urn for item in groups)} <= set(only(program, INSTANCE).dependencies)


def test_the_database_lets_nobody_in_by_itself() -> None:
    program = declared()
    group = only(program, "aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & set(group.inputs)
    assert not [item for item in program.registrations if "Rule" in item.type]
    assert only(program, INSTANCE).inputs["publiclyAccessible"] is False


def test_only_rds_of_this_account_and_this_sides_instances_may_report() -> None:
    role = only(declared(), "aws:iam/role:Role")
    (statement,) = statements(role.inputs["assumeRolePolicy"])
    assert {"Service": "monitoring.rds.amazonaws.com"} == statement["Principal"]
    assert {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-*"},
    } == statement["Condition"]


def test_connections_need_tls_1_2_or_newer_and_slow_queries_go_to_exported_files() -> None:
    values = {item.name: item.value for item in PARAMETERS}
    assert ("1", "TLSv1.2,TLSv1.3") == (values["require_secure_transport"], values["tls_version"])
    assert ("1", "FILE") == (values["slow_query_log"], values["log_output"])


def test_a_static_parameter_is_never_applied_at_once() -> None:
    methods = {item.name: item.apply_method for item in PARAMETERS}
    assert "pending-reboot" == methods["tls_version"]
    assert {"immediate", "pending-reboot"} == set(methods.values())


def test_identifiers_stay_within_the_limit_of_rds_for_the_longest_cell_and_region() -> None:
    place = max(REGIONS, key=lambda name: len(region(name).abbreviation))
    inputs = instance(replace(ASIDE, generation=999), cell="c" * CELL_LIMIT, region_name=place).inputs
    assert DATABASE >= len(inputs["identifier"])
    for name in ("identifier", "finalSnapshotIdentifier"):
        assert re.fullmatch(r"[a-z](-?[a-z0-9])*", inputs[name])


@pytest.mark.parametrize("name", REGIONS)
def test_backups_and_maintenance_do_not_overlap(name: str) -> None:
    hours = [[int(hour) for hour in re.findall(r"(\d\d):00", window(name))] for window in _WINDOWS]
    (backup, backup_end), (maintenance, maintenance_end) = hours
    assert backup_end == (backup + 1) % 24
    assert maintenance_end == maintenance + 1, "the window ends on the day on which it starts"
    assert backup != maintenance


_WINDOWS: Final[tuple[Callable[[str], str], ...]] = (windows.backup, windows.maintenance)


def test_a_region_without_a_known_quiet_hour_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'moon-1': .* add its area to domain/windows.py"):
        windows.backup("moon-1")


@pytest.mark.parametrize(
    ("instances", "rule"),
    [
        ((replace(PRIMARY, generation=0),), "counted from 1"),
        ((PRIMARY, PRIMARY), "oldest first"),
        ((PROMOTED, PRIMARY), "oldest first"),
        ((ASIDE,), "no instance of this side writes"),
        (
            (replace(ASIDE, generation=1), replace(PRIMARY, generation=2), replace(PRIMARY, generation=3)),
            "writes: give",
        ),
    ],
)
def test_instances_that_are_no_side_are_refused(instances: tuple[Instance, ...], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        database_args(*instances)


def test_a_replica_of_its_own_side_is_refused() -> None:
    with pytest.raises(ValueError, match="follows the other side's writer"):
        database_args(PRIMARY, replace(REPLICA, generation=2))


def test_what_rds_would_refuse_is_refused_before() -> None:
    with pytest.raises(ValueError, match="backup_days 0"):
        database_args(backup_days=0)
    with pytest.raises(ValueError, match="contradict"):
        database_args(throw_away=True, deletion_protection=True)


def test_the_secret_is_kept_for_30_days_unless_the_stack_is_thrown_away() -> None:
    kept = declare(lambda: Credentials("credentials", credentials_args(), opts_in()))
    thrown = declare(lambda: Credentials("credentials", credentials_args(throw_away=True), opts_in()))
    for program, days in ((kept, 30), (thrown, 0)):
        found = program.of_type(SECRET)
        assert [days, days] == [item.inputs["recoveryWindowInDays"] for item in found]
        assert [days > 0, days > 0] == [item.protect for item in found]


def test_the_password_is_a_secret_wherever_the_program_passes_it() -> None:
    program = declare(lambda: Credentials("credentials", credentials_args(), opts_in()))
    versions = program.of_type(VERSION)
    assert 2 == len(versions), "the master's and the application's"
    for version in versions:
        assert isinstance(version.inputs["secretString"], Secret)
        assert {"secretString", "versionStages"} == set(version.ignore_changes), "rotation is never undone"
        assert ["AWSCURRENT", "first"] == version.inputs["versionStages"], "AWS removes what has no label"


def test_an_edit_of_the_passwords_form_makes_no_new_password_that_the_database_would_not_know() -> None:
    program = declare(lambda: Credentials("credentials", credentials_args(), opts_in()))
    password = only(program, "random:index/randomPassword:RandomPassword")
    assert set(password.inputs) == set(password.ignore_changes)


def test_the_secret_is_replicated_under_the_other_regions_key() -> None:
    program = declare(lambda: Credentials("credentials", credentials_args(), opts_in()))
    secrets = program.of_type(SECRET)
    assert {"medical/us/use2/database", "medical/us/use2/application"} == {item.inputs["name"] for item in secrets}
    for secret in secrets:
        assert [{"region": RECOVERY, "kmsKeyId": key(RECOVERY)}] == secret.inputs["replicas"]
        assert key(HOME) == secret.inputs["kmsKeyId"]


def test_whoever_uses_the_secrets_arn_waits_for_its_value() -> None:
    def program() -> None:
        credentials = Credentials("credentials", credentials_args(), opts_in())
        pulumi.export("waits", pulumi.Output.from_input(_asked(credentials.application)))

    assert "SecretVersion::credentials" in declare(program).exports["waits"]


async def _asked(value: pulumi.Output[str]) -> str:
    """The resources that `value` waits for."""
    return " ".join([str(await resource.urn.future()) for resource in await value.resources()])


# Made in the local cloud


def _password(**inputs: object) -> str:
    request = Request(
        urn="",
        type="random:index/randomPassword:RandomPassword",
        name="password",
        parent="",
        custom=True,
        provider="",
        inputs=inputs,
        dependencies=(),
        property_dependencies={},
        protect=False,
        retain_on_delete=False,
        ignore_changes=(),
    )
    return str(reveal(random_password(request)[1]["result"]))


def test_a_local_password_has_the_length_and_the_characters_that_are_asked_for() -> None:
    made = [_password(length=8, overrideSpecial="!", minSpecial=6, minUpper=1, lower=False) for _ in range(20)]
    assert {8} == {len(text) for text in made}
    assert all(re.fullmatch(r"[A-Z0-9!]+", text) and text.count("!") >= 6 for text in made)
    assert 1 < len(set(made))


# Standing


def pair() -> None:
    """Both sides of a cell, as far as the database goes."""
    home, recovery = opts_in(HOME), opts_in(RECOVERY)
    credentials = Credentials("credentials", credentials_args(), home)
    here, there = isolated_subnets("here", HOME, home), isolated_subnets("there", RECOVERY, recovery)
    master = Master(username=credentials.username, password=credentials.password)
    stands = instances_in(FIRST)
    primary = Database("home-database", database_args(*stands[HOME_SIDE], master=master, placed=here), home)
    replica = Database(
        "recovery-database",
        database_args(*stands[RECOVERY_SIDE], writer=primary.writer, region_name=RECOVERY, placed=there),
        recovery,
    )
    pulumi.export("secret", credentials.application_in(RECOVERY))
    pulumi.export("addresses", [primary.address, replica.address])
    pulumi.export("groups", [primary.security_group_id, replica.security_group_id])


@pytest.fixture(scope="module")
def cell() -> Iterator[tuple[Program, Cloud]]:
    with standing(pair) as both:
        yield both


def described(cloud: Cloud, region_name: str) -> dict[str, Any]:
    (found,) = cloud.client("rds", region_name).describe_db_instances()["DBInstances"]
    return dict(found)


def test_the_standing_replica_is_linked_to_its_source(cell: tuple[Program, Cloud]) -> None:
    primary, replica = (described(cell[1], name) for name in (HOME, RECOVERY))
    assert SOURCE_ARN == replica["ReadReplicaSourceDBInstanceIdentifier"] == primary["DBInstanceArn"]
    assert [replica["DBInstanceArn"]] == primary["ReadReplicaDBInstanceIdentifiers"]
    assert "ReadReplicaSourceDBInstanceIdentifier" not in primary


@pytest.mark.parametrize(("region_name", "identifier"), [(HOME, HOME_ID), (RECOVERY, RECOVERY_ID)])
def test_a_standing_instance_lies_in_its_own_region(
    cell: tuple[Program, Cloud], region_name: str, identifier: str
) -> None:
    program, cloud = cell
    found = described(cloud, region_name)
    vpcs = {item["VpcId"] for item in cloud.client("ec2", region_name).describe_vpcs()["Vpcs"]}
    place = [HOME, RECOVERY].index(region_name)
    assert f"arn:aws:rds:{region_name}:{ACCOUNT}:db:{identifier}" == found["DBInstanceArn"]
    assert (True, key(region_name)) == (found["StorageEncrypted"], found["KmsKeyId"])
    assert found["AvailabilityZone"].startswith(region_name)
    assert found["DBSubnetGroup"]["VpcId"] in vpcs
    assert [program.exports["groups"][place]] == [item["VpcSecurityGroupId"] for item in found["VpcSecurityGroups"]]
    assert found["Endpoint"] == {"Address": program.exports["addresses"][place], "Port": 3306}


def test_only_the_standing_primary_pays_for_a_standby(cell: tuple[Program, Cloud]) -> None:
    assert (True, False) == tuple(described(cell[1], name)["MultiAZ"] for name in (HOME, RECOVERY))


@pytest.mark.parametrize("region_name", [HOME, RECOVERY])
def test_a_standing_instance_is_backed_up_watched_and_guarded(cell: tuple[Program, Cloud], region_name: str) -> None:
    found = described(cell[1], region_name)
    assert (14, "07:00-08:00", "sun:09:00-sun:10:00") == tuple(
        found[name] for name in ("BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow")
    )
    assert (True, False, 60) == tuple(
        found[name] for name in ("DeletionProtection", "PubliclyAccessible", "MonitoringInterval")
    )
    assert ["audit", "error", "slowquery"] == found["EnabledCloudwatchLogsExports"]
    assert {"Key": "Cell", "Value": "us"} in found["TagList"]


@pytest.mark.parametrize(("region_name", "place"), [(HOME, "use2"), (RECOVERY, "usw2")])
def test_a_standing_instance_has_a_parameter_group_of_its_own(
    cell: tuple[Program, Cloud], region_name: str, place: str
) -> None:
    rds = cell[1].client("rds", region_name)
    (group,) = described(cell[1], region_name)["DBParameterGroups"]
    assert f"medical-us-{place}-db-1-mysql84" == group["DBParameterGroupName"]
    found = rds.describe_db_parameters(DBParameterGroupName=group["DBParameterGroupName"])["Parameters"]
    assert {tuple(parameter) for parameter in PARAMETERS} == {
        (item["ParameterName"], item["ParameterValue"], item["ApplyMethod"]) for item in found
    }


@pytest.mark.parametrize(("region_name", "identifier"), [(HOME, HOME_ID), (RECOVERY, RECOVERY_ID)])
def test_the_standing_log_groups_are_encrypted_and_kept_for_a_stated_time(
    cell: tuple[Program, Cloud], region_name: str, identifier: str
) -> None:
    logs = cell[1].client("logs", region_name)
    found = logs.describe_log_groups(logGroupNamePrefix=f"/aws/rds/instance/{identifier}/")["logGroups"]
    assert {"audit", "error", "slowquery"} == {item["logGroupName"].rpartition("/")[2] for item in found}
    assert {(key(region_name), 365)} == {(item["kmsKeyId"], item["retentionInDays"]) for item in found}


def test_the_standing_monitoring_role_has_the_managed_policy_and_no_other(cell: tuple[Program, Cloud]) -> None:
    iam = cell[1].client("iam", HOME)
    found = iam.list_attached_role_policies(RoleName="medical-us-use2-db-monitoring")["AttachedPolicies"]
    assert ["AmazonRDSEnhancedMonitoringRole"] == [item["PolicyName"] for item in found]


def test_recovery_reads_the_password_that_the_primary_was_made_with(cell: tuple[Program, Cloud]) -> None:
    program, cloud = cell
    asked = cloud.client("secretsmanager", RECOVERY).get_secret_value(SecretId=program.exports["secret"])
    held = json.loads(asked["SecretString"])
    given = only(program, INSTANCE, "home-database-1").inputs
    assert {"username": given["username"], "password": reveal(given["password"])} == held
    assert 32 == len(held["password"])
    assert not set("/'\"@ ") & set(held["password"])
    assert isinstance(given["password"], Secret)


def test_the_standing_secret_has_one_arn_a_region_that_differs_in_the_region_alone(cell: tuple[Program, Cloud]) -> None:
    program, cloud = cell
    found = cloud.client("secretsmanager", HOME).describe_secret(SecretId="medical/us/use2/application")
    assert key(HOME) == found["KmsKeyId"]
    assert [RECOVERY] == [item["Region"] for item in found["ReplicationStatus"]]
    assert program.exports["secret"] == found["ARN"].replace(HOME, RECOVERY) != found["ARN"]
