"""CloudTrail's words: what it calls a call, whether that only reads, and whether it is a management or a data event.

Pure. Source: CloudTrail user guide, "CloudTrail record contents" and "Logging data events", and each service's own page
on its events, as of November 2026.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

MANAGEMENT: Final = "Management"
DATA: Final = "Data"
OBJECT: Final = "AWS::S3::Object"
FUNCTION: Final = "AWS::Lambda::Function"

"""Where global services' events are, wherever they were called from."""
_GLOBAL: Final = frozenset({"cloudfront", "iam", "route53"})
_SOURCES: Final = MappingProxyType(
    {
        "cloudwatch": "monitoring",
        "elb": "elasticloadbalancing",
        "elbv2": "elasticloadbalancing",
        "resourcegroupstaggingapi": "tagging",
        "stepfunctions": "states",
    }
)
_NAMES: Final = MappingProxyType(
    {
        ("lambda", "AddPermission"): "AddPermission20150331v2",
        ("lambda", "CreateEventSourceMapping"): "CreateEventSourceMapping20150331",
        ("lambda", "CreateFunction"): "CreateFunction20150331",
        ("lambda", "DeleteEventSourceMapping"): "DeleteEventSourceMapping20150331",
        ("lambda", "DeleteFunction"): "DeleteFunction20150331",
        ("lambda", "GetFunction"): "GetFunction20150331v2",
        ("lambda", "ListFunctions"): "ListFunctions20150331",
        ("lambda", "RemovePermission"): "RemovePermission20150331v2",
        ("lambda", "UpdateFunctionCode"): "UpdateFunctionCode20150331v2",
        ("lambda", "UpdateFunctionConfiguration"): "UpdateFunctionConfiguration20150331v2",
        ("s3", "DeletePublicAccessBlock"): "DeleteBucketPublicAccessBlock",
        ("s3", "GetBucketLifecycleConfiguration"): "GetBucketLifecycle",
        ("s3", "GetBucketNotificationConfiguration"): "GetBucketNotification",
        ("s3", "GetObjectLockConfiguration"): "GetBucketObjectLockConfiguration",
        ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock",
        ("s3", "ListObjectsV2"): "ListObjects",
        ("s3", "PutBucketLifecycleConfiguration"): "PutBucketLifecycle",
        ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification",
        ("s3", "PutObjectLockConfiguration"): "PutBucketObjectLockConfiguration",
        ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    }
)
_READING: Final = re.compile(r"(BatchGet|Check|Describe|Filter|Get|Head|List|Lookup|Query|Search|Select|Simulate|Test)")
# What reads by CloudTrail's word though its name does not say so.
_ALSO_READING: Final = frozenset(
    {
        ("kms", "Decrypt"),
        ("kms", "Encrypt"),
        ("kms", "GenerateDataKey"),
        ("kms", "GenerateDataKeyWithoutPlaintext"),
        ("kms", "ReEncrypt"),
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoleWithWebIdentity"),
    }
)
_BUCKETS_DATA: Final = frozenset({"HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects"})
_DATA: Final = MappingProxyType(
    {
        "cloudwatch": ("GetMetricData", "GetMetricStatistics", "GetMetricWidgetImage", "ListMetrics", "PutMetricData"),
        "dynamodb": ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan"),
        "events": ("PutEvents",),
        "lambda": ("Invoke", "InvokeAsync"),
        "sns": ("Publish", "PublishBatch"),
        "sqs": ("DeleteMessage", "DeleteMessageBatch", "ReceiveMessage", "SendMessage", "SendMessageBatch"),
    }
)
# What no trail is ever told of.
_UNTOLD: Final = MappingProxyType({"logs": frozenset({"PutLogEvents"})})


def source(service: str) -> str:
    """The event source of a service, by its name in the SDK."""
    return f"{_SOURCES.get(service, service)}.amazonaws.com"


def is_global(event_source: str) -> bool:
    """Whether a service is one of all regions."""
    return event_source.partition(".")[0] in _GLOBAL


def event_name(service: str, operation: str) -> str:
    """What CloudTrail calls an operation."""
    return _NAMES.get((service, operation), operation)


def is_read_only(service: str, operation: str) -> bool:
    """Whether an operation changes nothing."""
    return (service, operation) in _ALSO_READING or _READING.match(operation) is not None


def is_told(service: str, operation: str) -> bool:
    """Whether CloudTrail knows of an operation at all."""
    return operation not in _UNTOLD.get(service, ())


def category(service: str, operation: str, *, of_object: bool) -> str:
    """Whether a call manages resources or works with the data in them; `of_object` if it names an object of S3."""
    if service == "s3":
        return DATA if of_object or event_name(service, operation) in _BUCKETS_DATA else MANAGEMENT
    return DATA if operation in _DATA.get(service, ()) else MANAGEMENT
