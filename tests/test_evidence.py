"""Who may write to, change or delete what the audit buckets hold: every policy of every cell is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from ops.engine.record import Program
from tests.rights import allows, as_list, granted, managed, matches
from tests.support import CELLS, only, statements, whole

# Whatever ends, alters or adds an object or a version of it, or what protects it.
WRITES: Final = (
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
    "s3:RestoreObject",
)
ON_THE_BUCKET: Final = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
KEYS: Final = ("trail/AWSLogs/1.json.gz", "erasures/1.json", "other/1")
REPLICAS: Final = frozenset({"s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"})
DEPLOYED: Final = {"ciRepository": "clinic/platform"}
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def audit_buckets(program: Program) -> list[str]:
    found = [item.inputs["bucket"] for item in program.of_type("aws:s3/bucket:Bucket")]
    return [f"arn:aws:s3:::{name}" for name in found if "-audit-" in name]


def reaching(program: Program, actions: tuple[str, ...], resource: str) -> Iterator[tuple[str, str]]:
    """Each policy of a role that allows one of `actions` on `resource`, with the action."""
    for policy, action, pattern in granted(program):
        yield from (
            (policy, one) for one in actions if matches(action, one, any_case=True) and matches(pattern, resource)
        )


def test_roles_write_to_the_evidence_only_as_replication_and_where_erasures_are_recorded(program: Program) -> None:
    found = {
        (policy.partition("-")[2] if policy.startswith(("home", "recovery")) else policy, action, key)
        for bucket in audit_buckets(program)
        for key in KEYS
        for policy, action in reaching(program, WRITES, f"{bucket}/{key}")
    }
    replicating = {(policy, action) for policy, action, _ in found if action in REPLICAS}
    assert REPLICAS == {action for _, action in replicating}, "the opposite case: what may write is seen"
    assert {True} == {"replication" in policy or policy.startswith("to-") for policy, _ in replicating}, replicating
    others = {(policy, action, key) for policy, action, key in found if action not in REPLICAS}
    assert {("documents-erase", "s3:PutObject", "erasures/1.json")} == others


def test_no_role_changes_or_ends_an_audit_bucket(program: Program) -> None:
    assert [] == [found for bucket in audit_buckets(program) for found in reaching(program, ON_THE_BUCKET, bucket)]
    uploads = audit_buckets(program)[0].replace("-audit-", "-uploads-")
    assert list(reaching(program, WRITES, f"{uploads}/1")), "the opposite case: writing elsewhere is seen"


@pytest.mark.parametrize("cell", CELLS)
def test_the_boundary_keeps_awss_own_policies_from_ending_evidence(cell: str) -> None:
    """AWS Backup's policies for restores name every bucket: what they may of an audit bucket ends at the boundary."""
    program = whole(cell)
    around = statements(only(program, "aws:iam/policy:Policy", "global-boundary").inputs["policy"])
    region = str(only(program, "pulumi:providers:aws", "home").inputs["region"])
    attached = {item.inputs["policyArn"] for item in program.of_type(ATTACHMENT)}
    allowed = [one for arn in attached for one in managed(arn) if one["Effect"] == "Allow"]
    for bucket in audit_buckets(program):
        reached = {
            (action, resource)
            for actions, resource in ((WRITES, f"{bucket}/erasures/1.json"), (ON_THE_BUCKET, bucket))
            for action in actions
            if allows(allowed, action, resource, region=region) and allows(around, action, resource, region=region)
        }
        assert not [action for action, _ in reached if "Delete" in action or "Bypass" in action], reached
        assert not [action for action, resource in reached if resource == bucket], reached


def test_a_bucket_policy_lets_cloudtrail_write_to_homes_evidence_and_nobody_else(program: Program) -> None:
    writing = [
        one
        for item in program.of_type("aws:s3/bucketPolicy:BucketPolicy")
        for one in statements(item.inputs["policy"])
        if one["Effect"] == "Allow" and "-audit-" in str(one["Resource"])
        if any(matches(as_list(one["Action"]), action, any_case=True) for action in (*WRITES, *ON_THE_BUCKET))
    ]
    (delivery,) = writing
    assert {"Service": "cloudtrail.amazonaws.com"} == delivery["Principal"]
    assert "/trail/AWSLogs/" in delivery["Resource"]


def test_who_deploys_may_not_touch_an_object_of_the_evidence() -> None:
    program = whole("us", **DEPLOYED)
    found = {
        (policy, action)
        for bucket in audit_buckets(program)
        for key in KEYS
        for policy, action in reaching(program, WRITES, f"{bucket}/{key}")
        if policy.startswith("global-")
    }
    assert set() == found
