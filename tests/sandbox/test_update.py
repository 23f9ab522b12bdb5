"""The real us cell, brought to the state after a failover and the rebuilding of home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from domain import manifest
from ops.engine import project, runner
from ops.engine.record import reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from ops.sandbox.physics.world import World
from ops.sandbox.refusals import WorldError
from ops.sandbox.updates.update import Standing, Update
from tests.support import ACCOUNT, HOME, RECOVERY, told

pytestmark = pytest.mark.slow("builds the us cell and brings it through an update, for each resource in turn")

MOVED = {"writer": "recovery", "homeGeneration": 2}


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The us cell after a failover and the rebuilding of home, and what the update told."""

    cloud: Cloud
    standing: Standing
    refused: str
    done: Update
    again: Update


@pytest.fixture(scope="module")
def moved() -> Iterator[Moved]:
    world = World(ACCOUNT)
    with local_aws(ACCOUNT), world.installed():
        cloud = Cloud()
        program = runner.run(project.load("us"), cloud)
        standing = Standing(cloud, program, lambda settings: project.load("us", overrides=settings), lock=world.lock)
        world.beside = standing
        world.begin(1)
        done = standing.update(MOVED)
        assert standing.under_way, "a replica takes minutes to be made, and is waited for"
        with pytest.raises(WorldError, match="another update is under way"):
            standing.update({})
        world.advance(3600)
        assert not standing.under_way
        with pytest.raises(WorldError) as caught:
            standing.update({})
        yield Moved(cloud=cloud, standing=standing, refused=str(caught.value), done=done, again=standing.update(MOVED))


def databases(moved: Moved, region: str) -> dict[str, Any]:
    found = moved.cloud.client("rds", region).describe_db_instances()["DBInstances"]
    return {item["DBInstanceIdentifier"]: item for item in found}


def test_the_lost_homes_database_is_renamed_aside_and_a_new_one_follows_recovery(moved: Moved) -> None:
    home, recovery = databases(moved, HOME), databases(moved, RECOVERY)
    assert {"medical-us-use2-db-1-aside", "medical-us-use2-db-2"} == set(home)
    assert ["medical-us-usw2-db-1"] == list(recovery)
    writer = recovery["medical-us-usw2-db-1"]
    assert writer["DBInstanceArn"] == home["medical-us-use2-db-2"]["ReadReplicaSourceDBInstanceIdentifier"]
    assert "ReadReplicaSourceDBInstanceIdentifier" not in writer, "it was promoted"
    assert (True, 14) == (writer["MultiAZ"], writer["BackupRetentionPeriod"])
    aside = home["medical-us-use2-db-1-aside"]
    assert (False, True) == (aside["MultiAZ"], aside["DeletionProtection"])


def test_what_is_kept_aside_is_fenced_and_the_new_one_is_not(moved: Moved) -> None:
    rds = moved.cloud.client("rds", HOME)
    fences = {}
    for name in ("medical-us-use2-db-1-mysql84", "medical-us-use2-db-2-mysql84"):
        found = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
        fences[name] = [item["ParameterValue"] for item in found if item["ParameterName"] == "read_only"]
    assert {"medical-us-use2-db-1-mysql84": ["1"], "medical-us-use2-db-2-mysql84": []} == fences


def test_what_depends_on_the_new_database_is_told_where_it_is(moved: Moved) -> None:
    new = databases(moved, HOME)["medical-us-use2-db-2"]
    for region in (HOME, RECOVERY):
        ssm = moved.cloud.client("ssm", region)
        text = ssm.get_parameter(Name=manifest.parameter_name("us"), WithDecryption=True)["Parameter"]["Value"]
        found = manifest.read(text)
        assert ("recovery", 2, new["DBInstanceArn"]) == (
            found.writer,
            found.home.database.generation,
            found.home.database.arn,
        )
    ec2 = moved.cloud.client("ec2", HOME)
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
    last = max(versions["LaunchTemplateVersions"], key=lambda item: item["VersionNumber"])
    assert 2 == last["VersionNumber"]
    assert new["Endpoint"]["Address"] == told(last["LaunchTemplateData"]["UserData"])["database"]["host"]
    (group,) = moved.cloud.client("autoscaling", HOME).describe_auto_scaling_groups()["AutoScalingGroups"]
    assert group["LaunchTemplate"]["Version"] in ("2", "$Latest")


def test_alarms_and_backups_go_with_the_databases(moved: Moved) -> None:
    def lags(region: str) -> list[str]:
        alarms = moved.cloud.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        return [item["AlarmName"] for item in alarms if item["AlarmName"].endswith("replica-lag")]

    assert ["medical-us-use2-db-2-replica-lag"] == lags(HOME)
    assert [] == lags(RECOVERY)
    plans = {region: moved.cloud.client("backup", region).list_backup_plans() for region in (HOME, RECOVERY)}
    assert (0, 2) == (len(plans[HOME]["BackupPlansList"]), len(plans[RECOVERY]["BackupPlansList"]))


def test_nothing_was_left_undone_and_a_second_update_has_nothing_to_do(moved: Moved) -> None:
    assert [] == moved.done.left
    assert "aws:rds/instance:Instance home-database-2" in moved.done.created
    assert Update() == moved.again


def test_the_record_is_what_stands(moved: Moved) -> None:
    urns = {item.name: item for item in moved.standing.program.of_type("aws:rds/instance:Instance")}
    for name, identifier in (
        ("home-database-1", "medical-us-use2-db-1-aside"),
        ("home-database-2", "medical-us-use2-db-2"),
    ):
        found = databases(moved, HOME)[identifier]
        assert (identifier, found["DBInstanceArn"], found["Endpoint"]["Address"]) == (
            urns[name].id,
            urns[name].outputs["arn"],
            urns[name].outputs["address"],
        )
    assert "${" not in json.dumps(reveal(moved.standing.program.exports)), "no mark is left in the outputs"


def test_an_update_that_would_lose_a_database_changes_nothing(moved: Moved) -> None:
    assert "delete the database home-database-2" in moved.refused
    assert Update() == moved.again, "all is as it was"
