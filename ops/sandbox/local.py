"""The local AWS itself: moto in this process, for one account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ops.sandbox.aws.bucket_policies import conditions_left_aside
from ops.sandbox.aws.detector_features import features_kept
from ops.sandbox.aws.environment import ENVIRONMENT
from ops.sandbox.aws.event_sources import queues_left_alone
from ops.sandbox.aws.event_targets import topics_reached
from ops.sandbox.aws.maintenance import policies_kept
from ops.sandbox.aws.replication_rules import rules_answered_whole
from ops.sandbox.aws.template_versions import versions_launched
from ops.sandbox.physics.monitoring.composite_alarms import composites_known
from ops.sandbox.physics.names.health_check_alarms import alarms_kept


@contextmanager
def local_aws(account_id: str, *, managed_policies: bool = True) -> Iterator[None]:
    """An empty AWS for `account_id` that boto3 in this process talks to until the block ends.

    Without `managed_policies` IAM lacks those that AWS itself manages: loading them takes a third of a second.
    """
    os.environ.update(ENVIRONMENT, MOTO_ACCOUNT_ID=account_id)
    from moto import mock_aws  # noqa: PLC0415 - after its environment is set

    with (
        mock_aws(config={"iam": {"load_aws_managed_policies": managed_policies}}),
        conditions_left_aside(),
        rules_answered_whole(),
        alarms_kept(),
        composites_known(),
        queues_left_alone(),
        topics_reached(),
        features_kept(),
        policies_kept(),
        versions_launched(),
    ):
        yield
