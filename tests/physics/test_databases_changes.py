"""What RDS is asked to do with an instance: how long it takes, what it refuses, and what is left afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.physics.rds_pair import DAYS, HOME_DB, RECOVERY_DB, Pair, code, rds_pair
from tests.support import HOME, RECOVERY


@pytest.fixture
def pair() -> Iterator[Pair]:
    with rds_pair() as made:
        yield made


# Other changes


def test_a_modification_shows_at_once_takes_its_time_and_admits_no_other(pair: Pair) -> None:
    rds = pair.rds(RECOVERY)
    rds.modify_db_instance(DBInstanceIdentifier=RECOVERY_DB, BackupRetentionPeriod=7, ApplyImmediately=True)
    assert ("modifying", "read-only") == (
        pair.status(RECOVERY, RECOVERY_DB),
        pair.role(RECOVERY, RECOVERY_DB),
    )
    with pytest.raises(ClientError, match="is not in available state: it is modifying"):
        rds.modify_db_instance(DBInstanceIdentifier=RECOVERY_DB, BackupRetentionPeriod=8)
    pair.world.advance(40)

    shown = pair.shown(RECOVERY, RECOVERY_DB)
    assert ("available", 7) == (shown["DBInstanceStatus"], shown["BackupRetentionPeriod"])


def test_a_modification_of_nothing_takes_no_time(pair: Pair) -> None:
    pair.rds(HOME).modify_db_instance(DBInstanceIdentifier=HOME_DB, ApplyImmediately=True)

    assert "available" == pair.status(HOME, HOME_DB)


def test_a_renamed_instance_keeps_its_old_name_until_it_is_done_and_its_rows_and_links(pair: Pair) -> None:
    pair.write(1)
    pair.world.advance(10)
    rds = pair.rds(HOME)
    rds.modify_db_instance(DBInstanceIdentifier=HOME_DB, NewDBInstanceIdentifier="Home-1-aside", ApplyImmediately=True)
    assert ["renaming"] == pair.statuses(HOME, HOME_DB, 80)
    assert "gone" == pair.role(HOME, HOME_DB)
    pair.world.advance(20)

    with pytest.raises(ClientError) as gone:
        pair.shown(HOME, HOME_DB)
    assert "DBInstanceNotFound" == code(gone.value)
    assert "available" == pair.status(HOME, "home-1-aside")
    assert pair.shown(RECOVERY, RECOVERY_DB)["ReadReplicaSourceDBInstanceIdentifier"].endswith(":db:home-1-aside")
    assert [1] == pair.rows(HOME, "home-1-aside")
    pair.write(2, HOME, "home-1-aside")
    pair.world.advance(30)
    assert [1, 2] == pair.rows(), "its replica follows it by its new name"


def test_a_name_that_is_taken_is_refused(pair: Pair) -> None:
    pair.replicate(HOME, "home-2", HOME_DB)

    with pytest.raises(ClientError) as refused:
        pair.rds(HOME).modify_db_instance(DBInstanceIdentifier=HOME_DB, NewDBInstanceIdentifier="HOME-2")

    assert "DBInstanceAlreadyExists" == code(refused.value)


def test_an_instance_that_restarts_is_gone_and_back(pair: Pair) -> None:
    pair.rds(HOME).reboot_db_instance(DBInstanceIdentifier=HOME_DB)

    assert "gone" == pair.role(HOME, HOME_DB)
    assert ["rebooting", "available"] == pair.statuses(HOME, HOME_DB, 60)
    assert "writer" == pair.role(HOME, HOME_DB)


def test_a_new_primary_is_created_over_time(pair: Pair) -> None:
    made = pair.rds(HOME).create_db_instance(
        DBInstanceIdentifier="home-5", DBInstanceClass="db.t4g.medium", Engine="mysql", EngineVersion="8.4.5"
    )

    assert "creating" == made["DBInstance"]["DBInstanceStatus"]
    assert "gone" == pair.role(HOME, "home-5")
    assert ["creating", "available"] == pair.statuses(HOME, "home-5", 500)


# New replicas


def test_a_new_replica_is_created_over_time_and_then_has_all_rows_and_follows(pair: Pair) -> None:
    pair.write(1)
    pair.world.advance(10)
    made = pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, HOME_DB)["DBInstanceArn"])
    assert "creating" == made["DBInstanceStatus"]
    pair.write(2)

    pair.world.advance(599)
    assert ("creating", "gone") == (
        pair.status(RECOVERY, "recovery-2"),
        pair.role(RECOVERY, "recovery-2"),
    )
    pair.world.advance(1)
    assert "available" == pair.status(RECOVERY, "recovery-2")
    assert [1, 2] == pair.rows(RECOVERY, "recovery-2")

    pair.write(3)
    pair.world.advance(3)
    assert [1, 2, 3] == pair.rows(RECOVERY, "recovery-2") == pair.rows()


def test_a_new_replica_has_nothing_of_its_source_that_rds_does_not_give_it(pair: Pair) -> None:
    pair.rds(HOME).modify_db_instance(DBInstanceIdentifier=HOME_DB, DeletionProtection=True)
    made = pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, HOME_DB)["DBInstanceArn"])

    assert f"{RECOVERY}a" == made["AvailabilityZone"]
    assert (False, False, 0) == (made["MultiAZ"], made["DeletionProtection"], made["BackupRetentionPeriod"])
    assert [] == made["TagList"]
    assert "recovery-2-mysql84" == made["DBParameterGroups"][0]["DBParameterGroupName"]
    groups = pair.client("ec2", RECOVERY).describe_security_groups(
        GroupIds=[made["VpcSecurityGroups"][0]["VpcSecurityGroupId"]]
    )["SecurityGroups"]
    assert ["default"] == [group["GroupName"] for group in groups]
    home = pair.shown(HOME, HOME_DB)
    assert (True, True, DAYS) == (home["MultiAZ"], home["DeletionProtection"], home["BackupRetentionPeriod"])
    assert 2 == len(home["ReadReplicaDBInstanceIdentifiers"])


def test_a_new_replica_takes_a_subnet_group_of_its_own_region(pair: Pair) -> None:
    ec2 = pair.client("ec2", RECOVERY)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    pair.rds(RECOVERY).create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=subnets[:2]
    )

    made = pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, HOME_DB)["DBInstanceArn"], DBSubnetGroupName="data")

    assert "data" == made["DBSubnetGroup"]["DBSubnetGroupName"]


def test_tags_of_a_replica_are_not_its_sources(pair: Pair) -> None:
    rds = pair.rds(RECOVERY)
    arn = pair.shown(RECOVERY, RECOVERY_DB)["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Side", "Value": "recovery"}])

    assert [{"Key": "Side", "Value": "home"}] == pair.shown(HOME, HOME_DB)["TagList"]
    assert [{"Key": "Side", "Value": "recovery"}] == pair.shown(RECOVERY, RECOVERY_DB)["TagList"]


def test_no_replica_is_made_of_what_cannot_have_one(pair: Pair) -> None:
    replica = pair.shown(RECOVERY, RECOVERY_DB)["DBInstanceArn"]
    primary = pair.shown(HOME, HOME_DB)["DBInstanceArn"]
    pair.rds(HOME).create_db_instance(
        DBInstanceIdentifier="home-5",
        DBInstanceClass="db.t4g.medium",
        Engine="mysql",
        EngineVersion="8.4.5",
        BackupRetentionPeriod=0,
    )

    with pytest.raises(ClientError, match="is itself a read replica"):
        pair.replicate(HOME, "home-2", replica)
    with pytest.raises(ClientError, match="Automated backups are not enabled"):
        pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, "home-5")["DBInstanceArn"])
    with pytest.raises(ClientError) as taken:
        pair.rds(RECOVERY).create_db_instance_read_replica(
            DBInstanceIdentifier=RECOVERY_DB, SourceDBInstanceIdentifier=primary
        )
    assert "DBInstanceAlreadyExists" == code(taken.value)
    pair.dark()
    with pytest.raises(ClientError, match="is not available"):
        pair.replicate(RECOVERY, "recovery-3", primary)


# Deletion


def test_the_deletion_of_a_source_promotes_its_replica(pair: Pair) -> None:
    pair.write(1)
    pair.world.advance(10)
    pair.rds(HOME).delete_db_instance(DBInstanceIdentifier=HOME_DB, SkipFinalSnapshot=True)

    assert ["available", "modifying", "rebooting", "available"] == pair.statuses(RECOVERY, RECOVERY_DB, 220)
    assert [(RECOVERY, RECOVERY_DB)] == pair.writers()
    assert [1] == pair.rows()
    assert "ReadReplicaSourceDBInstanceIdentifier" not in pair.shown(RECOVERY, RECOVERY_DB)


def test_a_deleted_replica_is_taken_off_its_sources_list(pair: Pair) -> None:
    pair.rds(RECOVERY).delete_db_instance(DBInstanceIdentifier=RECOVERY_DB, SkipFinalSnapshot=True)
    pair.world.advance(1)

    assert [] == pair.shown(HOME, HOME_DB)["ReadReplicaDBInstanceIdentifiers"]
    assert "gone" == pair.role(RECOVERY, RECOVERY_DB)


def test_a_protected_replica_is_not_deleted_and_goes_on_replicating(pair: Pair) -> None:
    rds = pair.rds(RECOVERY)
    rds.modify_db_instance(DBInstanceIdentifier=RECOVERY_DB, DeletionProtection=True)

    with pytest.raises(ClientError, match="Cannot delete protected DB Instance"):
        rds.delete_db_instance(DBInstanceIdentifier=RECOVERY_DB, SkipFinalSnapshot=True)

    pair.write(1)
    pair.world.advance(10)
    assert [1] == pair.rows()
    assert "read-only" == pair.role(RECOVERY, RECOVERY_DB)
