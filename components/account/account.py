"""What an AWS account has once.

Owns: the claim to the account, the account-wide block of public access to S3, and the password policy of its users.
Does not own: the trail of management events, which the same stack's trail records (`components.audit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, s3

from components.account import claim
from domain import ownership

# CIS AWS Foundations Benchmark v3.0.0, 1.8 and 1.9; the age is that of AWS Config's conformance pack for HIPAA.
_LEAST_CHARACTERS, _REMEMBERED, _MOST_DAYS = 14, 24, 90


@dataclass(frozen=True, kw_only=True)
class AccountArgs:
    """The account."""

    account_id: str


class Account(pulumi.ComponentResource):
    """What an account has once. It is global; `opts` carry home's provider."""

    claimed: pulumi.Output[str]
    claim: iam.InstanceProfile

    def __init__(self, name: str, args: AccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Take the account, then set what it has once."""
        super().__init__("medical:account:Account", name, None, opts)
        taken = claim.take(name, ownership.ACCOUNT_CLAIM, pulumi.ResourceOptions(parent=self))
        # Neither has an input that the claim could give.
        after = pulumi.ResourceOptions(parent=self, depends_on=[taken])
        s3.AccountPublicAccessBlock(
            name,
            account_id=args.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=after,
        )
        iam.AccountPasswordPolicy(
            name,
            minimum_password_length=_LEAST_CHARACTERS,
            password_reuse_prevention=_REMEMBERED,
            max_password_age=_MOST_DAYS,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            opts=after,
        )
        self.claim = taken
        self.claimed = taken.name
        self.register_outputs({"claimed": self.claimed})
