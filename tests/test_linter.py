"""What an IAM linter of the ecosystem finds in the policies of every cell: nothing that is not explained."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest

from ops.engine.record import Program
from tests import linter
from tests.support import CELLS, whole

# What may stand on every resource is told statement by statement in tests/test_access.py.
EXPLAINED: Final = frozenset(
    {
        "global-auditor",
        "global-boundary",  # a boundary gives nothing: each role's policy names the resources
        "global-drill",
        "home-rotation",
        "recovery-rotation",
    }
)
ALONE: Final = "backup-only"
DEPLOYED: Final = "us, deployed by GitHub"


def program(cell: str) -> Program:
    if cell == ALONE:
        return whole("us", posture=ALONE, recoveryRegion="none", recoveryCidr="none")
    if cell == DEPLOYED:
        return whole("us", ciRepository="clinic/platform")
    return whole(cell)


@pytest.mark.parametrize("cell", [*CELLS, ALONE, DEPLOYED])
def test_the_linter_finds_nothing_that_is_not_explained(cell: str) -> None:
    found = [
        f"{place}: {issue} {detail}"
        for place, text in linter.policies(program(cell))
        for issue, detail in linter.findings(text)
        if not linter.excused(place, issue, detail, EXPLAINED)
    ]
    assert [] == found


def test_every_kind_of_policy_is_linted() -> None:
    places = {place.partition(" ")[0] for place, _ in linter.policies(whole("us"))}
    assert {
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/key:Key",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queue:Queue",
    } <= places


@pytest.mark.parametrize(
    ("statement", "issue"),
    [
        ({"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::a/*"}, "UNKNOWN_ACTION"),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a"}, "RESOURCE_MISMATCH"),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, "RESOURCE_STAR"),
        ({"Effect": "Permit", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}, "MALFORMED"),
        (
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::a/*",
                "Condition": {"Bool": {"aws:SecureTransports": "true"}},
            },
            "UNKNOWN_CONDITION_FOR_ACTION",
        ),
    ],
)
def test_a_policy_that_is_wrong_is_found(statement: dict[str, object], issue: str) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    found = linter.findings(text)
    assert issue in {kind for kind, _ in found}
    assert not all(linter.excused("aws:iam/rolePolicy:RolePolicy new", *item, EXPLAINED) for item in found)


def test_every_exception_is_still_needed() -> None:
    found = {
        finding
        for cell in (*CELLS, DEPLOYED)
        for _, text in linter.policies(program(cell))
        for finding in linter.findings(text)
    }
    for kind, pattern, reason in linter.EXCEPTIONS:
        assert any(kind == issue and re.search(pattern, detail) for issue, detail in found), reason
