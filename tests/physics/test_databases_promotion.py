"""The fence around an instance, and the promotion of a replica."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from ops.sandbox.physics.databases.databases import ReadOnlyError
from tests.physics.rds_pair import DAYS, HOME_DB, RECOVERY_DB, Pair, code, rds_pair
from tests.support import HOME, RECOVERY


@pytest.fixture
def pair() -> Iterator[Pair]:
    with rds_pair() as made:
        yield made


# The fence


def test_a_fence_is_in_force_after_a_while_and_the_api_says_when(pair: Pair) -> None:
    pair.fence(HOME, HOME_DB)
    assert ("applying", "writer") == (pair.applied(HOME, HOME_DB), pair.role(HOME, HOME_DB))
    pair.write(1)

    pair.world.advance(11)

    assert ("in-sync", "read-only") == (pair.applied(HOME, HOME_DB), pair.role(HOME, HOME_DB))
    assert "in-sync" == pair.applied(RECOVERY, RECOVERY_DB)
    assert [] == pair.writers()
    assert [1] == pair.rows(HOME, HOME_DB), "a fenced instance can be read"
    with pytest.raises(ReadOnlyError):
        pair.write(2)
    assert ["fenced"] == [event.what for event in pair.world.events if "fence" in event.what]


def test_a_reset_of_the_parameter_takes_the_fence_away(pair: Pair) -> None:
    pair.fence(HOME, HOME_DB)
    pair.world.advance(11)
    rds = pair.rds(HOME)

    answer = rds.reset_db_parameter_group(
        DBParameterGroupName="home-1-mysql84",
        Parameters=[{"ParameterName": "read_only", "ApplyMethod": "immediate"}],
    )
    assert "home-1-mysql84" == answer["DBParameterGroupName"]
    assert "applying" == pair.applied(HOME, HOME_DB)
    pair.world.advance(11)

    assert [(HOME, HOME_DB)] == pair.writers()
    assert [] == rds.describe_db_parameters(DBParameterGroupName="home-1-mysql84")["Parameters"]


def test_a_reset_leaves_other_parameters_and_refuses_an_unknown_group(pair: Pair) -> None:
    rds = pair.rds(HOME)
    pair.fence(HOME, HOME_DB)
    tls = {"ParameterName": "require_secure_transport", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="home-1-mysql84", Parameters=[tls])

    rds.reset_db_parameter_group(
        DBParameterGroupName="home-1-mysql84",
        Parameters=[{"ParameterName": "read_only", "ApplyMethod": "immediate"}],
    )
    left = rds.describe_db_parameters(DBParameterGroupName="home-1-mysql84")["Parameters"]
    assert ["require_secure_transport"] == [parameter["ParameterName"] for parameter in left]

    rds.reset_db_parameter_group(DBParameterGroupName="home-1-mysql84", ResetAllParameters=True)
    assert [] == rds.describe_db_parameters(DBParameterGroupName="home-1-mysql84")["Parameters"]
    with pytest.raises(ClientError) as refused:
        rds.reset_db_parameter_group(DBParameterGroupName="home-9-mysql84", ResetAllParameters=True)
    assert "DBParameterGroupNotFound" == code(refused.value)


def test_a_fence_that_waits_for_a_reboot_is_none_until_then(pair: Pair) -> None:
    pair.fence(HOME, HOME_DB, method="pending-reboot")
    pair.world.advance(120)
    assert ("pending-reboot", "writer") == (pair.applied(HOME, HOME_DB), pair.role(HOME, HOME_DB))

    pair.rds(HOME).reboot_db_instance(DBInstanceIdentifier=HOME_DB)
    assert "gone" == pair.role(HOME, HOME_DB)
    pair.world.advance(61)

    assert ("in-sync", "read-only") == (pair.applied(HOME, HOME_DB), pair.role(HOME, HOME_DB))


# Promotion


def test_a_promotion_takes_its_time_and_a_reboot_and_then_the_link_is_gone_on_both_sides(pair: Pair) -> None:
    assert pair.shown(RECOVERY, RECOVERY_DB)["ReadReplicaSourceDBInstanceIdentifier"].endswith(":db:home-1")
    assert 1 == len(pair.shown(HOME, HOME_DB)["ReadReplicaDBInstanceIdentifiers"])

    assert "modifying" == pair.promote(BackupRetentionPeriod=DAYS)
    assert ["modifying", "rebooting", "available"] == pair.statuses(RECOVERY, RECOVERY_DB, 200)

    promoted = pair.shown(RECOVERY, RECOVERY_DB)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in promoted
    assert DAYS == promoted["BackupRetentionPeriod"]
    assert [] == pair.shown(HOME, HOME_DB)["ReadReplicaDBInstanceIdentifiers"]
    assert [(HOME, HOME_DB), (RECOVERY, RECOVERY_DB)] == pair.writers(), "nobody fenced home"


def test_an_instance_in_promotion_is_read_then_gone_then_written(pair: Pair) -> None:
    pair.promote()
    roles = []
    for seconds in (139, 1, 59, 1):
        pair.world.advance(seconds)
        roles.append(pair.role(RECOVERY, RECOVERY_DB))

    assert ["read-only", "gone", "gone", "writer"] == roles
    assert 1 == pair.shown(RECOVERY, RECOVERY_DB)["BackupRetentionPeriod"], "RDS's own, where the call gives none"


def test_a_promotion_ends_replication_at_once(pair: Pair) -> None:
    pair.world.advance(30)
    pair.write(1)
    pair.promote()
    pair.world.advance(201)
    pair.write(2, RECOVERY, RECOVERY_DB)

    assert [2] == pair.rows(), "what was not applied when it was promoted is lost to it"
    assert [1] == pair.rows(HOME, HOME_DB)


def test_a_promotion_needs_nothing_of_a_dark_source_which_learns_of_it_later(pair: Pair) -> None:
    pair.dark()
    pair.promote()
    pair.world.advance(201)

    assert [(RECOVERY, RECOVERY_DB)] == pair.writers()
    assert "ReadReplicaSourceDBInstanceIdentifier" not in pair.shown(RECOVERY, RECOVERY_DB)
    assert 1 == len(pair.shown(HOME, HOME_DB)["ReadReplicaDBInstanceIdentifiers"])

    pair.lit()
    pair.world.advance(1)
    assert [] == pair.shown(HOME, HOME_DB)["ReadReplicaDBInstanceIdentifiers"]


def test_a_promoted_instance_with_a_fence_around_it_takes_no_writes(pair: Pair) -> None:
    pair.fence(RECOVERY, RECOVERY_DB)
    pair.dark()
    pair.promote()
    pair.world.advance(201)

    assert "read-only" == pair.role(RECOVERY, RECOVERY_DB)


def test_a_primary_an_unknown_and_a_promoted_instance_are_not_promoted(pair: Pair) -> None:
    with pytest.raises(ClientError, match="home-1 is not a read replica") as primary:
        pair.promote(HOME, HOME_DB)
    with pytest.raises(ClientError) as unknown:
        pair.promote(RECOVERY, "recovery-9")
    pair.promote()
    pair.world.advance(201)
    with pytest.raises(ClientError) as again:
        pair.promote()

    assert ["InvalidDBInstanceState", "DBInstanceNotFound", "InvalidDBInstanceState"] == [
        code(refused.value) for refused in (primary, unknown, again)
    ]


def test_no_change_is_taken_during_a_backup_and_promotion_is_after_it(pair: Pair) -> None:
    pair.rds(RECOVERY).create_db_snapshot(DBSnapshotIdentifier="by-hand", DBInstanceIdentifier=RECOVERY_DB)
    assert "backing-up" == pair.status(RECOVERY, RECOVERY_DB)
    assert "read-only" == pair.role(RECOVERY, RECOVERY_DB), "it serves meanwhile"
    with pytest.raises(ClientError, match="is not in available state: it is backing-up") as refused:
        pair.promote()
    assert "InvalidDBInstanceState" == code(refused.value)

    pair.world.advance(180)
    assert "modifying" == pair.promote()


def test_backups_run_once_in_the_daily_window() -> None:
    with rds_pair(start=datetime(2026, 1, 5, 13, 13, 0, tzinfo=UTC)) as pair:  # moto's window is 13:14 to 13:44
        assert ["available", "backing-up", "available"] == pair.statuses(RECOVERY, RECOVERY_DB, 3000, every=60)
