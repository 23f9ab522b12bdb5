"""What the policies of a cell's audit buckets say of its trail, from the cell's settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components import policy
from components.audit import rules as trails
from components.storage import rules
from domain.continuity import HOME
from domain.naming import Names
from settings import Settings


def statements(settings: Settings, side: str, region: str, names: Names) -> Mapping[str, Sequence[policy.Statement]]:
    """What the policy of the audit bucket of `side` says of the trail, by the bucket's role. The trail is home's."""
    account_id = settings.account_id
    trail = trails.trail_arn(names, region=region, account_id=account_id) if side == HOME else None
    bucket_arn = rules.arn(names.bucket(rules.AUDIT, account_id))
    return {rules.AUDIT: trails.bucket_statements(bucket_arn, account_id=account_id, trail=trail)}
