"""The web application firewall, declared and standing; and that it holds back nobody whom the platform needs."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from components.observability.catalog import alarms_of
from components.observability.watched import Watched
from components.waf.args import WafArgs
from components.waf.waf import REDACTED, Waf
from domain import markers, waf
from domain.alarms import PROFILES, STEADY
from domain.naming import Names
from domain.routing import DETECTION_FAILURES
from ops.engine.record import Program, Registration
from service import claim
from settings.rules import HEALTH_CHECK_SECONDS
from tests.support import ACCOUNT, CELLS, HOME, declare, only, opts_in, standing, statements, whole

ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
BALANCER = f"arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:loadbalancer/app/medical-us-use2-edge/1"


def args(**changes: Any) -> WafArgs:  # noqa: ANN401 - any field of the firewall's
    fields: dict[str, Any] = {
        "account_id": ACCOUNT,
        "region": HOME,
        "key_arn": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1",
        "log_days": 365,
        "mode": "block",
        "rate_limit": 3000,
    }
    return WafArgs(**{**fields, **changes})


def firewall(**changes: Any) -> Waf:  # noqa: ANN401 - as above
    return Waf("home-waf", Names(cell="us", place="use2"), BALANCER, args(**changes), opts_in())


@pytest.fixture(scope="module")
def blocking() -> Program:
    return declare(firewall)


@pytest.fixture(scope="module")
def counting() -> Program:
    return declare(lambda: firewall(mode="count"))


def rules(program: Program) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in only(program, ACL).inputs["rules"]}


def managed(program: Program) -> dict[str, dict[str, Any]]:
    """The managed groups, by AWS's name."""
    found = (rule["statement"].get("managedRuleGroupStatement") for rule in rules(program).values())
    return {group["name"]: group for group in found if group}


def test_the_managed_groups_that_were_asked_for_are_there(blocking: Program) -> None:
    assert {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    } == set(managed(blocking))
    assert {"AWS"} == {group["vendorName"] for group in managed(blocking).values()}


def test_each_rule_has_a_place_of_its_own_and_the_rate_limit_the_first(blocking: Program) -> None:
    order = {rule["priority"]: name for name, rule in rules(blocking).items()}
    assert list(range(6)) == sorted(order)
    assert "rate" == order[0], "a request that another rule refuses counts too"


def test_what_the_rules_cost_is_within_what_a_web_acl_has_for_nothing(blocking: Program) -> None:
    assert set(waf.CAPACITY) == set(rules(blocking)), "each rule's capacity is told"
    assert waf.FREE_CAPACITY >= sum(waf.CAPACITY.values())


def test_in_block_mode_every_rule_refuses(blocking: Program) -> None:
    for name, rule in rules(blocking).items():
        assert {"none": {}} == rule.get("overrideAction") or "block" in rule.get("action", {}), f"{name} lets through"


def test_in_count_mode_no_rule_refuses(counting: Program) -> None:
    for name, rule in rules(counting).items():
        assert {"count": {}} in (rule.get("overrideAction"), rule.get("action")), f"{name} refuses"


def test_the_mode_changes_what_rules_do_and_nothing_else(blocking: Program, counting: Program) -> None:
    def judged(program: Program) -> dict[str, Any]:
        return {name: (rule["priority"], rule["statement"]) for name, rule in rules(program).items()}

    assert judged(blocking) == judged(counting)
    assert {item.urn for item in blocking.registrations} == {item.urn for item in counting.registrations}


def test_a_body_of_which_a_part_would_pass_unseen_is_refused_as_too_large(blocking: Program) -> None:
    rule = rules(blocking)["body-size"]
    constraint = rule["statement"]["sizeConstraintStatement"]
    assert ("GT", 8192) == (constraint["comparisonOperator"], constraint["size"])
    assert {"body": {"oversizeHandling": "MATCH"}} == constraint["fieldToMatch"]
    assert 413 == rule["action"]["block"]["customResponse"]["responseCode"]


def test_one_rule_alone_decides_on_the_size_of_a_body(blocking: Program) -> None:
    overrides = {name: group.get("ruleActionOverrides") for name, group in managed(blocking).items()}
    counted: Any = [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}]
    assert counted == overrides.pop("AWSManagedRulesCommonRuleSet")
    assert {None} == set(overrides.values()), "no other managed rule is weakened"


def test_an_address_is_held_back_above_the_configured_rate(blocking: Program) -> None:
    rule = rules(blocking)["rate"]
    statement = rule["statement"]["rateBasedStatement"]
    assert {"aggregateKeyType": "IP", "limit": 3000, "evaluationWindowSec": 300} == statement
    assert 429 == rule["action"]["block"]["customResponse"]["responseCode"]


def test_the_strictest_rate_lets_health_checks_and_drills_through() -> None:
    checker = waf.WINDOW_SECONDS // min(HEALTH_CHECK_SECONDS)
    fastest_drill = 2 * waf.WINDOW_SECONDS  # a read and a marker each second, the shortest interval that it takes
    assert waf.LEAST_RATE > checker * DETECTION_FAILURES
    assert waf.LEAST_RATE > fastest_drill


def test_a_drills_marker_is_no_body_that_is_refused() -> None:
    assert len(markers.content("d" * 40, 999_999).encode()) < waf.BODY_BYTES


def test_the_order_of_the_rules_is_that_of_the_page(blocking: Program) -> None:
    assert list(waf.CAPACITY) == sorted(rules(blocking), key=lambda name: rules(blocking)[name]["priority"])


def test_the_claims_of_drills_are_not_logged() -> None:
    assert claim.HEADER in REDACTED


