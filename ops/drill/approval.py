"""A second person's approval of a plan on AWS: a parameter in the recovery region, bound to the plan's hash.

What it says it says for a while only. Who approved is not what the parameter says, which anybody could write, but whom
SSM names as the user who wrote it; and that must not be whoever runs the drill.

A session of a role is called whatever its taker likes, but for two kinds: Identity Center calls it by its user, and
the drill role is taken under one's own name only (`components.drill.role`). So the approver is an IAM user or signed
in through Identity Center, with a right of their own to `ssm:PutParameter`; the drill role has none to approvals.
Whoever runs the drill may be in that role too.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, ValidationError

from domain import drills
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Part
from ops.refusal import RefusalError

MOST: Final = timedelta(days=7)
"""The longest that an approval may be good for, from when it was written."""
_MISSING: Final = "ParameterNotFound"
# What SDKs call a session that nobody has named: it says nothing about a person. Source: botocore's credentials.
_NAMELESS: Final = re.compile(r"botocore-session-\d+")
_ARN_PARTS: Final = 6
_USER: Final = "user"
_SESSION: Final = "assumed-role"
_SINGLE_SIGN_ON: Final = "AWSReservedSSO_"


class Approval(Part):
    """Who has approved which plan, and until when."""

    plan: str
    by: str
    expires: AwareDatetime


class _Kept(Part):
    plan: str
    expires: AwareDatetime


def folder(cell: str) -> str:
    """Where the approvals of plans for `cell` are kept in the recovery region."""
    return drills.approvals_path(cell)


def parameter_name(cell: str, plan_hash: str) -> str:
    """Where the approval of the plan with `plan_hash` is kept."""
    return f"{folder(cell)}/{plan_hash}"


def text(plan_hash: str, expires: datetime) -> str:
    """What is kept there: the plan once more, so that a copy under another name is none, and the end."""
    return _Kept(plan=plan_hash, expires=expires).model_dump_json()


def command(cell: str, region: str, plan_hash: str, expires: datetime) -> str:
    """The command by which a second person approves the plan."""
    return (
        f"aws ssm put-parameter --region {region} --type String --overwrite --name "
        f"{parameter_name(cell, plan_hash)} --value '{text(plan_hash, expires)}'"
    )


def check(ssm: Any, cell: str, plan_hash: str, caller: str, now: datetime) -> Approval:  # noqa: ANN401 - boto3's
    """The approval of the plan with `plan_hash`, if it stands `now` and is not by `caller` (an ARN, as STS names it).

    Raises:
        RefusalError: there is none, it is for another plan, has expired, or is by whoever runs the drill.
        UnreachableError, ActionError: SSM cannot be asked.
    """
    latest = _latest(ssm, cell, plan_hash)
    if latest is None:
        raise _absent(ssm, cell, plan_hash, now)
    kept = _read(latest["Value"], cell, plan_hash)
    _refuse_time(kept, latest["LastModifiedDate"].astimezone(UTC), now)
    by = str(latest.get("LastModifiedUser") or "")
    _refuse_unnamed(by, "the approver", "")
    _refuse_unnamed(caller, "whoever runs the drill", drills.role_name(cell))
    _refuse_same(by, caller)
    return Approval(plan=plan_hash, by=by, expires=kept.expires)


def _latest(ssm: Any, cell: str, plan_hash: str) -> Any:  # noqa: ANN401 - as above
    """The latest version of the approval; None if there is none."""
    name = parameter_name(cell, plan_hash)
    try:
        versions = pages(ssm, "get_parameter_history", "Parameters", Name=name)
    except ActionError as error:
        if error.code == _MISSING:
            return None
        raise
    return max(versions, key=lambda version: version["Version"], default=None)


def _absent(ssm: Any, cell: str, plan_hash: str, now: datetime) -> RefusalError:  # noqa: ANN401 - as above
    others = call(ssm, "get_parameters_by_path", Path=folder(cell))["Parameters"]
    found = ""
    if others:
        latest = max(others, key=lambda other: other["LastModifiedDate"])["Name"].rpartition("/")[2]
        found = f" (the latest approval of the cell is for plan {latest[:12]}...)"
    how = command(cell, ssm.meta.region_name, plan_hash, now.replace(microsecond=0) + timedelta(hours=4))
    return _refusal(
        plan_hash,
        "approved by a second person",
        f"plan {plan_hash[:12]}... is not approved{found}: have a second person read it and run: {how}",
    )


def _read(value: str, cell: str, plan_hash: str) -> _Kept:
    try:
        kept = _Kept.model_validate_json(value)
    except ValidationError:
        raise _refusal(
            plan_hash,
            "an approval names its plan and its end",
            f"parameter {parameter_name(cell, plan_hash)} is no approval: it says which plan, and until when",
        ) from None
    if kept.plan != plan_hash:
        raise _refusal(
            kept.plan,
            "an approval is for one plan",
            f"the approval kept for plan {plan_hash[:12]} is for plan {kept.plan[:12]!a}: have this plan approved",
        )
    return kept


def _refuse_time(kept: _Kept, written: datetime, now: datetime) -> None:
    if kept.expires <= now:
        raise _refusal(
            kept.expires.isoformat(),
            "an approval expires",
            f"the approval has expired at {kept.expires:%Y-%m-%d %H:%M} UTC: have the plan approved anew",
        )
    if kept.expires - written > MOST:
        raise _refusal(
            kept.expires.isoformat(),
            f"an approval is good for {MOST.days} days at most",
            f"the approval would be good until {kept.expires:%Y-%m-%d %H:%M} UTC: have it written with an end within "
            f"{MOST.days} days",
        )


def _refuse_unnamed(arn: str, whose: str, drill_role: str) -> None:
    """Refuse an ARN that does not name a person. Sessions of `drill_role` do, if that is not empty."""
    if not arn.startswith("arn:"):
        raise _refusal(arn, "people are known by their ARN", f"{whose} is {arn!a}, which names nobody")
    if _NAMELESS.fullmatch(_person(arn)):
        raise _refusal(
            arn,
            "two people are told apart by name",
            f"{whose} is {arn}, a session without a name: set role_session_name in the profile to the person's own",
        )
    kind, role = _origin(arn)
    if kind == _USER or (kind == _SESSION and (role.startswith(_SINGLE_SIGN_ON) or (role and role == drill_role))):
        return
    also = f", or through {drill_role}" if drill_role else "; approvals are not written through the drill's role"
    raise _refusal(
        arn,
        "two people are told apart by names that they cannot choose",
        f"{whose} is {arn}, and a session of {role or kind} may be called anything: sign in as an IAM user or through "
        f"Identity Center{also}",
    )


def _origin(arn: str) -> tuple[str, str]:
    """What an ARN is of, and the role of a session; the role of another is empty."""
    parts = arn.split(":", _ARN_PARTS - 1)
    kind, _, rest = (parts[-1] if len(parts) == _ARN_PARTS else "").partition("/")
    return kind, rest.partition("/")[0] if kind == _SESSION else ""


def _refuse_same(by: str, caller: str) -> None:
    if _person(by).casefold() == _person(caller).casefold():
        raise _refusal(
            by,
            "whoever runs the drill does not approve it",
            f"the plan is approved by {by}, and {caller} runs the drill: have somebody else approve it",
        )


def _person(arn: str) -> str:
    """Who an ARN of IAM or STS stands for: the user's name, or the session's, whatever role was taken."""
    return arn.rpartition("/")[2] or arn


def _refusal(value: str, rule: str, message: str) -> RefusalError:
    return RefusalError(message, [{"key": "approval", "value": value, "rule": rule}])
