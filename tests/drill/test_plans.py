"""Plans of every kind, for the three shipped cells."""

from __future__ import annotations

import pytest

from domain import budget
from ops.drill.model import Kind, Phase, Plan
from ops.drill.plans import PlanError, arithmetic, build, faults
from ops.sandbox.physics.faults import FAULTS
from tests.drill.recipes import CELLS, manifest, recipe

WRITERS = {Kind.FAILBACK: "recovery"}
ALL = [(kind, cell) for kind in Kind for cell in CELLS]


def plan(kind: Kind, cell: str = "us", **changes: object) -> Plan:
    given = {"faults": ("region-dark",)} if kind is Kind.GAMEDAY else {}
    return build(kind, recipe(cell, writer=WRITERS.get(kind, "home"), **{**given, **changes}))


def ids(found: Plan) -> list[str]:
    return [step.id for step in found.steps]


@pytest.mark.parametrize(("kind", "cell"), ALL)
def test_every_kind_has_a_plan_for_every_cell_and_its_hash_is_that_of_its_content(kind: Kind, cell: str) -> None:
    found = plan(kind, cell)
    assert (kind, cell) == (found.kind, found.cell)
    assert found.hash == plan(kind, cell).hash
    assert found.hash == Plan.model_validate_json(found.model_dump_json()).hash, "kept and read again, it is the same"
    assert found.hash != found.model_copy(update={"code": "other"}).hash


@pytest.mark.parametrize(("kind", "cell"), ALL)
def test_the_time_outs_on_the_way_to_writes_add_up_to_no_more_than_the_target(kind: Kind, cell: str) -> None:
    found = plan(kind, cell)
    assert found.targets.writes_seconds >= sum(share.seconds for share in arithmetic.way(found))


def test_a_failovers_time_outs_are_those_of_the_budget() -> None:
    shares = {share.step: share.seconds for share in arithmetic.way(plan(Kind.FAILOVER))}
    steps = budget.STEP_SECONDS
    assert steps["fence"] == sum(shares[step] for step in ("lead-away", "grow", "fence-home"))
    assert steps["catch up"] == shares["catch-up"]
    assert steps["promote"] == shares["promote"]
    alongside = ("reads-back", "in-service", "users-arrive")
    assert 0 == sum(shares[step] for step in alongside)
    assert steps["verify"] == shares["writes-ready"] + shares["users-write"]
    assert budget.DECISION_SECONDS == shares["decide"]
    assert 810 == sum(shares.values())


def test_a_plan_that_cannot_keep_its_target_is_refused_with_the_largest_part_and_the_way_out() -> None:
    assert plan(Kind.FAILOVER, manifest=manifest("us", writes_seconds=810))
    with pytest.raises(PlanError, match="810 s, and cell us has a target of 809 s; the largest is decide with 300 s"):
        plan(Kind.FAILOVER, manifest=manifest("us", writes_seconds=809))
    assert plan(Kind.FAILOVER, manifest=manifest("us", writes_seconds=809), decision_seconds=299)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("site", ["sandbox", "aws"])
def test_a_failover_needs_no_call_to_home_and_edits_no_record(cell: str, site: str) -> None:
    found = plan(Kind.FAILOVER, cell, site=site)
    for step in found.steps:
        assert not [call for call in step.calls if call.startswith("route53:")]
        needed = [call for call in step.calls if call.endswith(found.home_region)]
        assert not needed or step.on_unreachable == "proceed", f"{step.id} cannot do without home"
    assert [f"rds:PromoteReadReplica {found.recovery_region}"] == [
        call for step in found.steps for call in step.calls if "Promote" in call
    ]
    assert [f"rds:ModifyDBParameterGroup {found.home_region}"] == [
        call for step in found.steps for call in step.calls if "Modify" in call
    ], "the fence is the one call to home"


@pytest.mark.parametrize("kind", [Kind.FAILOVER, Kind.SWITCHOVER, Kind.FAILBACK])
def test_nothing_is_promoted_before_the_other_side_is_fenced(kind: Kind) -> None:
    found = plan(kind)
    (promoted,) = [place for place, step in enumerate(found.steps) if step.no_return]
    fences = [step for step in found.steps[:promoted] if step.action and step.action.name == "fence"]
    assert fences[-1].phase is Phase.FENCE
    loser = "recovery" if kind is Kind.FAILBACK else "home"
    assert loser == fences[-1].side
    assert found.steps[promoted].precondition is not None
    overrides = [step.id for step in found.steps if step.override]
    assert (["fence-home"] if kind is Kind.FAILOVER else []) == overrides, "only a lost home is given up unfenced"


@pytest.mark.parametrize(("kind", "cell"), ALL)
def test_every_action_says_how_it_is_taken_back_and_every_step_how_long_it_may_take(kind: Kind, cell: str) -> None:
    for step in plan(kind, cell).steps:
        assert step.action is None or step.reversal or step.undo
        assert step.title
        assert step.no_return == (step.action is not None and step.action.name == "promote")


def test_a_failover_has_its_steps_in_order() -> None:
    assert [
        "baseline",
        "lose-home",
        "detect-loss",
        "decide",
        "lead-away",
        "grow",
        "fence-home",
        "catch-up",
        "promote",
        "reads-back",
        "in-service",
        "users-arrive",
        "writes-ready",
        "users-write",
        "markers",
        "one-writer",
        "declare",
        "journeys-back",
    ] == ids(plan(Kind.FAILOVER))