def test_what_opens_a_door_is_redacted_from_the_log(blocking: Program) -> None:
    fields = only(blocking, LOGGING).inputs["redactedFields"]
    assert {"authorization", "cookie", "x-medical-identity"} == {field["singleHeader"]["name"] for field in fields}


def test_no_request_is_sampled_because_samples_are_not_redacted(blocking: Program) -> None:
    acl = only(blocking, ACL).inputs
    shown = [acl["visibilityConfig"], *(rule["visibilityConfig"] for rule in acl["rules"])]
    assert {False} == {item["sampledRequestsEnabled"] for item in shown}
    assert {True} == {item["cloudwatchMetricsEnabled"] for item in shown}


def test_whatever_a_rule_matches_is_logged(blocking: Program) -> None:
    (kept,) = only(blocking, LOGGING).inputs["loggingFilter"]["filters"]
    assert ("KEEP", "MEETS_ANY") == (kept["behavior"], kept["requirement"])
    actions = {item["actionCondition"]["action"] for item in kept["conditions"]}
    assert {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"} == actions


def test_the_log_group_admits_the_delivery_of_this_account_alone(blocking: Program) -> None:
    group = only(blocking, "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["name"].startswith("aws-waf-logs-"), "AWS WAF takes no other"
    (statement,) = statements(
        only(blocking, "aws:cloudwatch/logResourcePolicy:LogResourcePolicy").inputs["policyDocument"]
    )
    assert {"Service": "delivery.logs.amazonaws.com"} == statement["Principal"]
    assert f"{group.outputs['arn']}:*" == statement["Resource"]
    assert {"aws:SourceAccount": ACCOUNT} == statement["Condition"]["StringEquals"]


def test_the_log_stands_before_the_firewall_judges(blocking: Program) -> None:
    admitted = only(blocking, "aws:cloudwatch/logResourcePolicy:LogResourcePolicy").urn
    assert admitted in only(blocking, LOGGING).property_dependencies["logDestinationConfigs"]
    assert only(blocking, LOGGING).urn in only(blocking, ASSOCIATION).property_dependencies["webAclArn"]


@pytest.mark.parametrize(("mode", "metric"), [("block", "BlockedRequests"), ("count", "CountedRequests")])
def test_a_surge_is_an_alarm_in_either_mode_on_the_name_under_which_the_firewall_counts(mode: str, metric: str) -> None:
    found: list[Watched] = []
    program = declare(lambda: found.extend(firewall(mode=mode).watched))
    (surge,) = alarms_of(found, PROFILES[STEADY])[0].alarms
    (counted,) = surge.metrics.values()
    assert ("AWS/WAFV2", metric, "Sum") == (counted.namespace, counted.name, counted.statistic)
    name = only(program, ACL).inputs["visibilityConfig"]["metricName"]
    assert {"WebACL": name, "Rule": "ALL", "Region": HOME} == counted.dimensions


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"mode": "off"}, "must be block or count"),
        ({"rate_limit": 999}, "must be 1000 to 100000"),
        ({"rate_limit": 100_001}, "must be 1000 to 100000"),
    ],
)
def test_what_holds_back_users_or_nobody_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        args(**changes)


def of_balancer(program: Program, balancer: Registration, type_: str) -> list[Registration]:
    arn = balancer.outputs["arn"]
    return [
        item
        for item in program.of_type(type_)
        if arn in (item.inputs.get("resourceArn"), item.inputs.get("loadBalancerArn"))
    ]


@pytest.mark.parametrize("cell", CELLS)
def test_every_load_balancer_has_a_firewall_and_no_listener_is_open_before_it(cell: str) -> None:
    program = whole(cell)
    balancers = program.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert 2 == len(balancers)
    for balancer in balancers:
        (association,) = of_balancer(program, balancer, ASSOCIATION)
        listeners = of_balancer(program, balancer, "aws:lb/listener:Listener")
        assert 2 == len(listeners)
        for listener in listeners:
            assert association.urn in listener.property_dependencies["loadBalancerArn"]


def test_the_cells_settings_reach_both_firewalls() -> None:
    program = whole("us", wafMode="count", wafRateLimit=5000)
    acls = program.of_type(ACL)
    assert 2 == len(acls)
    for acl in acls:
        found = {rule["name"]: rule for rule in acl.inputs["rules"]}
        assert 5000 == found["rate"]["statement"]["rateBasedStatement"]["limit"]
        assert {"count": {}} == found["rate"]["action"]


def test_names_of_the_longest_cell_are_taken_by_aws_waf() -> None:
    program = declare(
        lambda: Waf("home-waf", Names(cell="a" * 16, place="apne1"), BALANCER, args(), opts_in()).arn,
    )
    assert re.fullmatch(r"[\w-]{1,128}", only(program, ACL).inputs["name"])


def test_the_standing_firewall_is_what_was_declared() -> None:
    def made() -> None:
        pulumi.export("arn", firewall().arn)

    with standing(made) as (program, cloud):
        client = cloud.client("wafv2", HOME)
        acl = client.get_web_acl_for_resource(ResourceArn=BALANCER)["WebACL"]
        assert program.exports["arn"] == acl["ARN"]
        assert {"Allow": {}} == acl["DefaultAction"]
        assert set(waf.CAPACITY) == {rule["Name"] for rule in acl["Rules"]}
        logging = client.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
        (destination,) = logging["LogDestinationConfigs"]
        (group,) = cloud.client("logs", HOME).describe_log_groups(logGroupNamePrefix="aws-waf-logs-")["logGroups"]
        assert destination == group["arn"].removesuffix(":*")
        assert (365, f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1") == (group["retentionInDays"], group["kmsKeyId"])
        (policy,) = cloud.client("logs", HOME).describe_resource_policies()["resourcePolicies"]
        assert "medical-us-use2-waf-logs" == policy["policyName"]
