"""Makes moto answer with a bucket's replication rules as they were given to it.

moto keeps the rules whole, and answers with a part: delete markers always as not replicated, and no selection of
sources. It replicates nothing either way.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def rules_answered_whole() -> Generator[None]:
    """Until the block ends, answer with whole rules."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - moto reads its environment first
    from moto.s3.exceptions import ReplicationConfigurationNotFoundError  # noqa: PLC0415 - as above
    from moto.s3.responses import S3Response  # noqa: PLC0415 - as above

    def get_bucket_replication(self: S3Response) -> Any:  # noqa: ANN401 - moto's answer has no public type
        self.data["Action"] = "GetBucketReplication"
        kept = self.backend.get_bucket_replication(self.bucket_name)
        if not kept:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        rules = [{**rule, "Filter": rule.get("Filter") or {}} for rule in kept["Rule"]]
        return self.serialized(ActionResult({"ReplicationConfiguration": {"Role": kept["Role"], "Rules": rules}}))

    with mock.patch.object(S3Response, "get_bucket_replication", get_bucket_replication):
        yield
