"""The buckets, declared and standing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi_aws import ssm

from components.storage import rules
from components.storage.storage import Storage, StorageArgs
from domain import naming
from domain.naming import Names
from ops.engine.record import Program, Registration
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, HOME, RECOVERY, declare, only, opts_in, standing, statements

KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"
DATASETS = {"derived": "texts and images"}
LOGGED = ("uploads", "derived", "releases", "backups", "audit")
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
SETTINGS = (
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)


def storage(
    *,
    throw_away: bool = False,
    region: str = HOME,
    cell: str = "us",
    noncurrent_days: int = 90,
    vault_lock: str = "governance",
) -> Storage:
    args = StorageArgs(
        names=Names(cell=cell, place="use2"),
        account_id=ACCOUNT,
        region=region,
        key_arn=KEY,
        access_log_days=365,
        noncurrent_days=noncurrent_days,
        audit_days=2192,
        vault_lock=vault_lock,
        throw_away=throw_away,
    )
    return Storage("home-storage", args, opts_in(region))


def physical(role: str) -> str:
    return f"medical-us-use2-{role}-{ACCOUNT}"


@pytest.fixture(scope="module")
def declared() -> Program:
    return declare(storage)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with standing(storage) as (_, cloud):
        yield cloud


def of_role(program: Program, type_: str, role: str) -> Registration:
    return only(program, type_, f"home-storage-{role}")


def policy_of(program: Program, role: str) -> list[dict[str, Any]]:
    return statements(of_role(program, "aws:s3/bucketPolicy:BucketPolicy", role).inputs["policy"])


def holds(operator: str, key: str, value: str, request: dict[str, str]) -> bool:
    """Whether a condition holds, by the rules of IAM: what negates also holds for a key that is absent."""
    if operator == "Null":
        return (key not in request) == (value == "true")
    if operator in {"StringNotEquals", "StringNotEqualsIfExists", "ArnNotEquals"}:
        return request.get(key) != value
    if operator == "NumericLessThan":
        return key in request and float(request[key]) < float(value)
    assert operator == "Bool", operator
    return request.get(key) == value


def denials(program: Program, role: str, action: str, **request: str) -> list[str]:
    """The statements that deny a request over TLS 1.3, unless it says otherwise."""
    names = {
        "tls": "aws:SecureTransport",
        "version": "s3:TlsVersion",
        "algorithm": "s3:x-amz-server-side-encryption",
        "key": "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "service": "aws:PrincipalServiceName",
    }
    context = {names[key]: value for key, value in ({"tls": "true", "version": "1.3"} | request).items()}
    return [
        statement["Sid"]
        for statement in policy_of(program, role)
        if statement["Effect"] == "Deny"
        and {action, "s3:*"} & set(statement["Action"])
        and all(
            holds(operator, key, value, context)
            for operator, wanted in statement["Condition"].items()
            for key, value in wanted.items()
        )
    ]


@pytest.mark.parametrize("role", rules.ROLES)
def test_every_bucket_has_every_setting(declared: Program, role: str) -> None:
    assert physical(role) == of_role(declared, "aws:s3/bucket:Bucket", role).inputs["bucket"]
    for type_ in SETTINGS:
        assert physical(role) == of_role(declared, type_, role).inputs["bucket"]


def test_a_bucket_is_protected_from_being_destroyed_with_its_data(declared: Program) -> None:
    buckets = declared.of_type("aws:s3/bucket:Bucket")
    assert [(True, False)] * 6 == [(item.protect, item.inputs["forceDestroy"]) for item in buckets]


def test_a_throw_away_bucket_can_be_destroyed_with_its_data() -> None:
    buckets = declare(lambda: storage(throw_away=True)).of_type("aws:s3/bucket:Bucket")
    assert [(False, True)] * 6 == [(item.protect, item.inputs["forceDestroy"]) for item in buckets]


def test_the_logs_bucket_alone_is_not_encrypted_with_the_sides_key(declared: Program) -> None:
    found = {}
    for role in rules.ROLES:
        (rule,) = of_role(declared, SETTINGS[2], role).inputs["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        found[role] = (default["sseAlgorithm"], default.get("kmsMasterKeyId"), rule.get("bucketKeyEnabled"))
    assert {"logs": ("AES256", None, None)} | dict.fromkeys(LOGGED, ("aws:kms", KEY, True)) == found


def test_no_bucket_takes_what_is_encrypted_with_a_senders_own_key(declared: Program) -> None:
    rules_ = [item.inputs["rules"][0] for item in declared.of_type(SETTINGS[2])]
    assert [["SSE-C"]] * 6 == [rule["blockedEncryptionTypes"] for rule in rules_]


@pytest.mark.parametrize("role", rules.ROLES)
def test_each_setting_waits_for_the_one_that_must_come_before_it(declared: Program, role: str) -> None:
    def waits_for(later: str, earlier: str) -> bool:
        awaited = of_role(declared, later, role).property_dependencies["bucket"]
        between = [item for item in declared.of_type(LOCK) if item.urn in awaited]
        awaited = (*awaited, *(urn for item in between for urn in item.property_dependencies["bucket"]))
        return of_role(declared, earlier, role).urn in awaited

    block, ownership, encryption, versioning, policy, lifecycle = SETTINGS
    for earlier, later in ((block, ownership), (ownership, encryption), (encryption, versioning), (versioning, policy)):
        assert waits_for(later, earlier), f"{later} does not wait for {earlier}"
    assert waits_for(lifecycle, versioning), "noncurrent versions exist only where versions do"
    assert not waits_for(versioning, lifecycle)


def test_all_buckets_but_the_logs_bucket_log_under_a_prefix_of_their_own(declared: Program) -> None:
    found = {item.inputs["bucket"]: item for item in declared.of_type("aws:s3/bucketLogging:BucketLogging")}
    assert {physical(role): f"s3/{role}/" for role in LOGGED} == {
        bucket: item.inputs["targetPrefix"] for bucket, item in found.items()
    }
    assert {physical("logs")} == {item.inputs["targetBucket"] for item in found.values()}
    by_event = {"partitionedPrefix": {"partitionDateSource": "EventTime"}}
    assert all(by_event == item.inputs["targetObjectKeyFormat"] for item in found.values())


def test_logging_waits_for_the_policy_that_admits_it(declared: Program) -> None:
    admitting = of_role(declared, "aws:s3/bucketPolicy:BucketPolicy", "logs").urn
    logging = declared.of_type("aws:s3/bucketLogging:BucketLogging")
    assert all(admitting in item.property_dependencies["targetBucket"] for item in logging)


def test_whoever_takes_the_logs_bucket_waits_for_its_policy() -> None:
    def program() -> None:
        made = storage()
        opts = pulumi.ResourceOptions(parent=made)
        ssm.Parameter("name", name="name", type="String", insecure_value=made.logs_bucket, opts=opts)
        ssm.Parameter("arn", name="arn", type="String", insecure_value=made.buckets["logs"].arn, opts=opts)

    found = declare(program)
    admitting = of_role(found, "aws:s3/bucketPolicy:BucketPolicy", "logs").urn
    name, arn = (only(found, "aws:ssm/parameter:Parameter", item) for item in ("name", "arn"))
    assert physical("logs") == name.inputs["insecureValue"]
    assert admitting in name.property_dependencies["insecureValue"]
    assert admitting not in arn.property_dependencies["insecureValue"], "an identity policy need not wait"


@pytest.mark.parametrize("role", rules.ROLES)
def test_requests_without_modern_tls_are_denied(declared: Program, role: str) -> None:
    assert ["DenyPlaintext"] == denials(declared, role, "s3:GetObject", tls="false")
    assert ["DenyOldTls"] == denials(declared, role, "s3:GetObject", version="1.1")
    assert [] == denials(declared, role, "s3:GetObject", version="1.2")


@pytest.mark.parametrize("role", LOGGED)
def test_uploads_are_encrypted_with_the_sides_key_or_denied(declared: Program, role: str) -> None:
    def upload(**request: str) -> list[str]:
        return denials(declared, role, "s3:PutObject", **request)

    assert [] == upload(), "who asks for nothing gets the bucket's default"
    assert [] == upload(algorithm="aws:kms", key=KEY)
    assert "DenyOtherAlgorithm" in upload(algorithm="AES256")
    assert "DenyOtherAlgorithm" in upload(algorithm="aws:kms:dsse", key=KEY)
    assert ["DenyOtherKey"] == upload(algorithm="aws:kms", key=KEY.replace("key/1", "key/2"))
    assert ["DenyUnnamedKey"] == upload(algorithm="aws:kms"), "S3 would take the account's aws/s3 key"


def test_the_trails_digests_alone_may_be_encrypted_by_s3_and_only_in_the_audit_bucket(declared: Program) -> None:
    def digest(role: str, service: str) -> list[str]:
        return denials(declared, role, "s3:PutObject", algorithm="AES256", service=service)

    assert [] == digest("audit", "cloudtrail.amazonaws.com")
    assert ["DenyOtherAlgorithm", "DenyUnnamedKey"] == digest("audit", "config.amazonaws.com")
    assert ["DenyOtherAlgorithm", "DenyUnnamedKey"] == digest("uploads", "cloudtrail.amazonaws.com")


def test_services_may_deliver_logs_as_they_are_encrypted_in_the_logs_bucket(declared: Program) -> None:
    assert [] == denials(declared, "logs", "s3:PutObject", algorithm="AES256")


def test_each_service_writes_logs_to_its_own_place_only(declared: Program) -> None:
    allowed = {item["Resource"]: item for item in policy_of(declared, "logs") if item["Effect"] == "Allow"}
    bucket = f"arn:aws:s3:::{physical('logs')}"
    load_balancers = allowed.pop(f"{bucket}/alb/AWSLogs/{ACCOUNT}/*")
    assert {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"} == load_balancers["Principal"]
    source = f"arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:loadbalancer/*"
    assert {"aws:SourceArn": source} == load_balancers["Condition"]["ArnLike"]
    assert {f"{bucket}/s3/{role}/*" for role in LOGGED} == set(allowed)
    for role in LOGGED:
        statement = allowed[f"{bucket}/s3/{role}/*"]
        assert {"Service": "logging.s3.amazonaws.com"} == statement["Principal"]
        assert ["s3:PutObject"] == statement["Action"]
        assert {
            "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{physical(role)}"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        } == statement["Condition"]


@pytest.mark.parametrize("role", LOGGED)
def test_no_other_buckets_policy_allows_anything(declared: Program, role: str) -> None:
    assert {"Deny"} == {item["Effect"] for item in policy_of(declared, role)}


def lifecycle_of(program: Program, role: str) -> list[dict[str, Any]]:
    return list(
        of_role(program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", role).inputs["rules"]
    )


@pytest.mark.parametrize("role", rules.ROLES)
def test_rules_apply_to_the_whole_bucket_or_to_a_part_of_it_and_have_names_of_their_own(
    declared: Program, role: str
) -> None:
    found = lifecycle_of(declared, role)
    assert len(found) == len({item["id"] for item in found})
    assert all(item["status"] == "Enabled" for item in found)
    prefixes = {"texts/", "status/", "images/"} if role == "derived" else set()
    assert prefixes == {item["filter"]["prefix"] for item in found if item["filter"]}


@pytest.mark.parametrize("role", rules.ROLES)
def test_current_versions_of_nothing_but_logs_ever_expire(declared: Program, role: str) -> None:
    days = [item["expiration"]["days"] for item in lifecycle_of(declared, role) if "days" in item.get("expiration", {})]
    assert ([365] if role == "logs" else []) == days


def test_patient_data_moves_only_to_classes_that_answer_at_once(declared: Program) -> None:
    found = {
        role: [step["storageClass"] for item in lifecycle_of(declared, role) for step in item.get("transitions", [])]
        for role in rules.ROLES
    }
    assert {
        "uploads": ["INTELLIGENT_TIERING"],
        "derived": ["INTELLIGENT_TIERING"],  # pictures; texts are too small to gain by it
        "backups": ["STANDARD_IA"],
        "audit": ["STANDARD_IA"],
    } == {role: classes for role, classes in found.items() if classes}


def noncurrent_days_of(program: Program, role: str) -> int:
    kept = [item.get("noncurrentVersionExpiration") for item in lifecycle_of(program, role)]
    (days,) = [item["noncurrentDays"] for item in kept if item]
    return int(days)


def test_no_version_of_evidence_ends_before_its_lock() -> None:
    assert 90 == noncurrent_days_of(declare(storage), "uploads")
    assert 2192 == noncurrent_days_of(declare(storage), "audit")
    longer = declare(lambda: storage(noncurrent_days=3653))
    assert 3653 == noncurrent_days_of(longer, "audit"), "a longer wish for all buckets holds here too"


def test_originals_texts_and_images_are_each_kept_for_their_own_time() -> None:
    def days(noncurrent_days: int) -> dict[str, int]:
        program = declare(lambda: storage(noncurrent_days=noncurrent_days))
        found = {
            item["id"]: item["noncurrentVersionExpiration"]["noncurrentDays"]
            for item in lifecycle_of(program, "derived")
            if "noncurrentVersionExpiration" in item
        }
        return {"uploads": noncurrent_days_of(program, "uploads"), **found}

    name = "expire-noncurrent-versions"
    assert {"uploads": 90, f"{name}-texts": 90, f"{name}-status": 90, f"{name}-images": 30} == days(90), (
        "pictures can be made again from their original"
    )
    assert {"uploads": 7, f"{name}-texts": 7, f"{name}-status": 7, f"{name}-images": 7} == days(7)


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_the_audit_bucket_and_only_that_one_is_locked_for_a_time(mode: str) -> None:
    program = declare(lambda: storage(vault_lock=mode))
    locked = {item.name for item in program.of_type("aws:s3/bucket:Bucket") if item.inputs.get("objectLockEnabled")}
    expected = {f"home-storage-{role}" for role in ("audit", "derived", "uploads")}
    assert expected == locked, "the others for holds; S3 does that at a bucket's creation best"
    lock = only(program, LOCK)
    assert physical("audit") == lock.inputs["bucket"]
    assert {"defaultRetention": {"mode": mode.upper(), "days": 2192}} == lock.inputs["rule"]


def test_nobody_can_write_to_the_audit_bucket_before_it_is_locked(declared: Program) -> None:
    policy = of_role(declared, "aws:s3/bucketPolicy:BucketPolicy", "audit")
    versioning = of_role(declared, "aws:s3/bucketVersioning:BucketVersioning", "audit")
    lock = only(declared, LOCK)
    assert lock.urn in policy.property_dependencies["bucket"], "who takes the name waits for the policy"
    assert versioning.urn in lock.property_dependencies["bucket"], "S3 locks versions only"


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_bucket_says_which_data_it_holds(declared: Program, role: str) -> None:
    classes = {"audit": "evidence", "logs": "operational data", "releases": "operational data"}
    tags = of_role(declared, "aws:s3/bucket:Bucket", role).inputs["tags"]
    assert {"Dataset": DATASETS.get(role, role), "DataClass": classes.get(role, "patient data")} == tags


def test_the_longest_cell_name_makes_bucket_names_that_s3_takes() -> None:
    names = Names(cell="c" * naming.CELL_LIMIT, place="apne1")
    found = {names.bucket(role, ACCOUNT) for role in rules.ROLES}
    assert 6 == len(found)
    assert naming.BUCKET >= max(map(len, found))


@pytest.mark.parametrize("region", [RECOVERY, "us-east-1"])
def test_the_buckets_stand_in_their_sides_region(region: str) -> None:
    # Named for another cell, because buckets are unique in the world and those of `cloud` may stand beside them.
    with standing(lambda: storage(region=region, cell="eu")) as (_, cloud):
        s3 = cloud.client("s3", region)
        for role in rules.ROLES:
            location = s3.get_bucket_location(Bucket=f"medical-eu-use2-{role}-{ACCOUNT}")["LocationConstraint"]
            assert (None if region == "us-east-1" else region) == location, "S3 has no name for us-east-1"


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_standing_bucket_is_closed_versioned_and_tagged(cloud: Cloud, role: str) -> None:
    s3, bucket = cloud.client("s3", HOME), physical(role)
    assert {True} == set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    (rule,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert "BucketOwnerEnforced" == rule["ObjectOwnership"]
    assert "Enabled" == s3.get_bucket_versioning(Bucket=bucket)["Status"]
    tags = {item["Key"]: item["Value"] for item in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert ("us", DATASETS.get(role, role)) == (tags["Cell"], tags["Dataset"])


def test_what_is_written_to_the_standing_audit_bucket_is_locked_at_once(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3", HOME), physical("audit")
    found = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    retention = found["Rule"]["DefaultRetention"]
    assert ("Enabled", "GOVERNANCE", 2192) == (found["ObjectLockEnabled"], retention["Mode"], retention["Days"])
    version = s3.put_object(Bucket=bucket, Key="trail/1.json", Body=b"{}")["VersionId"]
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="trail/1.json", VersionId=version)


@pytest.mark.parametrize("role", ["uploads", "derived"])
def test_what_a_patient_may_have_erased_is_locked_for_no_time_and_can_be_held(cloud: Cloud, role: str) -> None:
    s3, bucket = cloud.client("s3", HOME), physical(role)
    assert {"ObjectLockEnabled": "Enabled"} == s3.get_object_lock_configuration(Bucket=bucket)[
        "ObjectLockConfiguration"
    ]
    version = s3.put_object(Bucket=bucket, Key="held", Body=b"x")["VersionId"]
    named = {"Bucket": bucket, "Key": "held", "VersionId": version}
    s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(**named)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    s3.delete_object(**named)
    assert "Versions" not in s3.list_object_versions(Bucket=bucket, Prefix="held")


def test_nobody_locks_for_a_time_what_a_patient_may_have_erased(declared: Program) -> None:
    for role in rules.ROLES:
        document = of_role(declared, "aws:s3/bucketPolicy:BucketPolicy", role).inputs["policy"]
        found = [item for item in json.loads(document)["Statement"] if item["Sid"] == "DenyRetention"]
        assert (role in {"uploads", "derived"}) == bool(found), "and evidence is"
        for item in found:
            assert ("Deny", {"AWS": "*"}) == (item["Effect"], item["Principal"])
            assert "Condition" not in item, "with no exception"
            assert ["s3:PutBucketObjectLockConfiguration", "s3:PutObjectRetention"] == item["Action"]
            assert [f"arn:aws:s3:::{physical(role)}", f"arn:aws:s3:::{physical(role)}/*"] == item["Resource"]


def test_other_standing_buckets_are_not_locked(cloud: Cloud) -> None:
    s3 = cloud.client("s3", HOME)
    for role in ("releases", "logs", "backups"):
        with pytest.raises(s3.exceptions.ClientError, match="ObjectLockConfigurationNotFound"):
            s3.get_object_lock_configuration(Bucket=physical(role))


@pytest.mark.parametrize("role", LOGGED)
def test_an_object_is_encrypted_by_default_with_the_sides_key(cloud: Cloud, role: str) -> None:
    s3, bucket = cloud.client("s3", HOME), physical(role)
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY} == rule["ApplyServerSideEncryptionByDefault"]
    assert rule["BucketKeyEnabled"]


def test_an_upload_stands_encrypted_and_in_versions(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3", HOME), physical("uploads")
    first, second = (s3.put_object(Bucket=bucket, Key="scan.pdf", Body=body)["VersionId"] for body in (b"1", b"2"))
    found = s3.head_object(Bucket=bucket, Key="scan.pdf")
    assert ("aws:kms", KEY) == (found["ServerSideEncryption"], found["SSEKMSKeyId"])
    assert second == found["VersionId"]
    assert b"1" == s3.get_object(Bucket=bucket, Key="scan.pdf", VersionId=first)["Body"].read()


def test_the_standing_logs_bucket_is_encrypted_by_s3(cloud: Cloud) -> None:
    found = cloud.client("s3", HOME).get_bucket_encryption(Bucket=physical("logs"))
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert {"SSEAlgorithm": "AES256"} == rule["ApplyServerSideEncryptionByDefault"]


def test_standing_lifecycles_are_the_declared_ones(cloud: Cloud) -> None:
    s3 = cloud.client("s3", HOME)

    def standing_rules(role: str) -> dict[str, Any]:
        found = s3.get_bucket_lifecycle_configuration(Bucket=physical(role))["Rules"]
        return {rule.pop("ID"): rule for rule in found}

    uploads = standing_rules("uploads")
    assert 7 == uploads["abort-incomplete-uploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
    assert 90 == uploads["expire-noncurrent-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert {"ExpiredObjectDeleteMarker": True} == uploads["expire-noncurrent-versions"]["Expiration"]
    assert [{"Days": 30, "StorageClass": "INTELLIGENT_TIERING"}] == uploads["store-for-less"]["Transitions"]
    assert {"Days": 365} == standing_rules("logs")["expire-logs"]["Expiration"]


def test_standing_buckets_log_into_the_logs_bucket(cloud: Cloud) -> None:
    s3 = cloud.client("s3", HOME)
    assert {"TargetBucket": physical("logs"), "TargetPrefix": "s3/uploads/"} == s3.get_bucket_logging(
        Bucket=physical("uploads")
    )["LoggingEnabled"]
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=physical("logs"))


def test_standing_policies_are_the_declared_ones(cloud: Cloud, declared: Program) -> None:
    s3 = cloud.client("s3", HOME)
    for role in rules.ROLES:
        document = json.loads(s3.get_bucket_policy(Bucket=physical(role))["Policy"])
        assert policy_of(declared, role) == document["Statement"]
