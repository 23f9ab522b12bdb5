"""IAM policy documents as values. Pure, but for `document`, which waits for ARNs that are still to come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pulumi

from components import texts

Statement: TypeAlias = Mapping[str, Any]
_VERSION = "2012-10-17"


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document of `statements`, whose values may be outputs, as canonical JSON."""
    return texts.dumps({"Version": _VERSION, "Statement": list(statements)})


def trust(
    service: str,
    *,
    account_id: str,
    source_arn: str | list[str] | None = None,
    if_told: bool = False,
) -> str:
    """A trust policy that lets an AWS service take a role, for sources in this account only.

    `source_arn`, a pattern or several, narrows it further. With `if_told` a service that does not say for whom it acts
    is let in too: for those that do not document that they say it. EC2 gives no source: use `trust_ec2`.
    """
    mode = "IfExists" if if_told else ""
    condition: dict[str, Any] = {f"StringEquals{mode}": {"aws:SourceAccount": account_id}}
    if source_arn:
        condition[f"ArnLike{mode}"] = {"aws:SourceArn": source_arn}
    return _trust(service, condition)


def trust_ec2() -> str:
    """The trust policy of an instance's role."""
    return _trust("ec2.amazonaws.com", None)


def trusting(*statements: Statement) -> str:
    """A trust policy of `statements`, all of whose values are known, as canonical JSON."""
    return json.dumps({"Version": _VERSION, "Statement": list(statements)}, sort_keys=True, separators=(",", ":"))


def _trust(service: str, condition: Mapping[str, Any] | None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return trusting(statement)


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    *,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """An identity policy's statement that allows `actions` on `resources`."""
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": list(resources),
    }
    if condition:
        statement["Condition"] = condition
    return statement


def deny(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    *,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """A statement that denies `actions` on `resources`, whatever else allows them."""
    return {**allow(sid, actions, resources, condition=condition), "Effect": "Deny"}


def deny_plaintext(actions: Sequence[str], resources: Sequence[pulumi.Input[str]]) -> Statement:
    """A resource policy's statement that denies everybody `actions` without TLS."""
    return {
        "Sid": "DenyPlaintext",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
