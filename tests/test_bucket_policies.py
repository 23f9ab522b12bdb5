"""What the local cloud makes of bucket policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from tests.support import ACCOUNT, HOME

DENY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:*"], "Resource": ["arn:aws:s3:::files/*"]}
WITHOUT_TLS = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def put_under(statement: dict[str, Any]) -> int:
    """The status of a PutObject to a bucket whose policy is `statement`."""
    with local_aws(ACCOUNT, managed_policies=False):
        s3 = Cloud().client("s3", HOME)
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": HOME})
        s3.put_bucket_policy(Bucket="files", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        return int(s3.put_object(Bucket="files", Key="a", Body=b"")["ResponseMetadata"]["HTTPStatusCode"])


def test_a_condition_that_does_not_hold_denies_nothing() -> None:
    assert 200 == put_under({**DENY, **WITHOUT_TLS})


def test_what_is_denied_without_a_condition_is_denied() -> None:
    with pytest.raises(ClientError, match="403"):
        put_under(DENY)
