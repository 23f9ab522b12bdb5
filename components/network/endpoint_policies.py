"""What may pass through a side's endpoints: this account's own calls to its own resources, and what AWS itself needs.

Pure. So credentials of another account, brought onto an instance, lead nowhere from there, and nothing of ours can be
carried into another account's bucket, queue or topic through an endpoint.
"""

from __future__ import annotations

from typing import Final

from components import policy

_EVERYBODY: Final = {"AWS": "*"}
# Where Amazon Linux 2023 has its packages. Source: its guide, "Deterministic upgrades: networking", read November 2026.
_PACKAGES: Final = ("al2023-repos-{region}-de612dc2",)
# What the agent of Systems Manager fetches by itself: its updates, plugins, patch baselines and documents' attachments.
# Source: Systems Manager's guide, "SSM Agent communications with AWS managed S3 buckets", read November 2026.
_AGENT: Final = (
    "amazon-ssm-{region}",
    "amazon-ssm-packages-{region}",
    "aws-patchmanager-macos-{region}",
    "aws-ssm-document-attachments-{region}",
    "aws-ssm-{region}",
    "patch-baseline-snapshot-{region}",
    "{region}-birdwatcher-prod",
)
# The agent reads AWS's own documents and parameters, which are in AWS's account. Names that begin so are AWS's alone.
_AWS_OWN: Final = {
    "ssm": (
        (
            ("ssm:DescribeDocument", "ssm:GetDocument"),
            ("arn:aws:ssm:{region}:*:document/AWS*", "arn:aws:ssm:{region}:*:document/Amazon*"),
        ),
        (("ssm:GetParameter", "ssm:GetParameters"), ("arn:aws:ssm:{region}:*:parameter/aws/*",)),
    ),
}


def of_interface(service: str, *, account_id: str, region: str) -> list[policy.Statement]:
    """The policy of the interface endpoint of `service`."""
    return [
        _own(account_id),
        *(
            {
                "Sid": f"AwsOwn{place}",
                "Effect": "Allow",
                "Principal": _EVERYBODY,
                "Action": list(actions),
                "Resource": [arn.format(region=region) for arn in arns],
                "Condition": {"StringEquals": {"aws:PrincipalAccount": account_id}},
            }
            for place, (actions, arns) in enumerate(_AWS_OWN.get(service, ()), start=1)
        ),
    ]


def of_s3(*, account_id: str, region: str) -> list[policy.Statement]:
    """The policy of the gateway endpoint of S3."""
    return [
        _own(account_id),
        {
            # The package manager asks without credentials, and the agent for what is open to every account.
            "Sid": "AmazonLinuxAndAgent",
            "Effect": "Allow",
            "Principal": _EVERYBODY,
            "Action": ["s3:GetObject"],
            "Resource": [f"arn:aws:s3:::{name.format(region=region)}/*" for name in (*_PACKAGES, *_AGENT)],
        },
    ]


def _own(account_id: str) -> policy.Statement:
    """Everything that this account asks of itself; each caller's own policy says what that is."""
    return {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": _EVERYBODY,
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {
            "StringEquals": {"aws:PrincipalAccount": account_id},
            # Some calls, such as an agent's report of its instance, are about nothing that an account owns.
            "StringEqualsIfExists": {"aws:ResourceAccount": account_id},
        },
    }
