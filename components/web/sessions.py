"""How people reach instances by Session Manager: encrypted with the side's key, and written down as they type.

An account has one set of preferences in a region. Owns: that set and its log group, if this stack owns the region; and
what instances must be allowed in either case. A stack that does not own its region writes to the owner's log group,
under the owner's key, which it knows by its alias. Does not own: who may open a session, which is said of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import ssm

from components import policy, texts
from components.logs import log_group
from domain.naming import Names
from domain.residency import Dataset

DOCUMENT: Final = "SSM-SessionManagerRunShell"  # the name by which Session Manager finds its preferences
IDLE_MINUTES: Final = 15
LONGEST_MINUTES: Final = 60


@dataclass(frozen=True, kw_only=True)
class SessionsArgs:
    """Whose preferences hold in the side's region: `names` are those of the stack that owns it, `owned` if it is this.

    `key_arn` is this side's own key, and log events are kept for `log_days`, where the log group is made here.
    """

    names: Names
    account_id: str
    region: str
    owned: bool
    key_arn: pulumi.Input[str]
    log_days: int

    @property
    def group(self) -> str:
        """The name of the log group of sessions."""
        return f"/{self.names.path('sessions')}"


def build_preferences(name: str, args: SessionsArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the preferences and their log group, where this stack owns the region."""
    if not args.owned:
        return
    own = f"{name}-sessions"
    group = log_group(own, path=args.group, days=args.log_days, key_arn=args.key_arn, dataset=Dataset.AUDIT, opts=opts)
    ssm.Document(
        own,
        name=DOCUMENT,
        document_type="Session",
        document_format="JSON",
        content=texts.dumps(_preferences(group.name, args.key_arn)),
        tags={"Name": args.names.of("sessions")},
        # It has one name: a second one could not be made beside it.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )


def statements(args: SessionsArgs) -> list[policy.Statement]:
    """What an instance must be allowed for its sessions to be encrypted and logged."""
    groups = f"arn:aws:logs:{args.region}:{args.account_id}:log-group:"
    return [
        policy.allow(
            "LogSessions",
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [f"{groups}{args.group}", f"{groups}{args.group}:*"],
        ),
        # The agent lists groups to see whether this one is there and encrypted; the list has no narrower resource.
        policy.allow("FindSessionLog", ["logs:DescribeLogGroups"], [f"{groups}*"]),
        _decrypt(args),
    ]


def _decrypt(args: SessionsArgs) -> policy.Statement:
    """Let the agent take a session's key out of its wrapping, and nothing else that the side's key encrypts.

    The agent and the person's plugin bind each session's key to the session's target.
    """
    target: dict[str, Any] = {"Null": {"kms:EncryptionContext:aws:ssm:TargetId": "false"}}
    if args.owned:
        return policy.allow("EncryptSessions", ["kms:Decrypt"], [args.key_arn], condition=target)
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{args.names.of('data')}"}}
    keys = f"arn:aws:kms:{args.region}:{args.account_id}:key/*"
    return policy.allow("EncryptSessions", ["kms:Decrypt"], [keys], condition={**target, **alias})


def _preferences(group: pulumi.Input[str], key_arn: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "schemaVersion": "1.0",
        "description": "Sessions are encrypted, logged as they run, and ended",
        "sessionType": "Standard_Stream",
        "inputs": {
            "kmsKeyId": key_arn,
            "cloudWatchLogGroupName": group,
            "cloudWatchEncryptionEnabled": True,  # no session, should the group lose its key
            "cloudWatchStreamingEnabled": True,  # as it is typed: a session that is cut off is logged too
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "idleSessionTimeout": str(IDLE_MINUTES),
            "maxSessionDuration": str(LONGEST_MINUTES),
            # Everybody is `ssm-user`: the log tells people apart by the session's name, which is their role's.
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "shellProfile": {"linux": "", "windows": ""},
        },
    }
