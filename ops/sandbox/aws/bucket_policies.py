"""Makes moto heed the conditions of bucket policies, as far as it can.

moto asks a bucket's policy about each object, but tells it nothing of the request, and takes every condition for one
that fails: a policy that denies requests without TLS would deny all of them. Here a statement with a condition is kept,
answered and otherwise left aside; one without is enforced by moto as before.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def conditions_left_aside() -> Generator[None]:
    """Until the block ends, judge access to objects by the statements that have no condition."""
    from moto.iam.access_control import IAMPolicy, PermissionResult  # noqa: PLC0415 - moto reads its environment first
    from moto.s3.models import FakeBucket  # noqa: PLC0415 - as above

    def permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
        document: dict[str, Any] = json.loads(bucket.policy) if bucket.policy else {"Statement": []}
        statements = document["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        plain = [statement for statement in listed if "Condition" not in statement]
        return IAMPolicy(json.dumps({**document, "Statement": plain})).is_action_permitted(action, resource)

    with mock.patch.object(FakeBucket, "get_permission", permission):
        yield