def test_on_aws_nobody_takes_home_away_but_a_person() -> None:
    steps = {step.id: step for step in plan(Kind.FAILOVER, site="aws").steps}
    assert (None, "people") == (steps["lose-home"].action, steps["lose-home"].side)
    here = {step.id: step for step in plan(Kind.FAILOVER).steps}
    assert here["lose-home"].action


def test_a_failbacks_old_home_is_fenced_first_and_its_stops_wait_for_that() -> None:
    found = plan(Kind.FAILBACK, outage=("us-failover-001",))
    assert ["home-back", "fence-old-home", "outage-markers", "rebuild-home"] == ids(found)[:4]
    assert {"stores-agree", "outage-us-failover-001", "rebuild-recovery"} <= set(ids(found))
    after = {stop.probe: stop.arguments.get("after") for stop in found.stops}
    assert ("fence-old-home", "home-back", None) == (
        after["at-most-one-writer"],
        after["home-answers"],
        after["recovery-answers"],
    )


def test_a_failback_declares_the_states_of_the_way_round() -> None:
    told = [
        (
            step.action.arguments["writer"],
            step.action.arguments["home_generation"],
            step.action.arguments["recovery_generation"],
        )
        for step in plan(Kind.FAILBACK).steps
        if step.action and "home_generation" in step.action.arguments
    ]
    assert [("recovery", 2, 1), ("home", 2, 1), ("home", 2, 2)] == told


@pytest.mark.parametrize("kind", [Kind.FAILOVER, Kind.SWITCHOVER])
def test_a_cell_that_has_failed_over_is_not_failed_over_again(kind: Kind) -> None:
    with pytest.raises(PlanError, match=r"recovery writes.*plan a failback"):
        build(kind, recipe(writer="recovery"))


def test_a_cell_that_is_home_is_not_failed_back() -> None:
    with pytest.raises(PlanError, match="a failback begins when a cell has failed over"):
        build(Kind.FAILBACK, recipe(writer="home"))


def test_a_switchover_has_its_capacity_before_it_takes_writes_away() -> None:
    order = ids(plan(Kind.SWITCHOVER))
    assert order.index("in-service") < order.index("fence-home") < order.index("lag-zero") < order.index("promote")


def test_readiness_changes_nothing() -> None:
    found = plan(Kind.READINESS)
    assert ["check-secrets", "check-replica-lag"] == ids(found)
    assert not [step for step in found.steps if step.action]
    with pytest.raises(PlanError, match="without checks shows nothing"):
        plan(Kind.READINESS, checks=())


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_has_its_game_day_and_is_over_at_its_end(fault: str) -> None:
    found = plan(Kind.GAMEDAY, faults=(fault,))
    order = ids(found)
    assert order.index("inject") < order.index("hold") < order.index("lift")
    assert (fault,) == found.faults


def test_a_game_day_is_about_one_fault_of_the_local_cloud() -> None:
    with pytest.raises(PlanError, match="one fault, not 0"):
        plan(Kind.GAMEDAY, faults=())
    with pytest.raises(PlanError, match="in the local cloud only"):
        plan(Kind.GAMEDAY, site="aws")


def test_faults_stand_before_home_is_lost() -> None:
    found = plan(Kind.FAILOVER, faults=("replica-behind:seconds=600", "capacity-short"))
    order = ids(found)
    assert order.index("stand-replica-behind") < order.index("inject-capacity-short") < order.index("lose-home")
    steps = {step.id: step for step in found.steps}
    action = steps["inject-replica-behind"].action
    assert action
    assert ({"fault": "replica-behind", "side": "recovery", "seconds": 600}) == action.arguments
    assert ("replica-behind", "capacity-short", "region-dark") == found.faults
    with pytest.raises(PlanError, match="in the local cloud only"):
        plan(Kind.FAILOVER, site="aws", faults=("capacity-short",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("meteor", "no fault of the local cloud; choose one of"),
        ("replica-behind:minutes=3", "no parameter 'minutes'; it has seconds"),
        ("region-dark:x=1", "it has none"),
        (
            "replica-behind:seconds=long",
            "from 1 to 14400; give it such as replica-behind:seconds=900",
        ),
        ("replica-behind:seconds=nan", "which is no number"),
        ("stale-dns:seconds=inf", "which is no number"),
        ("replica-behind:seconds", "which is no number"),
        ("disk-full:instances=0", "which is no number from 1 to 100"),
        ("disk-full:percent=101", "which is no number from 1 to 100"),
        ("capacity-short:instances=-1", "which is no number from 0 to 100"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        faults.parse(text)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_a_parameter_is_unless_told_may_also_be_said(fault: str) -> None:
    usual = dict(FAULTS[fault].parameters)
    said = ",".join(f"{key}={value:g}" for key, value in usual.items())
    assert usual == faults.parse(f"{fault}:{said}")[1]


def test_steps_that_count_from_an_earlier_one_add_only_what_is_left_of_them() -> None:
    found = plan(Kind.FAILOVER)
    steps = {step.id: step for step in found.steps}
    chosen = [steps[name] for name in ("lead-away", "grow", "fence-home")]
    assert [20, 20, 20] == [share.seconds for share in arithmetic.shares(chosen)]
    assert [20, 40, 60] == [step.timeout_seconds for step in chosen]
