"""What the trail is watched for: the monitoring section of the CIS AWS Foundations Benchmark, as values. Pure.

Source: CIS Amazon Web Services Foundations Benchmark v3.0.0, section 4, in the patterns that Security Hub's controls
CloudWatch.1 to CloudWatch.14 look for; to be checked against the standard's text. 4.16, Security Hub, is no pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

PERIOD: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A pattern of events. An alarm speaks from `threshold` of them in `PERIOD` on.

    What is `grave` is a page: nobody does it in a day's work, and an hour later it may be too late.
    """

    name: str
    control: str
    pattern: str
    why: str
    threshold: int = 1
    grave: bool = False


def _named(*events: str, source: str = "") -> str:
    """Events by their names, of one service if several have events of such names."""
    names = " || ".join(f"($.eventName = {event})" for event in events)
    return f"{{ ($.eventSource = {source}) && ({names}) }}" if source else f"{{ {names} }}"


WATCHES: Final[Sequence[Watch]] = (
    Watch(
        name="unauthorized-calls",
        control="4.1",
        # What AWS itself tries on somebody's behalf, and looking whether a bucket is there, is refused every day.
        pattern='{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && '
        '($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }',
        why="somebody tries what they may not",
        threshold=5,
    ),
    Watch(
        name="sign-in-without-mfa",
        control="4.2",
        pattern='{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
        why="a password alone opened the console",
        grave=True,
    ),
    Watch(
        name="root-use",
        control="4.3",
        pattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && '
        '$.eventType != "AwsServiceEvent" }',
        why="root can do everything, and is for nothing that is done every day",
        grave=True,
    ),
    Watch(
        name="iam-policy-changes",
        control="4.4",
        pattern=_named(
            "DeleteGroupPolicy",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "CreatePolicy",
            "DeletePolicy",
            "CreatePolicyVersion",
            "DeletePolicyVersion",
            "AttachRolePolicy",
            "DetachRolePolicy",
            "AttachUserPolicy",
            "DetachUserPolicy",
            "AttachGroupPolicy",
            "DetachGroupPolicy",
            source="iam.amazonaws.com",
        ),
        why="rights were handed out or taken",
    ),
    Watch(
        name="trail-changes",
        control="4.5",
        pattern=_named("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
        why="what is recorded may have changed",
        grave=True,
    ),
    Watch(
        name="failed-sign-ins",
        control="4.6",
        pattern='{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
        why="somebody guesses passwords",
        threshold=3,
    ),
    Watch(
        name="key-disabled-or-deleted",
        control="4.7",
        pattern=_named("DisableKey", "ScheduleKeyDeletion", source="kms.amazonaws.com"),
        why="without its key, data are lost",
        grave=True,
    ),
    Watch(
        name="bucket-policy-changes",
        control="4.8",
        pattern=_named(
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketPolicy",
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketReplication",
            source="s3.amazonaws.com",
        ),
        why="who reaches a bucket, or how long it keeps what, may have changed",
    ),
    Watch(
        name="config-changes",
        control="4.9",
        pattern=_named(
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
            source="config.amazonaws.com",
        ),
        why="what AWS Config records may have changed",
    ),
    Watch(
        name="security-group-changes",
        control="4.10",
        pattern=_named(
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
        ),
        why="who reaches whom may have changed",
    ),
    Watch(
        name="network-acl-changes",
        control="4.11",
        pattern=_named(
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ),
        why="who reaches whom may have changed",
    ),
    Watch(
        name="gateway-changes",
        control="4.12",
        pattern=_named(
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ),
        why="a network may have been opened to the world",
    ),
    Watch(
        name="route-table-changes",
        control="4.13",
        pattern=_named(
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
            source="ec2.amazonaws.com",
        ),
        why="traffic may take another way",
    ),
    Watch(
        name="vpc-changes",
        control="4.14",
        pattern=_named(
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "AttachClassicLinkVpc",
            "DetachClassicLinkVpc",
            "DisableVpcClassicLink",
            "EnableVpcClassicLink",
        ),
        why="a network was made, ended or tied to another",
    ),
    Watch(
        name="organization-changes",
        control="4.15",
        pattern=_named(
            "AcceptHandshake",
            "AttachPolicy",
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "DetachPolicy",
            "DisablePolicyType",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdatePolicy",
            "UpdateOrganizationalUnit",
            source="organizations.amazonaws.com",
        ),
        why="whom the account answers to, or under which policies, may have changed",
    ),
)
