"""What the detectors watch, and where they can. Pure.

Every region that a side may live in has GuardDuty, Security Hub, AWS Config with conformance packs, IAM Access Analyzer
and Inspector. Source: the services' endpoints as botocore 1.44 lists them, November 2026; a test holds that true for
each region that is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SERVICES: Final = ("accessanalyzer", "config", "guardduty", "inspector2", "securityhub")  # as AWS calls their endpoints

# GuardDuty's features, what each watches, and what it is given to do so.
PROTECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "S3_DATA_EVENTS": "reads and writes of objects",
        "EBS_MALWARE_PROTECTION": "volumes of instances that act oddly",
        "RDS_LOGIN_EVENTS": "logins to databases",
        "LAMBDA_NETWORK_LOGS": "whom functions talk to",
        "RUNTIME_MONITORING": "processes, files and connections inside instances",
    }
)
AGENT: Final = MappingProxyType({"RUNTIME_MONITORING": "EC2_AGENT_MANAGEMENT"})  # GuardDuty installs and updates it

# What Inspector looks into for known weaknesses.
INSPECTED: Final = ("EC2", "LAMBDA")

# Security Hub's standards, by their paths.
STANDARDS: Final = MappingProxyType(
    {
        "foundational": "aws-foundational-security-best-practices/v/1.0.0",
        "cis": "cis-aws-foundations-benchmark/v/3.0.0",
    }
)

# Regions that AWS Config came to after February 2022: it does not record users, groups, roles and policies there.
# Source: "Recording AWS Resources" in its developer guide, read November 2026.
WITHOUT_IAM: Final = frozenset(
    {
        "ap-south-2",
        "ap-southeast-4",
        "ca-west-1",
        "eu-central-2",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "mx-central-1",
    }
)


def standard_arn(region: str, standard: str) -> str:
    """The ARN of the standard called so in `STANDARDS`, which is the region's own."""
    return f"arn:aws:securityhub:{region}::standards/{STANDARDS[standard]}"


def recorder_of_iam(regions: tuple[str, ...]) -> str:
    """The first of a cell's `regions` that can record what an account has once; empty if none can."""
    return next((region for region in regions if region not in WITHOUT_IAM), "")
