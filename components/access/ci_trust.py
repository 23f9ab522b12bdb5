"""Which of GitHub's workflows may take a role for CI, by what GitHub says of each in its token. Pure.

Source: GitHub's guide, "Configuring OpenID Connect in Amazon Web Services", read November 2026.
"""

from __future__ import annotations

from typing import Any, Final

from components import policy

ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"


def provider_arn(account_id: str) -> str:
    """The ARN of the account's provider of GitHub's identities, known before it stands."""
    return f"arn:aws:iam::{account_id}:oidc-provider/{ISSUER}"


def preview(account_id: str, repository: str) -> str:
    """Let workflows of the repository's branches and pull requests take the role; GitHub gives forks no token."""
    subjects = [f"repo:{repository}:pull_request", f"repo:{repository}:ref:refs/heads/*"]
    return _trust(account_id, {}, {f"{ISSUER}:sub": subjects})


def deploy(account_id: str, repository: str, environment: str) -> str:
    """Let jobs take the role that run in the repository's `environment`, whose rules GitHub holds them to."""
    return _trust(account_id, {f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}"}, {})


def _trust(account_id: str, equal: dict[str, str], like: dict[str, list[str]]) -> str:
    condition: dict[str, Any] = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, **equal}}
    if like:
        condition["StringLike"] = like
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn(account_id)},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return policy.trusting(statement)
