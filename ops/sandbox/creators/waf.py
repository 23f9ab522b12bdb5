"""Creators for the firewall. moto keeps a web ACL and what it stands before, and never judges a request."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

CREATORS: Final = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Creator(
        service="logs",
        operation="put_resource_policy",
        id="{policyName}",
    ),
    "aws:wafv2/webAcl:WebAcl": Creator(
        service="wafv2",
        operation="create_web_acl",
        id="Summary.Id",
        outputs={"arn": "Summary.ARN"},
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Creator(
        service="wafv2",
        operation="associate_web_acl",
        id="{webAclArn},{resourceArn}",
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Creator(
        service="wafv2",
        operation="put_logging_configuration",
        id="{resourceArn}",
        params={
            "LoggingConfiguration": {
                "ResourceArn": "{resourceArn}",
                "LogDestinationConfigs": "{logDestinationConfigs}",
                "LoggingFilter": "{loggingFilter}",
                "RedactedFields": "{redactedFields}",
            },
        },
    ),
}
