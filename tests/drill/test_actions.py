"""Each action on moto: what it does, what undoes it, and how it is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from botocore.stub import Stubber

from domain.continuity import State
from ops.drill import stackfile
from ops.drill.actions import database
from ops.drill.arguments import ArgumentError
from ops.drill.calls import ActionError, DeniedError, call
from ops.drill.catalog import act, observe
from ops.drill.model import Action, Condition, Outcome, Value
from ops.drill.site import UnreachableError
from ops.engine.project import ROOT
from tests.drill.stage import Stage, StageSite, at, lone_client, rebuild
from tests.small_cell import small_cell
from tests.support import HOME, RECOVERY


@pytest.fixture
def stage() -> Iterator[Stage]:
    with small_cell() as small:
        yield Stage(small=small, site=StageSite(small=small, time=at(600)))


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """A preview whose verdict is told."""

    safe: bool

    def result(self) -> tuple[bool, str]:
        return self.safe, "told"


def do(stage: Stage, name: str, **arguments: Value) -> str:
    return act(Action(name=name, arguments=arguments), stage.context)


def read_only(stage: Stage, group: str, region: str = HOME) -> list[str]:
    found = stage.client("rds", region).describe_db_parameters(DBParameterGroupName=group, Source="user")["Parameters"]
    return [item["ParameterValue"] for item in found if item["ParameterName"] == "read_only"]


def group_size(stage: Stage) -> tuple[int, int]:
    name = stage.manifest.recovery.fleet.autoscaling_group
    (found,) = stage.client("autoscaling", RECOVERY).describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    return found["MinSize"], found["DesiredCapacity"]


def test_a_fence_is_put_up_and_taken_away(stage: Stage) -> None:
    group = stage.manifest.home.database.parameter_group
    do(stage, "fence", side="home")
    assert ["1"] == read_only(stage, group)
    do(stage, "unfence", side="home")
    assert ["{TrueIfReplica}"] == read_only(stage, group)
    assert observe(Condition(probe="one-writer"), stage.context).holds is True


def test_a_fence_stays_while_the_other_side_can_be_written_to(stage: Stage) -> None:
    do(stage, "fence", side="recovery")
    with pytest.raises(ActionError, match="medical-us-use2-db-1 can be written to"):
        do(stage, "unfence", side="recovery")
    assert ["1"] == read_only(stage, stage.manifest.recovery.database.parameter_group, RECOVERY)


def test_a_fence_of_a_lost_region_is_unreachable(stage: Stage) -> None:
    stage.site.dark.add(HOME)
    with pytest.raises(UnreachableError, match="rds:ModifyDBParameterGroup in us-east-2"):
        do(stage, "fence", side="home")


def test_nothing_is_promoted_before_the_other_side_is_fenced(stage: Stage) -> None:
    for outcome in (None, Outcome.FAILED, Outcome.INCONCLUSIVE):
        if outcome:
            stage.marks.outcomes["fence-home"] = outcome
        with pytest.raises(ActionError, match="fence-home"):
            do(stage, "promote", side="recovery")
    assert stage.instance("recovery").is_replica


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.ALREADY, Outcome.OVERRIDDEN])
def test_a_promotion_keeps_the_days_of_backups(stage: Stage, outcome: Outcome) -> None:
    stage.marks.outcomes["fence-home"] = outcome
    assert "keeps backups for 14 days" in do(stage, "promote", side="recovery")
    assert 14 == stage.instance("recovery").backup_retention_period


def test_a_primary_is_not_promoted(stage: Stage) -> None:
    stage.marks.outcomes["fence-recovery"] = Outcome.DONE
    with pytest.raises(ActionError, match="is a primary"):
        do(stage, "promote", side="home")


def test_a_failback_promotes_the_replica_that_was_rebuilt_and_never_the_old_one(stage: Stage) -> None:
    stage.steps = (rebuild("rebuild-home", State(writer="recovery", home_generation=2, recovery_generation=1)),)
    stage.marks.outcomes |= {"fence-recovery": Outcome.DONE, "rebuild-home": Outcome.DONE}
    with pytest.raises(ActionError, match="no instance medical-us-use2-db-2"):
        do(stage, "promote", side="home")


def test_a_promotion_during_a_backup_says_to_try_again() -> None:
    rds = lone_client("rds", RECOVERY)
    replica = {"DBInstanceIdentifier": "r", "ReadReplicaSourceDBInstanceIdentifier": "s", "BackupRetentionPeriod": 7}
    with Stubber(rds) as stub:
        stub.add_response("describe_db_instances", {"DBInstances": [replica]}, {"DBInstanceIdentifier": "r"})
        stub.add_client_error(
            "promote_read_replica",
            "InvalidDBInstanceState",
            "Instance is backing-up.",
            400,
            expected_params={"DBInstanceIdentifier": "r", "BackupRetentionPeriod": 7},
        )
        with pytest.raises(ActionError, match="cannot be cancelled"):
            database.promote(rds, "r")


@pytest.mark.parametrize(
    ("code", "status", "error", "words"),
    [
        ("AccessDenied", 403, DeniedError, "grant rds:ModifyDBParameterGroup"),
        ("InternalFailure", 500, UnreachableError, "answered 500"),
        ("Throttling", 400, UnreachableError, "held back"),
        ("ExpiredToken", 403, ActionError, "sign in again"),
        ("RequestExpired", 400, ActionError, "clock of this machine"),
        ("DBParameterGroupNotFound", 404, ActionError, "make a new plan"),
        ("SomethingNew", 400, ActionError, "SomethingNew: because"),
    ],
)
def test_a_refusal_says_what_to_do(code: str, status: int, error: type[Exception], words: str) -> None:
    rds = lone_client("rds", HOME)
    with Stubber(rds) as stub:
        stub.add_client_error("modify_db_parameter_group", code, "because", status)
        with pytest.raises(error, match=words):
            call(rds, "modify_db_parameter_group", DBParameterGroupName="g", Parameters=[])


def test_recovery_grows_and_shrinks(stage: Stage) -> None:
    do(stage, "grow", side="recovery", count=3)
    assert (3, 3) == group_size(stage)
    do(stage, "grow", side="recovery", count=2)
    assert (2, 3) == group_size(stage), "what runs goes on"
    do(stage, "shrink", side="recovery", count=1)
    assert (1, 1) == group_size(stage)


def test_a_group_grows_no_further_than_its_maximum(stage: Stage) -> None:
    with pytest.raises(ActionError, match="6 instances at most, not 7"):
        do(stage, "grow", side="recovery", count=7)
    assert (1, 1) == group_size(stage)


def test_the_switch_is_turned_in_recovery_alone(stage: Stage) -> None:
    stage.site.dark.add(HOME)
    do(stage, "turn-switch", on=True)
    do(stage, "turn-switch", on=False)
    found = stage.client("cloudwatch", RECOVERY).list_metrics(Namespace="Medical/Continuity")["Metrics"]
    assert ["FailoverSwitch", [{"Name": "Cell", "Value": "us"}]] == [found[0]["MetricName"], found[0]["Dimensions"]]
    with pytest.raises(ArgumentError, match="true or false"):
        do(stage, "turn-switch", on="False")


def test_faults_happen_in_their_sides_region_or_in_none(stage: Stage) -> None:
    do(stage, "inject", fault="replica-behind", side="recovery", seconds=90)
    do(stage, "lift", fault="replica-behind", side="recovery")
    do(stage, "inject", fault="stale-dns", side="", seconds=60)
    expected = [
        ("inject", "replica-behind", RECOVERY, "seconds=90"),
        ("lift", "replica-behind", RECOVERY),
        ("inject", "stale-dns", "", "seconds=60"),
    ]
    assert expected == stage.site.done
    with pytest.raises(ArgumentError, match="choose one of"):
        do(stage, "inject", fault="earthquake", side="home")
    with pytest.raises(ArgumentError, match="give a number"):
        do(stage, "inject", fault="replica-behind", side="recovery", seconds="90")


def test_a_state_is_declared_in_the_words_of_the_configuration(stage: Stage) -> None:
    said = do(stage, "declare", writer="recovery", home_generation=2, recovery_generation=1)
    assert "writer=recovery homeGeneration=2 recoveryGeneration=1" == said
    with pytest.raises(ArgumentError, match="is no state"):
        do(stage, "declare", writer="recovery", home_generation=1, recovery_generation=5)


def test_the_stacks_file_is_written_and_read_again(stage: Stage, tmp_path: Path) -> None:
    stackfile.copy("us", ROOT, tmp_path)
    stage.folder = tmp_path
    state: dict[str, Value] = {"writer": "recovery", "home_generation": 1, "recovery_generation": 1}
    probe = Condition(probe="declared", arguments=state)
    assert observe(probe, stage.context).holds is False
    do(stage, "write-config", **state)
    assert "not previewed" in observe(probe, stage.context).text
    for safe in (True, False):
        assert safe is observe(probe, replace(stage.context, foresight=Previewed(safe=safe))).holds
    shutil.rmtree(tmp_path)
    with pytest.raises(ActionError, match=r"Pulumi\.us\.yaml"):
        do(stage, "write-config", **state)


def test_an_unknown_action_is_refused_with_a_choice(stage: Stage) -> None:
    with pytest.raises(ArgumentError, match="choose one of inject"):
        do(stage, "hope")
