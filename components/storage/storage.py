"""A side's buckets.

Owns: six buckets with their settings, and the policy that lets load balancers and S3 write logs into one of them.
Does not own: replication to the other side, which the cell adds because it knows both, nor the identity policies of
those who read and write, nor what else a policy says (`statements`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components import policy
from components.storage import lifecycle, rules
from components.storage.bucket import BucketArgs, Lock, StoredBucket, build_bucket
from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a side's buckets are made from.

    Access logs are kept for `access_log_days`, and what was overwritten or deleted for `noncurrent_days`. Audit data
    are locked for `audit_days`; `vault_lock` says whether that lock can be lifted ("governance") or never, by nobody
    ("compliance"). With `throw_away` the buckets may be destroyed with all that is in them. `statements` go into the
    policies of the buckets that they are given for, by role.
    """

    names: Names
    account_id: str
    region: str
    key_arn: pulumi.Input[str]
    access_log_days: int
    noncurrent_days: int
    audit_days: int
    vault_lock: str
    throw_away: bool
    statements: Mapping[str, Sequence[policy.Statement]] = field(default_factory=dict)


class Storage(pulumi.ComponentResource):
    """The buckets of a side, by role (`rules.ROLES`).

    Whoever takes `logs_bucket`, a name, waits until the services may write logs to it: load balancers under
    `rules.ALB_PREFIX`.
    """

    buckets: dict[str, StoredBucket]
    logs_bucket: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the buckets, the logs bucket first because the others log into it."""
        super().__init__("medical:storage:Storage", name, None, opts)
        self._name = name
        self._args = args
        logs = self._build(rules.LOGS, logs_bucket=None, statements=self._admit_logs())
        self.buckets = {
            role: self._build(role, logs_bucket=logs.name, statements=args.statements.get(role, ()))
            for role in rules.ROLES
            if role != rules.LOGS
        }
        self.buckets[rules.LOGS] = logs
        self.logs_bucket = logs.name
        self.register_outputs({"logs_bucket": self.logs_bucket})

    def _build(
        self, role: str, *, logs_bucket: pulumi.Input[str] | None, statements: Sequence[policy.Statement]
    ) -> StoredBucket:
        args = self._args
        return build_bucket(
            f"{self._name}-{role}",
            BucketArgs(
                role=role,
                name=self._physical(role),
                key_arn=None if role in rules.WITHOUT_KMS else args.key_arn,
                logs_bucket=logs_bucket,
                lifecycle=lifecycle.rules_of(
                    role,
                    noncurrent_days=args.noncurrent_days,
                    access_log_days=args.access_log_days,
                    audit_days=args.audit_days,
                ),
                statements=statements,
                lock=Lock(mode=args.vault_lock, days=args.audit_days) if role == rules.AUDIT else None,
                throw_away=args.throw_away,
            ),
            self,
        )

    def _admit_logs(self) -> list[policy.Statement]:
        sources = {role: rules.arn(self._physical(role)) for role in rules.ROLES if role != rules.LOGS}
        return rules.admit_logs(
            rules.arn(self._physical(rules.LOGS)),
            sources,
            account_id=self._args.account_id,
            region=self._args.region,
        )

    def _physical(self, role: str) -> str:
        return self._args.names.bucket(role, self._args.account_id)
