"""Who of the account's people may take a role, proven by a second factor and called by their own name. Pure.

Identity Center asks for the factor when they sign in, and says nothing of it in the session, so its roles are let in by
their path, which nobody else can make roles in. An IAM user says it in the session, and must have done so within the
hour. Both must call the session by their own name, so that what is done in it names a person. No workload can take such
a role: the roles of instances and services are neither. Which of those people may, the account says in their own
policies.
"""

from __future__ import annotations

from typing import Final

from components import policy

FACTOR_SECONDS: Final = 3600  # since the second factor was given
_SINGLE_SIGN_ON: Final = "aws-reserved/sso.amazonaws.com"


def trust(account_id: str) -> str:
    """Let people of this account take the role, with a second factor."""
    account = {"AWS": f"arn:aws:iam::{account_id}:root"}
    taking = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
    statements = [
        {
            **taking,
            "Sid": "PeopleOfIdentityCenter",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account_id}:role/{_SINGLE_SIGN_ON}/*"},
                # A session's user id is its role's id, a colon and its name, which Identity Center makes the user's.
                "StringLike": {"aws:userid": "*:${sts:RoleSessionName}"},
            },
        },
        {
            **taking,
            "Sid": "UsersWithSecondFactor",
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": str(FACTOR_SECONDS)},
                "StringEquals": {"sts:RoleSessionName": "${aws:username}"},
            },
        },
    ]
    return policy.trusting(*statements)
