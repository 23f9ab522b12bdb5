"""A side's web application firewall.

Owns: the web ACL in front of a load balancer, and its log. Does not own: the load balancer, and what its rules are
(`components.waf.rules`).
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import wafv2

from components.logs import delivered_log_group
from components.observability.watched import Firewall, Watched
from components.waf.args import WafArgs
from components.waf.rules import SAMPLES, build_rules
from domain import waf
from domain.naming import Names

# AWS WAF logs to no group of another name.
_LOG_PREFIX: Final = "aws-waf-logs-"
# What opens a door, as headers carry it: a drill's claim is a URL that was signed for AWS STS.
REDACTED: Final = ("authorization", "cookie", "x-medical-identity")
# The load balancer logs every request; here stands what a rule has matched.
_KEPT: Final = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")


class Waf(pulumi.ComponentResource):
    """The firewall of one load balancer.

    `protected_arn` is the load balancer's ARN, given out once the firewall stands before it: a listener that takes it
    is never open without.
    """

    arn: pulumi.Output[str]
    protected_arn: pulumi.Output[str]
    watched: tuple[Watched, ...]

    def __init__(
        self,
        name: str,
        names: Names,
        load_balancer_arn: pulumi.Input[str],
        args: WafArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Put the firewall before the load balancer."""
        super().__init__("medical:waf:Waf", name, None, opts)
        self._name = name
        self._names = names
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        acl = self._build_acl()
        logged = self._log(acl)
        association = wafv2.WebAclAssociation(
            name,
            resource_arn=load_balancer_arn,
            # Logged before it judges: nothing that it refuses goes unsaid.
            web_acl_arn=logged.resource_arn,
            # A load balancer has one ACL: deleting the old association after making the new one would undo both.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.arn = acl.arn
        self.protected_arn = association.resource_arn
        self.watched = (Firewall(key="waf", acl=names.of("edge"), region=args.region, refuses=args.mode == waf.BLOCK),)
        self.register_outputs({"arn": self.arn})

    def _build_acl(self) -> wafv2.WebAcl:
        return wafv2.WebAcl(
            self._name,
            name=self._names.of("edge"),
            description="What may reach the load balancer",
            scope="REGIONAL",
            default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
            rules=build_rules(self._args.mode, self._args.rate_limit),
            visibility_config=wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=self._names.of("edge"), sampled_requests_enabled=SAMPLES
            ),
            tags={"Name": self._names.of("edge")},
            opts=self._child,
        )

    def _log(self, acl: wafv2.WebAcl) -> wafv2.WebAclLoggingConfiguration:
        group_arn = delivered_log_group(
            self._name,
            path=f"{_LOG_PREFIX}{self._names.of('edge')}",
            policy_name=self._names.of("waf-logs"),
            account_id=self._args.account_id,
            region=self._args.region,
            days=self._args.log_days,
            key_arn=self._args.key_arn,
            opts=self._child,
        )
        return wafv2.WebAclLoggingConfiguration(
            self._name,
            resource_arn=acl.arn,
            log_destination_configs=[group_arn],
            logging_filter=_only_matched(),
            redacted_fields=[
                wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
                )
                for header in REDACTED
            ],
            opts=self._child,
        )


def _only_matched() -> wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    conditions = [
        wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs(
            action_condition=wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs(
                action=action
            )
        )
        for action in _KEPT
    ]
    kept = wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
        behavior="KEEP", requirement="MEETS_ANY", conditions=conditions
    )
    return wafv2.WebAclLoggingConfigurationLoggingFilterArgs(default_behavior="DROP", filters=[kept])
