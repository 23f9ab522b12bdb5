"""The databases over time, as an AWS SDK and the application see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.sandbox.physics.clock import START
from ops.sandbox.physics.databases import databases
from ops.sandbox.physics.databases.databases import DatabaseGoneError, ReadOnlyError
from ops.sandbox.physics.figures import Figures
from ops.sandbox.physics.monitoring import metrics
from ops.sandbox.physics.world import World
from tests.physics.rds_pair import DAYS, HOME_DB, RECOVERY_DB, Pair, rds_pair
from tests.small_cell import small_cell
from tests.support import HOME, RECOVERY


@pytest.fixture
def pair() -> Iterator[Pair]:
    with rds_pair() as made:
        yield made


# Who is what


def test_home_writes_and_recovery_is_read_only_in_the_normal_state(pair: Pair) -> None:
    assert [(HOME, HOME_DB)] == pair.writers()
    assert "writer" == pair.role(HOME, HOME_DB)
    assert "read-only" == pair.role(RECOVERY, RECOVERY_DB)


def test_an_unknown_instance_or_one_in_a_dark_region_is_gone(pair: Pair) -> None:
    pair.dark()

    assert "gone" == pair.role(HOME, HOME_DB)
    assert "gone" == pair.role(RECOVERY, "recovery-2")
    assert "gone" == pair.role("no-such-region", RECOVERY_DB)
    assert [] == pair.writers()
    with pytest.raises(DatabaseGoneError, match="home-1 in us-east-2 does not answer"):
        pair.write(1)
    with pytest.raises(DatabaseGoneError):
        pair.rows(HOME, HOME_DB)


def test_a_replica_takes_no_writes(pair: Pair) -> None:
    with pytest.raises(ReadOnlyError, match="recovery-1 in us-west-2 takes no writes"):
        pair.write(1, RECOVERY, RECOVERY_DB)


# Following


def test_a_row_is_on_the_replica_after_the_lag_and_not_before(pair: Pair) -> None:
    pair.world.advance(30)
    pair.write(1)
    assert ([1], []) == (pair.rows(HOME, HOME_DB), pair.rows())

    pair.world.advance(2)
    assert [] == pair.rows()

    pair.world.advance(1)
    assert [1] == pair.rows()
    assert {1: "sha-1"} == pair.world.databases.read(RECOVERY, RECOVERY_DB, "r")
    assert {} == pair.world.databases.read(RECOVERY, RECOVERY_DB, "another-run")


def test_a_dark_source_sends_no_more_and_what_was_received_is_applied(pair: Pair) -> None:
    pair.world.advance(30)
    pair.write(1)
    pair.world.advance(1)
    pair.write(2)
    pair.dark()

    pair.world.advance(60)

    assert [1] == pair.rows(), "the first row was received, the second had not left home"


def test_a_replica_goes_on_when_its_source_is_back(pair: Pair) -> None:
    pair.write(1)
    pair.dark()
    pair.world.advance(120)
    assert [] == pair.rows()
    pair.lit()
    pair.world.advance(30)

    assert [1] == pair.rows()
    assert [(HOME, HOME_DB)] == pair.writers(), "an unfenced home writes as soon as it is back"


def test_a_replica_that_is_behind_lags_more_and_more_and_catches_up_afterwards(pair: Pair) -> None:
    pair.world.faults.inject("replica-behind", RECOVERY, {"seconds": 300})
    pair.world.advance(200)
    pair.write(1)
    pair.world.advance(280)
    assert [] == pair.rows()
    during = [lag for _, lag in pair.lags()]

    pair.world.faults.lift("replica-behind", RECOVERY)
    pair.world.advance(4)
    assert [] == pair.rows(), "it applies four seconds of writing in a second"
    pair.world.advance(170)

    assert sorted(during) == during
    assert 300 == during[-1]
    assert [1] == pair.rows()
    assert 2 == pair.lags()[-1][1]


def _row(pair: Pair, number: int) -> None:
    if pair.role(HOME, HOME_DB) == "writer":
        pair.write(number)


_DEEDS: Final[dict[str, Callable[[Pair, int], object]]] = {
    "write": _row,
    "home goes dark": lambda pair, _: pair.dark(HOME),
    "home is back": lambda pair, _: pair.lit(HOME),
    "recovery goes dark": lambda pair, _: pair.dark(RECOVERY),
    "recovery is back": lambda pair, _: pair.lit(RECOVERY),
    "behind": lambda pair, _: pair.world.faults.inject("replica-behind", RECOVERY, {"seconds": 60}),
    "behind no more": lambda pair, _: pair.world.faults.lift("replica-behind", RECOVERY),
    "fence": lambda pair, _: pair.fence(HOME, HOME_DB),
    "no fence": lambda pair, _: pair.fence(HOME, HOME_DB, "0"),
    "time": lambda pair, number: pair.world.advance(number % 7 * 9),
}


@settings(max_examples=8)
@given(st.lists(st.sampled_from(sorted(_DEEDS)), max_size=40))
def test_a_replica_has_the_first_rows_of_its_source_in_order_and_loses_none(deeds: list[str]) -> None:
    with rds_pair() as pair:
        count = 0
        for number, deed in enumerate(deeds, start=1):
            _DEEDS[deed](pair, number)
            source, replica = (pair.world.databases.find(*key) for key in ((HOME, HOME_DB), (RECOVERY, RECOVERY_DB)))
            assert source is not None
            assert replica is not None
            assert source.rows[: len(replica.rows)] == replica.rows
            assert count <= len(replica.rows)
            count = len(replica.rows)


# What CloudWatch is told


def test_the_lag_is_reported_each_minute_with_the_time_of_its_minute_and_late(pair: Pair) -> None:
    pair.world.advance(99)
    assert [] == pair.lags()

    pair.world.advance(1)
    assert [(START, 2.0)] == pair.lags(), "the minute ended at 60 s, and CloudWatch shows it 40 s later"

    pair.world.advance(60)
    assert [START, START + timedelta(minutes=1)] == [at for at, _ in pair.lags()]


def test_what_stands_at_the_beginning_has_been_reported_before(pair: Pair) -> None:
    pair.world.advance(1)

    found = pair.client("cloudwatch", RECOVERY).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="ReplicaLag",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": RECOVERY_DB}],
        Statistics=["Maximum"],
        Period=60,
        StartTime=START - timedelta(minutes=5),
        EndTime=START,
    )["Datapoints"]

    assert [0.0] * 5 == [point["Maximum"] for point in found]


def test_a_primary_reports_no_lag_but_reports(pair: Pair) -> None:
    pair.world.advance(120)
    dimensions = {"DBInstanceIdentifier": HOME_DB}

    assert [] == pair.lags(HOME, HOME_DB)
    for metric in ("CPUUtilization", "DatabaseConnections"):
        assert pair.world.metrics.recent(HOME, "AWS/RDS", metric, dimensions, 120)


def test_broken_replication_is_reported_as_minus_one_once_all_is_applied(pair: Pair) -> None:
    pair.world.faults.inject("replica-behind", RECOVERY, {"seconds": 150})
    pair.world.advance(150)
    pair.dark()
    pair.world.advance(310)
    lags = [lag for _, lag in pair.lags()]

    assert [60, 120, 120, 60, -1, -1, -1] == lags, "it says 0 at no time, for the source's last seconds never came"


def test_a_fenced_source_is_caught_up_with_and_the_lag_is_zero(pair: Pair) -> None:
    pair.world.advance(30)
    pair.write(1)
    pair.fence(HOME, HOME_DB)
    pair.world.advance(220)

    assert [0.0] * 3 == [lag for _, lag in pair.lags()]
    assert [1] == pair.rows()


# The whole way round


def test_the_way_round_keeps_every_row_and_ends_with_one_writer(pair: Pair) -> None:
    pair.write(1)
    pair.world.advance(10)
    pair.dark()
    pair.promote(BackupRetentionPeriod=DAYS)
    pair.world.advance(201)
    pair.write(2, RECOVERY, RECOVERY_DB)
    pair.fence(HOME, HOME_DB)
    pair.lit()
    pair.world.advance(12)
    home, recovery = pair.rds(HOME), pair.shown(RECOVERY, RECOVERY_DB)["DBInstanceArn"]
    home.modify_db_instance(DBInstanceIdentifier=HOME_DB, NewDBInstanceIdentifier="home-1-aside", ApplyImmediately=True)
    pair.replicate(HOME, "home-2", recovery)
    pair.world.advance(601)
    home.modify_db_instance(DBInstanceIdentifier="home-2", BackupRetentionPeriod=DAYS)
    pair.world.advance(41)
    pair.write(3, RECOVERY, RECOVERY_DB)
    pair.fence(RECOVERY, RECOVERY_DB)
    pair.world.advance(30)
    pair.promote(HOME, "home-2", BackupRetentionPeriod=DAYS)
    pair.world.advance(201)

    assert [(HOME, "home-2")] == pair.writers()
    assert [1, 2, 3] == pair.rows(HOME, "home-2") == pair.rows()
    assert [1] == pair.rows(HOME, "home-1-aside")
    pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, "home-2")["DBInstanceArn"])
    pair.world.advance(601)
    assert [1, 2, 3] == pair.rows(RECOVERY, "recovery-2")
    assert 1 == len(pair.shown(HOME, "home-2")["ReadReplicaDBInstanceIdentifiers"])


# The world


def test_a_cell_that_was_built_with_the_names_of_the_program_goes_by_the_law() -> None:
    with small_cell() as small:
        pair = Pair(world=World(small.account))
        with databases.installed(pair.world), metrics.installed(pair.world):
            pair.begin(1)
            home, recovery = small.manifest.home.database, small.manifest.recovery.database
            assert [(HOME, home.identifier)] == pair.writers()
            pair.write(1, HOME, home.identifier)
            pair.world.advance(60)
            pair.dark()
            assert "modifying" == pair.promote(RECOVERY, recovery.identifier, BackupRetentionPeriod=DAYS)
            pair.world.advance(300)

            assert [1] == pair.rows(RECOVERY, recovery.identifier)
            assert [(RECOVERY, recovery.identifier)] == pair.writers()


def test_before_the_world_begins_all_is_made_at_once() -> None:
    with rds_pair(begun=False) as pair:
        made = pair.replicate(RECOVERY, "recovery-2", pair.shown(HOME, HOME_DB)["DBInstanceArn"])
        pair.rds(RECOVERY).modify_db_instance(DBInstanceIdentifier="recovery-2", BackupRetentionPeriod=DAYS)
        pair.rds(RECOVERY).reboot_db_instance(DBInstanceIdentifier="recovery-2")
        pair.rds(RECOVERY).create_db_snapshot(DBSnapshotIdentifier="s", DBInstanceIdentifier=RECOVERY_DB)
        pair.fence(HOME, HOME_DB)

        assert "available" == made["DBInstanceStatus"] == pair.status(RECOVERY, "recovery-2")
        assert "in-sync" == pair.applied(HOME, HOME_DB)
        assert "available" == pair.promote()
        pair.rds(RECOVERY).delete_db_instance(DBInstanceIdentifier=RECOVERY_DB, SkipFinalSnapshot=True)


def test_a_new_beginning_takes_what_stands_and_nothing_is_under_way(pair: Pair) -> None:
    pair.write(1)
    pair.fence(HOME, HOME_DB)
    pair.promote()
    pair.begin(2)

    assert "available" == pair.status(RECOVERY, RECOVERY_DB)
    assert "read-only" == pair.role(RECOVERY, RECOVERY_DB), "the promotion was never finished"
    assert "read-only" == pair.role(HOME, HOME_DB), "the parameter group says so"
    assert [] == pair.rows(HOME, HOME_DB)
    pair.world.advance(300)
    assert "available" == pair.status(RECOVERY, RECOVERY_DB)


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    def events(seed: int) -> list[tuple[float, str]]:
        with rds_pair(begun=False, figures=Figures()) as pair:
            pair.begin(seed)
            pair.fence(HOME, HOME_DB)
            pair.promote()
            pair.world.advance(300)
            return [(event.at, event.what) for event in pair.world.events]

    assert events(3) == events(3)
    assert events(3) != events(4)
