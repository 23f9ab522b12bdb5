"""parliament, the IAM linter, over the policies that a program registers: each distinct text once."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from ops.engine.record import Program, reveal

with warnings.catch_warnings():
    # Loading it warns of pkg_resources, through which it finds its data; nothing of ours can change that.
    warnings.simplefilter("ignore")
    import parliament

_TRUST: Final = "assumeRolePolicy"
_INPUTS: Final = (_TRUST, "policy", "accessPolicy", "keyPolicy", "policyDocument")

# (kind of finding, what it says, why it is none). The linter's data is of the release that is pinned.
EXCEPTIONS: Final = (
    (
        "MISMATCHED_TYPE",
        r"s3:TlsVersion requires a value of type Numeric but given \['1\.2'\]",
        "it takes whole numbers only; S3's guide writes the version as here",
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        r"s3:TlsVersion for action s3:\w+",
        "a denial of s3:* covers actions that no request over S3's own endpoint makes",
    ),
    (
        "MISMATCHED_TYPE",
        r"ArnLike requires a value of type Arn but given String",
        "what a key's encryption context holds is text to it; CloudWatch's and S3's guides compare it as an ARN",
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        r"lambda:SourceFunctionArn for action ec2:\w+",
        "Lambda adds it to whatever a function's own code asks of any service; its guide denies by it as here",
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        r"kms:EncryptionContext:aws:logs:arn for action kms:DescribeKey",
        "CloudWatch's guide grants it in the same statement; without a context it is simply not granted",
    ),
    (
        "RESOURCE_MISMATCH",
        r"logs:DescribeLogGroups.*'required_format': '\*'",
        "its table is older than the service's, which has log groups as the action's resources",
    ),
    (
        "MISMATCHED_TYPE_BUT_USABLE",
        r"StringNotEquals requires a value of type String but given Arn",
        "a boundary's ARN is compared as text: IAM's guide, iam:PermissionsBoundary",
    ),
    ("INVALID_ARN", r"Account expected", "the account of AWS's own policies is called aws"),
    ("UNKNOWN_CONDITION_FOR_ACTION", r"kms:ResourceAliases", "is newer than its data: KMS's guide, condition keys"),
    (
        "UNKNOWN_FEDERATION_SOURCE",
        r"oidc-provider/token\.actions\.githubusercontent\.com",
        "it knows the providers of people's identities only",
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        r"token\.actions\.githubusercontent\.com:(aud|sub) for action sts:AssumeRoleWithWebIdentity",
        "a provider's claims are condition keys under its name: GitHub's guide to OpenID Connect in AWS",
    ),
)
# In a key's own policy * is that key, and IAM takes no other resource there; what passes through an endpoint is decided
# by whose the caller and the resource are.
_STAR_IS_ITSELF: Final = frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint", "aws:kms/key:Key"})
_STAR: Final = "RESOURCE_STAR"
# The deploying role's rights name families of verbs. Of a family it finds each member that is about another kind of
# resource, which is not granted then; and it does not see the boundary, which keeps the role from all objects.
# tests/test_ci.py says which statements are on every resource, and that a bucket's policy opens nothing.
_DEPLOYS: Final = ("global-ci-boundary", "global-ci-deploy-")
_OF_FAMILIES: Final = frozenset({"RESOURCE_MISMATCH", "RESOURCE_POLICY_PRIVILEGE_ESCALATION", _STAR})


def policies(program: Program) -> Iterator[tuple[str, str]]:
    """Each policy of `program` with the type and name of what it stands in, a trust with a resource to be complete."""
    for item in program.registrations:
        for key in _INPUTS:
            text = reveal(item.inputs.get(key))
            if isinstance(text, str) and '"Statement"' in text:
                yield f"{item.type} {item.name}", _completed(text) if key == _TRUST else text


def _completed(text: str) -> str:
    """A trust names no resource, because it stands in one; the linter has no form for that."""
    document: dict[str, Any] = json.loads(text)
    for statement in document["Statement"]:
        statement["Resource"] = "arn:aws:iam::111122223333:role/itself"
    return json.dumps(document)


@cache
def findings(text: str) -> tuple[tuple[str, str], ...]:
    """What the linter has against a policy: kind and words."""
    return tuple((item.issue, f"{item.detail}") for item in parliament.analyze_policy_string(text).findings)


def excused(place: str, issue: str, detail: str, explained: frozenset[str]) -> bool:
    """Whether a finding is none. `explained` are places whose statements on every resource are judged elsewhere."""
    if place.rpartition(" ")[2].startswith(_DEPLOYS) and issue in _OF_FAMILIES:
        return True
    if issue == _STAR:
        return place.partition(" ")[0] in _STAR_IS_ITSELF or place.rpartition(" ")[2] in explained
    return any(issue == kind and re.search(pattern, detail) for kind, pattern, _ in EXCEPTIONS)
