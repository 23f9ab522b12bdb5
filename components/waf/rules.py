"""The rules of a side's firewall, in the order in which they are asked. Pure.

The rate limit comes first, so that it counts every request. Bodies are judged by one rule of our own, because a load
balancer hands AWS WAF the first 8 KB alone: what is longer would pass with its rest unseen, so it is refused. The
managed group's rule of the same kind is set to count, so that one rule decides and the answer says why (413).
Documents do not come this way: they go to S3 under presigned URLs.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pulumi_aws import wafv2

from domain import waf

# A sample shows headers in clear to whoever opens the console, and the log has what matters.
SAMPLES: Final = False

_VENDOR: Final = "AWS"
_BODY_RULE: Final = "SizeRestrictions_BODY"  # of the common group


@dataclass(frozen=True, kw_only=True)
class _Group:
    """A managed group of rules, by its role and by AWS's name, and those of its rules that only count."""

    role: str
    name: str
    counted: tuple[str, ...] = ()


# AWS keeps each at its newest version by itself: none is named here.
_GROUPS: Final = (
    _Group(role="ip-reputation", name="AWSManagedRulesAmazonIpReputationList"),
    _Group(role="known-bad-inputs", name="AWSManagedRulesKnownBadInputsRuleSet"),
    _Group(role="common", name="AWSManagedRulesCommonRuleSet", counted=(_BODY_RULE,)),
    _Group(role="sql-injection", name="AWSManagedRulesSQLiRuleSet"),
)


def build_rules(mode: str, rate_limit: int) -> list[wafv2.WebAclRuleArgs]:
    """The rules for `mode` (`domain.waf`), which hold an address back above `rate_limit`."""
    own = (
        _own(0, "rate", _rate(rate_limit), mode, HTTPStatus.TOO_MANY_REQUESTS),
        _own(1, "body-size", _body_size(), mode, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    )
    return [*own, *(_managed(place, group, mode) for place, group in enumerate(_GROUPS, start=len(own)))]


def _own(
    priority: int, role: str, statement: wafv2.WebAclRuleStatementArgs, mode: str, answer: HTTPStatus
) -> wafv2.WebAclRuleArgs:
    response = wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=answer.value)
    action = (
        wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs(custom_response=response))
        if mode == waf.BLOCK
        else wafv2.WebAclRuleActionArgs(count=wafv2.WebAclRuleActionCountArgs())
    )
    return wafv2.WebAclRuleArgs(
        name=role, priority=priority, statement=statement, action=action, visibility_config=_visibility(role)
    )


def _managed(priority: int, group: _Group, mode: str) -> wafv2.WebAclRuleArgs:
    override = (
        wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs())
        if mode == waf.BLOCK
        else wafv2.WebAclRuleOverrideActionArgs(count=wafv2.WebAclRuleOverrideActionCountArgs())
    )
    statement = wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
        vendor_name=_VENDOR,
        name=group.name,
        rule_action_overrides=[_counted(name) for name in group.counted] or None,
    )
    return wafv2.WebAclRuleArgs(
        name=group.role,
        priority=priority,
        statement=wafv2.WebAclRuleStatementArgs(managed_rule_group_statement=statement),
        override_action=override,
        visibility_config=_visibility(group.role),
    )


def _counted(rule: str) -> wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    return wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
        name=rule,
        action_to_use=wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(count=count),
    )


def _rate(limit: int) -> wafv2.WebAclRuleStatementArgs:
    return wafv2.WebAclRuleStatementArgs(
        rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
            aggregate_key_type="IP", limit=limit, evaluation_window_sec=waf.WINDOW_SECONDS
        )
    )


def _body_size() -> wafv2.WebAclRuleStatementArgs:
    """A body longer than what is inspected; `MATCH` takes one that was cut off for one that is too long."""
    body = wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchBodyArgs(oversize_handling="MATCH")
    return wafv2.WebAclRuleStatementArgs(
        size_constraint_statement=wafv2.WebAclRuleStatementSizeConstraintStatementArgs(
            comparison_operator="GT",
            size=waf.BODY_BYTES,
            field_to_match=wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchArgs(body=body),
            text_transformations=[
                wafv2.WebAclRuleStatementSizeConstraintStatementTextTransformationArgs(priority=0, type="NONE")
            ],
        )
    )


def _visibility(role: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=role, sampled_requests_enabled=SAMPLES
    )
