"""Each probe says yes, no, and that it has no data; and each real failover's mistake that a probe would catch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.stub import Stubber

from domain import markers
from domain.continuity import State
from ops.drill import lock
from ops.drill.arguments import ArgumentError
from ops.drill.catalog import observe
from ops.drill.model import Condition, Observation, Outcome, Value
from ops.drill.probes import fleet
from ops.drill.site import UnreachableError
from tests.drill.stage import RUN, Stage, StageSite, at, lone_client, rebuild, seen
from tests.small_cell import small_cell
from tests.support import HOME, RECOVERY


@pytest.fixture
def stage() -> Iterator[Stage]:
    with small_cell() as small:
        yield Stage(small=small, site=StageSite(small=small, time=at(600)))


def ask(stage: Stage, probe: str, **arguments: Value) -> Observation:
    return observe(Condition(probe=probe, arguments=arguments), stage.context)


# -- databases


def test_a_fence_holds_only_if_group_and_service_agree(stage: Stage) -> None:
    stage.answers("home", "/readyz", {"status": "ready"})
    assert ask(stage, "fenced", side="home").holds is False
    stage.fence(HOME)
    assert ask(stage, "fenced", side="home").holds is False, "the service still finds a writer"
    stage.answers("home", "/readyz", {"status": "read-only"})
    assert ask(stage, "fenced", side="home").holds is True


def test_a_fence_that_is_still_being_applied_is_none(stage: Stage) -> None:
    from moto.rds.models import DBInstance  # noqa: PLC0415 - moto reads its environment first

    def applying(instance: DBInstance) -> Any:  # noqa: ANN401 - moto's own
        groups = instance.db_parameter_groups()
        for group in groups:
            group.ParameterApplyStatus = "applying"  # type: ignore[attr-defined]
        return groups

    stage.fence(HOME)
    stage.answers("home", "/readyz", {"status": "read-only"})
    with mock.patch.object(DBInstance, "db_parameter_group_status_list", property(applying)):
        assert ask(stage, "fenced", side="home").holds is False
        assert 1 == ask(stage, "one-writer").values["writers"]
    assert (True, 0) == (ask(stage, "fenced", side="home").holds, ask(stage, "one-writer").values["writers"])


def test_a_fence_whose_service_does_not_answer_is_not_known(stage: Stage) -> None:
    stage.fence(HOME)
    with pytest.raises(UnreachableError, match="read_only=1"):
        ask(stage, "fenced", side="home")


def test_a_side_that_is_unready_for_another_reason_may_be_fenced(stage: Stage) -> None:
    stage.fence(HOME)
    checks = {"database": {"ok": True, "role": "reader"}, "cache": {"ok": False}}
    stage.answers("home", "/readyz", {"status": "unready", "checks": checks}, 503)
    assert ask(stage, "fenced", side="home").holds is True


def test_an_instance_that_does_not_stand_has_no_data(stage: Stage) -> None:
    steps = (rebuild("rebuild-home", State(writer="recovery", home_generation=2, recovery_generation=1)),)
    stage.steps = steps
    stage.marks.outcomes["rebuild-home"] = Outcome.DONE
    for probe in ("fenced", "may-promote", "promoted"):
        found = ask(stage, probe, side="home")
        assert (None, True) == (found.holds, "medical-us-use2-db-2" in found.text), probe


@pytest.mark.parametrize(("arrived", "holds"), [((1, 2), True), ((1,), False)])
def test_a_lag_of_zero_after_the_fence_and_the_last_row_prove_that_nothing_is_lacking(
    stage: Stage, arrived: tuple[int, ...], *, holds: bool
) -> None:
    stage.marks.over["fence-home"] = at(300)
    stage.traffic.tries = [seen(1, 280), seen(2, 285)]
    rows = {str(number): markers.checksum(markers.content(RUN, number)) for number in arrived}
    stage.answers("recovery", markers.path(RUN), {"rows": rows, "objects": {}})
    stage.lag(0, at(360))
    found = ask(stage, "caught-up", side="recovery", after="fence-home")
    assert holds is found.holds, "a lag of zero is said of a receiver that stands still, too"


def test_a_lag_of_zero_without_any_row_proves_nothing(stage: Stage) -> None:
    stage.marks.over["fence-home"] = at(300)
    stage.answers("recovery", markers.path(RUN), {"rows": {}, "objects": {}})
    stage.lag(0, at(360))
    assert ask(stage, "caught-up", side="recovery", after="fence-home").holds is None


def test_a_lag_above_zero_or_of_a_stopped_replication_is_none(stage: Stage) -> None:
    stage.marks.over["fence-home"] = at(300)
    stage.lag(-1, at(360))
    assert ask(stage, "caught-up", side="recovery", after="fence-home").holds is False, "-1 is no zero"
    stage.lag(2.5, at(420))
    assert ask(stage, "caught-up", side="recovery", after="fence-home").holds is False


def test_a_lag_without_datapoints_is_not_read_as_zero(stage: Stage) -> None:
    stage.marks.over["fence-home"] = at(300)
    found = ask(stage, "caught-up", side="recovery", after="fence-home")
    assert (None, None) == (found.holds, found.values["lag_seconds"])


def test_a_lag_of_before_the_fence_proves_nothing(stage: Stage) -> None:
    stage.marks.over["fence-home"] = at(300)
    stage.lag(0, at(240))
    assert ask(stage, "caught-up", side="recovery", after="fence-home").holds is None
    assert ask(stage, "caught-up", side="recovery", after="never").holds is None


def test_a_lag_from_the_future_shows_that_the_clock_is_wrong(stage: Stage) -> None:
    stage.marks.over["fence-home"] = at(300)
    stage.lag(0, at(720))
    found = ask(stage, "caught-up", side="recovery", after="fence-home")
    assert (None, 120) == (found.holds, found.values["clock_behind_seconds"])


@pytest.mark.parametrize(("lag", "holds"), [(-1, True), (0, True), (4, False)])
def test_of_a_lost_source_nothing_more_comes_once_replication_has_stopped(
    stage: Stage, lag: float, *, holds: bool
) -> None:
    stage.marks.fault_at = at(300)
    stage.lag(1.5, at(240))
    stage.lag(lag, at(360))
    found = ask(stage, "received-applied", side="recovery")
    assert (holds, 1.5) == (found.holds, found.values["lag_before_seconds"])


def test_of_a_lost_source_no_datapoint_is_no_data(stage: Stage) -> None:
    assert ask(stage, "received-applied", side="recovery").holds is None, "nothing is lost yet"
    stage.marks.fault_at = at(300)
    stage.lag(0, at(240))
    assert ask(stage, "received-applied", side="recovery").holds is None


def test_a_replica_stands_with_its_source_backups_and_groups_of_its_own(stage: Stage) -> None:
    assert ask(stage, "replica-standing", side="recovery").holds is True
    stage.client("rds", RECOVERY).modify_db_instance(
        DBInstanceIdentifier=stage.manifest.recovery.database.identifier,
        BackupRetentionPeriod=0,
        ApplyImmediately=True,
    )
    found = ask(stage, "replica-standing", side="recovery")
    assert (False, True) == (found.holds, "keeps no backups" in found.text)
    assert ask(stage, "replica-standing", side="home").holds is False, "home's is no replica"


def test_a_default_security_group_on_the_replica_is_found(stage: Stage) -> None:
    groups = stage.client("ec2", RECOVERY).describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    stage.client("rds", RECOVERY).modify_db_instance(
        DBInstanceIdentifier=stage.manifest.recovery.database.identifier,
        VpcSecurityGroupIds=[groups[0]["GroupId"]],
        ApplyImmediately=True,
    )
    found = ask(stage, "replica-standing", side="recovery")
    assert (False, True) == (found.holds, "default security group" in found.text)


def test_a_default_parameter_group_on_the_replica_is_found(stage: Stage) -> None:
    rds = stage.client("rds", RECOVERY)
    rds.create_db_parameter_group(
        DBParameterGroupName="default.mysql8.4", DBParameterGroupFamily="mysql8.4", Description="default"
    )
    rds.modify_db_instance(
        DBInstanceIdentifier=stage.manifest.recovery.database.identifier,
        DBParameterGroupName="default.mysql8.4",
        ApplyImmediately=True,
    )
    found = ask(stage, "replica-standing", side="recovery")
    assert (False, True) == (found.holds, "default.mysql8.4" in found.text)


def test_a_replica_is_promoted_only_while_available(stage: Stage) -> None:
    assert ask(stage, "may-promote", side="recovery").holds is True
    stage.instance("recovery").status = "backing-up"
    found = ask(stage, "may-promote", side="recovery")
    assert (False, True) == (found.holds, "backing-up" in found.text)
    assert ask(stage, "may-promote", side="home").holds is False, "a primary is never promoted"


def test_a_replica_is_promoted_when_neither_side_knows_the_link(stage: Stage) -> None:
    assert ask(stage, "promoted", side="recovery").holds is False
    _unlink(stage, both=False)
    assert ask(stage, "promoted", side="recovery").holds is False, "home still counts it as its replica"
    stage.site.dark.add(HOME)
    assert ask(stage, "promoted", side="recovery").holds is True, "a home that is lost is not needed"
    stage.site.dark.clear()
    _unlink(stage, both=True)
    assert ask(stage, "promoted", side="recovery").holds is True


def test_an_unfenced_promotion_is_seen_as_two_writers(stage: Stage) -> None:
    assert ask(stage, "one-writer").holds is True
    _unlink(stage, both=True)
    found = ask(stage, "at-most-one-writer")
    assert (False, 2) == (found.holds, found.values["writers"])
    assert ask(stage, "one-writer").holds is False
    stage.fence(HOME)
    assert ask(stage, "one-writer").holds is True


def test_no_writer_at_all_is_not_one_but_no_split_either(stage: Stage) -> None:
    stage.fence(HOME)
    assert (False, True) == (ask(stage, "one-writer").holds, ask(stage, "at-most-one-writer").holds)


def test_writers_are_unknown_if_no_region_answers(stage: Stage) -> None:
    stage.site.dark.update((HOME, RECOVERY))
    with pytest.raises(UnreachableError):
        ask(stage, "one-writer")


def test_a_rebuilt_replica_follows_with_a_lag_of_zero(stage: Stage) -> None:
    assert ask(stage, "replica-follows", side="recovery", generation=1).holds is None, "no datapoint"
    stage.lag(3, at(480))
    assert ask(stage, "replica-follows", side="recovery", generation=1).holds is False
    stage.lag(0, at(540))
    assert ask(stage, "replica-follows", side="recovery", generation=1).holds is True
    assert ask(stage, "replica-follows", side="recovery", generation=2).holds is None, "it is not made yet"
    assert ask(stage, "replica-follows", side="home", generation=1).holds is False, "home's follows nobody"


# -- fleets


def test_a_group_is_told_to_be_so_large(stage: Stage) -> None:
    assert (True, False) == tuple(ask(stage, "desired", side="recovery", count=count).holds for count in (1, 2))
    _without_group(stage)
    assert ask(stage, "desired", side="recovery", count=1).holds is None


def test_instances_count_in_service_and_healthy(stage: Stage) -> None:
    assert (True, False) == tuple(ask(stage, "in-service", side="recovery", count=count).holds for count in (1, 2))
    _without_group(stage)
    assert ask(stage, "in-service", side="recovery", count=1).holds is None


def test_a_shortage_of_capacity_is_told_as_such() -> None:
    autoscaling, elb = lone_client("autoscaling"), lone_client("elbv2")
    group: dict[str, Any] = {
        "AutoScalingGroupName": "g",
        "MinSize": 2,
        "MaxSize": 6,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-west-2a"],
        "HealthCheckType": "ELB",
        "CreatedTime": at(0),
        "Instances": [],
    }
    failed = {
        "ActivityId": "a",
        "AutoScalingGroupName": "g",
        "Cause": "c",
        "StartTime": at(300),
        "StatusCode": "Failed",
        "StatusMessage": "We currently do not have sufficient capacity.",
    }
    with Stubber(autoscaling) as first, Stubber(elb) as second:
        first.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]})
        second.add_response("describe_target_health", {"TargetHealthDescriptions": []})
        first.add_response("describe_scaling_activities", {"Activities": [failed]})
        found = fleet.in_service(autoscaling, elb, "g", "arn:target", 2)
    assert (False, True) == (found.holds, "do not have sufficient capacity" in found.text)


# -- routing


def test_the_switch_is_read_from_its_alarm(stage: Stage) -> None:
    cloudwatch, name = stage.client("cloudwatch", RECOVERY), stage.manifest.switch.alarm
    for state, on, off in (("ALARM", True, False), ("OK", False, True), ("INSUFFICIENT_DATA", None, None)):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")
        assert (on, off) == (ask(stage, "switch", on=True).holds, ask(stage, "switch", on=False).holds)
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert ask(stage, "switch", on=True).holds is None


def test_a_text_is_no_truth_value(stage: Stage) -> None:
    with pytest.raises(ArgumentError, match="'False'"):
        ask(stage, "switch", on="False")


def test_an_alarm_is_found_by_a_part_of_its_name(stage: Stage) -> None:
    assert ask(stage, "alarm", side="recovery", name_part="replica-lag", state="OK").holds is True
    assert ask(stage, "alarm", side="recovery", name_part="replica-lag", state="ALARM").holds is False
    assert ask(stage, "alarm", side="home", name_part="replica-lag", state="OK").holds is None


def test_a_side_is_ready_when_its_own_service_says_so(stage: Stage) -> None:
    stage.answers("recovery", "/readyz", {"status": "read-only"})
    assert ask(stage, "ready", side="recovery").holds is False
    stage.answers("recovery", "/readyz", {"status": "ready"})
    assert ask(stage, "ready", side="recovery").holds is True
    with pytest.raises(UnreachableError):
        ask(stage, "ready", side="home")


def test_a_region_answers_or_does_not(stage: Stage) -> None:
    stage.site.dark.add(HOME)
    assert (True, False) == (ask(stage, "recovery-answers").holds, ask(stage, "home-answers").holds)


def test_the_lock_is_this_runs_or_not_and_without_one_nothing_is_known(stage: Stage) -> None:
    assert ask(stage, "lock-held").holds is None
    ssm = stage.client("ssm", RECOVERY)
    context = replace(stage.context, lock=lock.Lock(ssm=ssm, cell="us", run=RUN))
    probe = Condition(probe="lock-held")
    assert observe(probe, context).holds is False
    lock.take(ssm, "us", RUN, "somebody", at(0))
    assert observe(probe, context).holds is True


# -- what is declared


def test_the_manifest_is_the_plans_or_has_changed(stage: Stage) -> None:
    assert ask(stage, "manifest-current").holds is True
    ssm, name = stage.client("ssm", RECOVERY), "/medical/us/continuity/manifest"
    changed = stage.manifest.model_copy(update={"writer": "recovery"})
    ssm.put_parameter(Name=name, Value=changed.model_dump_json(), Type="SecureString", Overwrite=True)
    assert ask(stage, "manifest-current").holds is False
    ssm.put_parameter(Name=name, Value="{}", Type="SecureString", Overwrite=True)
    assert ask(stage, "manifest-current").holds is None
    ssm.delete_parameter(Name=name)
    found = ask(stage, "manifest-current")
    assert (None, True) == (found.holds, "ParameterNotFound" in found.text)


def test_what_is_declared_is_read_from_the_stacks_file(stage: Stage, tmp_path: Path) -> None:
    stage.folder = tmp_path
    wanted: dict[str, Value] = {"writer": "home", "home_generation": 1, "recovery_generation": 1}
    assert ask(stage, "declared", **wanted).holds is None, "there is no file"


def _unlink(stage: Stage, *, both: bool) -> None:
    replica, source = stage.instance("recovery"), stage.instance("home")
    replica.is_replica, replica.source_db_instance_identifier = False, None
    if both:
        source.replicas.clear()


def _without_group(stage: Stage) -> None:
    stage.client("autoscaling", RECOVERY).delete_auto_scaling_group(
        AutoScalingGroupName=stage.manifest.recovery.fleet.autoscaling_group, ForceDelete=True
    )
