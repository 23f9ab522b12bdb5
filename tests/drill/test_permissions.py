"""What the caller may not do is known before the first change, as far as IAM can be asked."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from domain import manifest as manifests
from domain import switch
from domain.manifest import Manifest
from ops.drill import permissions
from ops.drill.catalog import CALLS
from ops.drill.model import Condition, Kind, Phase, Step
from ops.drill.permissions import Right, Rights
from tests.drill.stage import lone_client, plan
from tests.support import ACCOUNT, HOME, RECOVERY
from tests.test_manifest import content

USER = f"arn:aws:iam::{ACCOUNT}:user/driller"
PROMOTE = Right(permission="rds:PromoteReadReplica", region=RECOVERY, resource="arn:aws:rds:us-west-2:1:db:r")
METRIC = Right(permission="cloudwatch:PutMetricData", region=RECOVERY, resource="*")


def identity(arn: str) -> dict[str, str]:
    return {"Arn": arn, "Account": ACCOUNT, "UserId": "u"}


def simulated(right: Right, decision: str, principal: str = USER) -> tuple[dict[str, Any], dict[str, Any]]:
    context = [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in (("aws:RequestedRegion", RECOVERY), ("cloudwatch:namespace", switch.NAMESPACE))
    ]
    asked = {
        "PolicySourceArn": principal,
        "ActionNames": [right.permission],
        "ResourceArns": [right.resource],
        "ContextEntries": context,
    }
    return {"EvaluationResults": [{"EvalActionName": right.permission, "EvalDecision": decision}]}, asked


def ask(arn: str, *answers: tuple[dict[str, Any], dict[str, Any]], rights: tuple[Right, ...]) -> Rights:
    sts, iam = lone_client("sts"), lone_client("iam")
    with Stubber(sts) as first, Stubber(iam) as second:
        first.add_response("get_caller_identity", identity(arn))
        for answer, asked in answers:
            second.add_response("simulate_principal_policy", answer, asked)
        found = permissions.ask(sts, iam, rights)
        second.assert_no_pending_responses()
    return found


def test_all_that_is_allowed_refuses_nothing() -> None:
    answers = (simulated(PROMOTE, "allowed"), simulated(METRIC, "allowed"))
    found = ask(USER, *answers, rights=(PROMOTE, METRIC))
    assert (Rights(), "") == (found, found.refusal(Kind.SWITCHOVER))


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_what_is_refused_is_named_and_stops_a_failover_too(decision: str) -> None:
    found = ask(USER, simulated(PROMOTE, decision), simulated(METRIC, "allowed"), rights=(PROMOTE, METRIC))
    assert (PROMOTE,) == found.refused
    assert "rds:PromoteReadReplica on arn:aws:rds:us-west-2:1:db:r in us-west-2" in found.refusal(Kind.FAILOVER)


def test_a_role_is_asked_for_by_its_whole_name() -> None:
    sts, iam = lone_client("sts"), lone_client("iam")
    role = f"arn:aws:iam::{ACCOUNT}:role/people/on-call"
    whole = {"Path": "/people/", "RoleName": "on-call", "RoleId": "r" * 16, "Arn": role, "CreateDate": "2026-01-01"}
    with Stubber(sts) as first, Stubber(iam) as second:
        first.add_response("get_caller_identity", identity(f"arn:aws:sts::{ACCOUNT}:assumed-role/on-call/jo"))
        second.add_response("get_role", {"Role": whole}, {"RoleName": "on-call"})
        answer, asked = simulated(PROMOTE, "allowed", role)
        second.add_response("simulate_principal_policy", answer, asked)
        assert Rights() == permissions.ask(sts, iam, (PROMOTE,))


def test_a_denied_simulation_is_said_and_stops_no_failover() -> None:
    sts, iam = lone_client("sts"), lone_client("iam")
    with Stubber(sts) as first, Stubber(iam) as second:
        first.add_response("get_caller_identity", identity(USER))
        second.add_client_error("simulate_principal_policy", "AccessDenied", "no", 403)
        found = permissions.ask(sts, iam, (PROMOTE,))
    assert ((), True) == (found.refused, "iam:SimulatePrincipalPolicy" in found.unknown)
    assert ("", True) == (found.refusal(Kind.FAILOVER), bool(found.refusal(Kind.SWITCHOVER)))


def test_an_unreachable_iam_stops_no_failover() -> None:
    sts, iam = lone_client("sts"), lone_client("iam")
    with Stubber(sts) as first, Stubber(iam) as second:
        first.add_response("get_caller_identity", identity(USER))
        second.add_client_error("simulate_principal_policy", "ServiceUnavailable", "gone", 503)
        found = permissions.ask(sts, iam, (PROMOTE,))
    assert ("", True) == (found.refusal(Kind.FAILOVER), "503" in found.refusal(Kind.FAILBACK))


def test_a_federated_user_is_unknown_and_root_may_everything() -> None:
    assert ask(f"arn:aws:sts::{ACCOUNT}:federated-user/jo", rights=(PROMOTE,)).unknown
    assert Rights() == ask(f"arn:aws:iam::{ACCOUNT}:root", rights=(PROMOTE,))


def cell() -> Manifest:
    return manifests.read(manifests.write(content()))


def test_what_a_plan_needs_is_asked_of_the_very_resources() -> None:
    step = Step(
        id="promote",
        phase=Phase.PROMOTE,
        title="promote",
        side="recovery",
        postcondition=Condition(probe="promoted"),
        timeout_seconds=1,
        calls=(f"rds:PromoteReadReplica {RECOVERY}", f"rds:DescribeDBInstances {HOME} if it answers"),
    )
    found = permissions.needed(plan(cell(), (step,)), cell(), CALLS)
    database = cell().recovery.database.arn
    assert Right(permission="rds:PromoteReadReplica", region=RECOVERY, resource=database) in found
    assert Right(permission="rds:DescribeDBInstances", region=HOME, resource="*") in found
    stops = {right.region for right in found if right.permission == "rds:DescribeDBParameters"}
    assert {HOME, RECOVERY} == stops, "what the stops ask is needed too"
    assert len(found) == len(set(found))
