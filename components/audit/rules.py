"""What the trail of a cell records, and what its bucket admits. Pure.

A trail of a cell records what happens to the cell's own objects and functions, on both sides, and nothing of another
cell's: each is named by its ARN. Management events are recorded once for the account, by the stack that owns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from components import policy
from components.storage import rules
from domain import naming
from domain.naming import Names

PREFIX: Final = "trail"  # the first part of the key of everything that CloudTrail delivers to the audit bucket
SERVICE: Final = rules.TRAIL_SERVICE
# What a trail reads of the bucket's own writes would be delivered, and recorded, without end.
DELIVERY: Final = "PutObject"
# What patients and staff sent in, what was made of it, and copies of both: each object, read or written.
REGULATED: Final = (rules.UPLOADS, rules.DERIVED, rules.BACKUPS)


@dataclass(frozen=True, kw_only=True)
class Test:
    """What a field of an event must be for the event to be recorded; all that is given must hold."""

    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    not_starts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Selector:
    """Events that are recorded: what they are, in words, and `tests` by the name of the field."""

    name: str
    what: str
    tests: Mapping[str, Test] = field(default_factory=dict)


def trail_name(home: Names) -> str:
    """The name of the trail of the cell whose home is `home`."""
    return home.of("trail", naming.TRAIL)


def trail_arn(home: Names, *, region: str, account_id: str) -> str:
    """The ARN of that trail, which lives in home's `region`."""
    return f"arn:aws:cloudtrail:{region}:{account_id}:trail/{trail_name(home)}"


def log_path(home: Names) -> str:
    """The name of the log group that the trail delivers to."""
    return f"/{home.path(PREFIX)}"


def selectors(sides: Mapping[str, Names], account_id: str, *, management: bool) -> list[Selector]:
    """What is recorded of a cell whose sides are `sides`, by region; with `management` the account's management too."""

    def objects(*roles: str) -> tuple[str, ...]:
        return tuple(f"{rules.arn(names.bucket(role, account_id))}/" for names in sides.values() for role in roles)

    evidence = objects(rules.AUDIT)
    functions = tuple(
        f"arn:aws:lambda:{region}:{account_id}:function:{names.of('')}" for region, names in sides.items()
    )
    found = [
        _objects("regulated-objects", "every access to uploads, derived and backups", Test(starts=objects(*REGULATED))),
        # Whoever writes here decides what the instances run.
        _objects(
            "released-software",
            "every change of releases",
            Test(starts=objects(rules.RELEASES)),
            readOnly=Test(equals=("false",)),
        ),
        _objects(
            "evidence-touched",
            "every access to audit but writing",
            Test(starts=evidence),
            eventName=Test(not_equals=(DELIVERY,)),
        ),
        _objects(
            "evidence-written-by-others",
            "writing to audit, but for the trail's own deliveries",
            Test(starts=evidence, not_starts=tuple(f"{arn}{PREFIX}/" for arn in evidence)),
            eventName=Test(equals=(DELIVERY,)),
        ),
        _data("functions-run", "every call of a function", "AWS::Lambda::Function", Test(starts=functions)),
    ]
    if management:
        tests = {"eventCategory": Test(equals=("Management",))}
        found.append(
            Selector(name="management", what="management events of the account, by its owner alone", tests=tests)
        )
    return found


def _objects(name: str, what: str, arns: Test, **others: Test) -> Selector:
    return _data(name, what, "AWS::S3::Object", arns, **others)


def _data(name: str, what: str, type_: str, arns: Test, **others: Test) -> Selector:
    tests = {"eventCategory": Test(equals=("Data",)), "resources.type": Test(equals=(type_,)), "resources.ARN": arns}
    return Selector(name=name, what=what, tests={**tests, **others})


def bucket_statements(bucket_arn: str, *, account_id: str, trail: str | None) -> list[policy.Statement]:
    """What the policy of an audit bucket says. `trail` is the ARN of the trail that delivers to it, if one does.

    The policy itself can be changed by whoever deploys, or nobody could ever deploy again; that it was changed is
    recorded, and alarmed on.
    """
    return [
        *(_admit(bucket_arn, account_id, trail) if trail else ()),
        {
            "Sid": "DenyForgery",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:PutObject"],
            "Resource": f"{bucket_arn}/{PREFIX}/*",
            # Replicas are written by another action, ReplicateObject, which only S3 itself performs.
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalServiceName": SERVICE}},
        },
        {
            "Sid": "DenyErasure",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": f"{bucket_arn}/*",
        },
    ]


def _admit(bucket_arn: str, account_id: str, trail: str) -> Sequence[policy.Statement]:
    from_trail = {"StringEquals": {"aws:SourceArn": trail}}
    return [
        {
            "Sid": "TrailLooksAtTheBucket",
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": ["s3:GetBucketAcl"],
            "Resource": bucket_arn,
            "Condition": from_trail,
        },
        {
            "Sid": "TrailDelivers",
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": ["s3:PutObject"],
            "Resource": f"{bucket_arn}/{PREFIX}/AWSLogs/{account_id}/*",
            "Condition": {"StringEquals": {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
