"""Which managed rules of AWS Config the HIPAA pack has, and for which safeguard each. Pure.

Made after AWS's "Operational Best Practices for HIPAA Security", of which it keeps the rules that concern what the
platform is made of. `LEFT_OUT` says why some others are not here. Safeguards are sections of 45 CFR.

Source of identifiers, resource types, parameters and regions: "List of AWS Config Managed Rules" in the developer
guide, read November 2026. A test compares the table with a copy of that list.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from domain.conformance import Rule

# Regions that lack rules.
_NO_BACKUP: Final = frozenset({"ca-west-1", "il-central-1", "mx-central-1"})
_NO_CACHE: Final = _NO_BACKUP | {"ap-southeast-4", "me-central-1"}
_NO_USERS: Final = _NO_CACHE | {"ap-south-2", "eu-central-2", "eu-south-2"}
_NO_ROOT_MFA: Final = _NO_BACKUP | {"me-central-1"}
_NO_ROOT_KEYS: Final = _NO_ROOT_MFA | {"eu-central-2", "eu-south-2"}
_NO_QUEUES: Final = _NO_USERS | {"ap-southeast-3"}
_NO_CERTIFICATES: Final = _NO_QUEUES | {"ap-northeast-3"}
_NO_SNAPSHOTS: Final = frozenset(
    {"af-south-1", "ap-southeast-4", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1"}
)

_REVIEW: Final = "164.308(a)(1)(ii)(D)"
_WORKFORCE: Final = "164.308(a)(3)(i)"
_GRANTS: Final = "164.308(a)(4)(ii)(C)"
_MALWARE: Final = "164.308(a)(5)(ii)(B)"
_LOGINS: Final = "164.308(a)(5)(ii)(C)"
_PASSWORDS: Final = "164.308(a)(5)(ii)(D)"
_INCIDENTS: Final = "164.308(a)(6)(ii)"
_AVAILABLE: Final = "164.308(a)(7)(i)"
_BACKUP: Final = "164.308(a)(7)(ii)(A)"
_ACCESS: Final = "164.312(a)(1)"
_AT_REST: Final = "164.312(a)(2)(iv)"
_AUDIT: Final = "164.312(b)"
_INTEGRITY: Final = "164.312(c)(1)"
_IDENTITY: Final = "164.312(d)"
_TRANSMISSION: Final = "164.312(e)(1)"
_IN_TRANSIT: Final = "164.312(e)(2)(ii)"

_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_BUCKET: Final = "AWS::S3::Bucket"
_DATABASE: Final = "AWS::RDS::DBInstance"
_FUNCTION: Final = "AWS::Lambda::Function"
_GROUP: Final = "AWS::EC2::SecurityGroup"
_INSTANCE: Final = "AWS::EC2::Instance"
_SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
_SNAPSHOT: Final = "AWS::RDS::DBSnapshot"
_TOPIC: Final = "AWS::SNS::Topic"


def _rule(
    identifier: str,
    asks: str,
    safeguards: tuple[str, ...],
    *types: str,
    absent: frozenset[str] = frozenset(),
    once: bool = False,
    **parameters: str,
) -> Rule:
    return Rule(
        identifier=identifier,
        asks=asks,
        safeguards=safeguards,
        types=types,
        parameters=MappingProxyType(parameters),
        once=once,
        absent=absent,
    )


_NETWORK: Final = (
    _rule("VPC_DEFAULT_SECURITY_GROUP_CLOSED", "A VPC's default group lets nothing through", (_TRANSMISSION,), _GROUP),
    _rule(
        "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
        "The world reaches ports 80 and 443 only",
        (_TRANSMISSION,),
        _GROUP,
        authorizedTcpPorts="80,443",
    ),
    _rule("VPC_FLOW_LOGS_ENABLED", "A VPC's traffic is logged", (_AUDIT, _REVIEW)),
    _rule("SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED", "No subnet gives public addresses", (_ACCESS,), "AWS::EC2::Subnet"),
    _rule("ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK", "Plain HTTP is led to HTTPS", (_TRANSMISSION, _IN_TRANSIT)),
    _rule("ALB_HTTP_DROP_INVALID_HEADER_ENABLED", "Odd headers are dropped", (_TRANSMISSION,), _BALANCER),
    _rule("ALB_WAF_ENABLED", "A firewall stands before a load balancer", (_MALWARE, _TRANSMISSION), _BALANCER),
    _rule("ELB_LOGGING_ENABLED", "A load balancer's requests are logged", (_AUDIT,), _BALANCER),
    _rule("ELB_DELETION_PROTECTION_ENABLED", "A load balancer cannot be deleted", (_AVAILABLE,), _BALANCER),
    _rule("ELBV2_ACM_CERTIFICATE_REQUIRED", "Certificates are ACM's", (_IN_TRANSIT,), absent=_NO_CERTIFICATES),
    _rule(
        "ACM_CERTIFICATE_EXPIRATION_CHECK",
        "No certificate ends within 30 days",
        (_IN_TRANSIT,),
        "AWS::ACM::Certificate",
        daysToExpiration="30",
    ),
    _rule("WAFV2_LOGGING_ENABLED", "A firewall logs what it judges", (_AUDIT,)),
)
_COMPUTE: Final = (
    _rule("EC2_IMDSV2_CHECK", "Instances answer to IMDSv2 only", (_ACCESS, _GRANTS), _INSTANCE),
    _rule("EC2_INSTANCE_NO_PUBLIC_IP", "No instance has a public address", (_ACCESS,), _INSTANCE),
    _rule("EC2_INSTANCE_PROFILE_ATTACHED", "Instances act under a role", (_GRANTS,), _INSTANCE),
    _rule("EC2_EBS_ENCRYPTION_BY_DEFAULT", "New volumes are encrypted, whoever makes them", (_AT_REST,)),
    _rule("ENCRYPTED_VOLUMES", "Volumes in use are encrypted", (_AT_REST,), "AWS::EC2::Volume"),
    _rule(
        "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
        "No snapshot of a volume is public",
        (_ACCESS,),
        absent=frozenset({"eu-south-2"}),
    ),
    _rule(
        "AUTOSCALING_GROUP_ELB_HEALTHCHECK_REQUIRED",
        "A group replaces what its load balancer finds ill",
        (_AVAILABLE,),
        "AWS::AutoScaling::AutoScalingGroup",
    ),
    _rule("LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", "No function is open to the public", (_ACCESS,), _FUNCTION),
    _rule("LAMBDA_CONCURRENCY_CHECK", "A function's concurrency is bounded", (_AVAILABLE,), _FUNCTION),
    _rule("SSM_DOCUMENT_NOT_PUBLIC", "No automation document is public", (_ACCESS,)),
)
_STORES: Final = (
    _rule("RDS_STORAGE_ENCRYPTED", "Databases are encrypted", (_AT_REST,), _DATABASE),
    _rule("RDS_SNAPSHOT_ENCRYPTED", "Snapshots of databases are encrypted", (_AT_REST,), _SNAPSHOT),
    _rule("RDS_SNAPSHOTS_PUBLIC_PROHIBITED", "No such snapshot is public", (_ACCESS,), _SNAPSHOT, absent=_NO_SNAPSHOTS),
    _rule("RDS_INSTANCE_PUBLIC_ACCESS_CHECK", "No database is public", (_ACCESS,), _DATABASE),
    _rule("RDS_INSTANCE_DELETION_PROTECTION_ENABLED", "No database can be deleted", (_BACKUP,), _DATABASE),
    _rule("RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED", "Engines are patched", (_MALWARE,), _DATABASE),
    _rule("RDS_ENHANCED_MONITORING_ENABLED", "A database's host is watched", (_AVAILABLE,), _DATABASE),
    _rule("DB_INSTANCE_BACKUP_ENABLED", "Databases are backed up", (_BACKUP,), _DATABASE),
    _rule(
        "BACKUP_RECOVERY_POINT_ENCRYPTED",
        "Backups are encrypted",
        (_AT_REST, _BACKUP),
        "AWS::Backup::RecoveryPoint",
        absent=_NO_BACKUP,
    ),
    _rule("ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST", "Caches are encrypted", (_AT_REST,), absent=_NO_CACHE),
    _rule("ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT", "Caches speak TLS", (_IN_TRANSIT,), absent=_NO_CACHE),
    _rule("ELASTICACHE_REPL_GRP_AUTO_FAILOVER_ENABLED", "Caches fail over", (_AVAILABLE,), absent=_NO_CACHE),
    _rule("S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED", "Buckets encrypt", (_AT_REST,), _BUCKET),
    _rule("S3_BUCKET_SSL_REQUESTS_ONLY", "Buckets take TLS only", (_IN_TRANSIT,), _BUCKET),
    _rule("S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", "Buckets shut the public out", (_ACCESS,), _BUCKET),
    _rule("S3_BUCKET_PUBLIC_READ_PROHIBITED", "The public reads no bucket", (_ACCESS,), _BUCKET),
    _rule("S3_BUCKET_PUBLIC_WRITE_PROHIBITED", "The public writes to no bucket", (_ACCESS, _INTEGRITY), _BUCKET),
    _rule("S3_BUCKET_VERSIONING_ENABLED", "Buckets keep versions", (_INTEGRITY, _BACKUP), _BUCKET),
    _rule(
        "S3_BUCKET_ACL_PROHIBITED",
        "Access to buckets is by policy alone",
        (_ACCESS,),
        _BUCKET,
    ),
    _rule("SNS_ENCRYPTED_KMS", "Topics are encrypted", (_AT_REST,), _TOPIC),
    _rule("SQS_QUEUE_NO_PUBLIC_ACCESS", "No queue is public", (_ACCESS,), "AWS::SQS::Queue", absent=_NO_QUEUES),
    _rule("CMK_BACKING_KEY_ROTATION_ENABLED", "Keys rotate", (_AT_REST,)),
    _rule(
        "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
        "No key is about to be deleted",
        (_AT_REST, _AVAILABLE),
        absent=frozenset({"eu-south-1"}),
    ),
    _rule("SECRETSMANAGER_USING_CMK", "Secrets are under a key of ours", (_AT_REST,), _SECRET),
    _rule("SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK", "Rotations succeed", (_PASSWORDS,), _SECRET),
)
_WATCH: Final = (
    _rule("SECURITYHUB_ENABLED", "Security Hub is on", (_REVIEW, _INCIDENTS)),
    _rule(
        "GUARDDUTY_ENABLED_CENTRALIZED",
        "GuardDuty is on",
        (_REVIEW, _MALWARE, _LOGINS),
        absent=frozenset({"mx-central-1"}),
    ),
    _rule(
        "GUARDDUTY_NON_ARCHIVED_FINDINGS",
        "Findings are dealt with: high in a day, medium in a week, low in a month",
        (_INCIDENTS,),
        absent=frozenset({"mx-central-1"}),
        daysHighSev="1",
        daysMediumSev="7",
        daysLowSev="30",
    ),
    _rule("MULTI_REGION_CLOUD_TRAIL_ENABLED", "One trail covers all regions", (_AUDIT, _REVIEW), once=True),
    _rule("CLOUD_TRAIL_ENCRYPTION_ENABLED", "Trails are encrypted", (_AUDIT, _AT_REST), once=True),
    _rule("CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", "Trails can be proven whole", (_AUDIT, _INTEGRITY), once=True),
    _rule("CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", "Trails go to CloudWatch Logs", (_AUDIT, _REVIEW), once=True),
    _rule("CLOUDTRAIL_S3_DATAEVENTS_ENABLED", "Reads of objects are in a trail", (_AUDIT,), once=True),
)
_PEOPLE: Final = (
    _rule("IAM_PASSWORD_POLICY", "Passwords are long and change", (_PASSWORDS, _IDENTITY), once=True),
    _rule("IAM_ROOT_ACCESS_KEY_CHECK", "Root has no keys", (_ACCESS, _GRANTS), absent=_NO_ROOT_KEYS, once=True),
    _rule("ROOT_ACCOUNT_MFA_ENABLED", "Root has a second factor", (_IDENTITY,), absent=_NO_ROOT_MFA, once=True),
    _rule("MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS", "So has who logs in", (_IDENTITY,), absent=_NO_USERS, once=True),
    _rule(
        "ACCESS_KEYS_ROTATED",
        "Keys of users are at most 90 days old",
        (_PASSWORDS, _GRANTS),
        absent=_NO_USERS,
        once=True,
        maxAccessKeyAge="90",
    ),
    _rule(
        "IAM_USER_UNUSED_CREDENTIALS_CHECK",
        "What was not used for 45 days is gone",
        (_WORKFORCE, _GRANTS),
        absent=_NO_USERS,
        once=True,
        maxCredentialUsageAge="45",
    ),
    _rule(
        "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
        "No policy of ours allows everything",
        (_ACCESS, _GRANTS),
        "AWS::IAM::Policy",
        absent=_NO_USERS,
        once=True,
    ),
    _rule(
        "IAM_USER_NO_POLICIES_CHECK",
        "Users have rights through groups or roles only",
        (_GRANTS,),
        "AWS::IAM::User",
        absent=_NO_USERS,
        once=True,
    ),
    _rule(
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
        "The account shuts the public out of S3",
        (_ACCESS,),
        once=True,
        BlockPublicAcls="True",
        BlockPublicPolicy="True",
        IgnorePublicAcls="True",
        RestrictPublicBuckets="True",
    ),
)
RULES: Final = (*_NETWORK, *_COMPUTE, *_STORES, *_WATCH, *_PEOPLE)

# Rules of AWS's own pack that the platform would break by design, and why it is so built.
LEFT_OUT: Final = MappingProxyType(
    {
        "CW_LOGGROUP_RETENTION_PERIOD_CHECK": "enhanced monitoring has a log group of its own, made and kept by RDS",
        "CLOUDWATCH_LOG_GROUP_ENCRYPTED": "RDS does not encrypt that group with a key of ours",
        "IAM_NO_INLINE_POLICY_CHECK": "each role has one policy, which goes with it and is nobody else's",
        "LAMBDA_DLQ_CHECK": "functions are fed by queues, whose dead letters are kept there",
        "LAMBDA_INSIDE_VPC": "functions reach AWS alone, and no network of ours",
        "RDS_LOGGING_ENABLED": "it asks for MySQL's general log, which would hold what patients are written down with",
        "RDS_MULTI_AZ_SUPPORT": "recovery's replica stands in one zone: the other side is its standby",
        "S3_BUCKET_DEFAULT_LOCK_ENABLED": "only evidence is locked: what a patient has erased must go",
        "S3_BUCKET_LOGGING_ENABLED": "the bucket that takes the logs would have to log into itself",
        "S3_BUCKET_REPLICATION_ENABLED": "logs and releases are of one region",
    }
)
