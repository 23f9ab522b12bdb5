"""Which findings are of note, and the line that tells of each: a pattern and a template a detector. Pure.

Each detector tells of its own findings, once. Security Hub is told of nearly all of them too, so that here it speaks
for itself only and for what has no rule of its own.
"""

from __future__ import annotations

from typing import Final

from components.notices import PLACE, Notice
from domain.conformance import PREFIX

_LEAST_SEVERITY: Final = 4  # of GuardDuty, from 1 to 10: from here on it says medium
_GRAVE: Final = ("HIGH", "CRITICAL")
# What Security Hub calls those who tell by themselves.
_TELL_THEMSELVES: Final = ("Config", "GuardDuty", "IAM Access Analyzer", "Inspector")

NOTICES: Final = (
    Notice(
        name="threats",
        tells="What GuardDuty finds, of medium severity or above",
        pattern={
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Finding"],
            "detail": {"severity": [{"numeric": [">=", _LEAST_SEVERITY]}]},
        },
        line="GuardDuty, severity <severity> of 10, in <region> of account <account>: <title> (<type>, finding <id>)",
        paths={
            **PLACE,
            "id": "$.detail.id",
            "severity": "$.detail.severity",
            "title": "$.detail.title",
            "type": "$.detail.type",
        },
    ),
    Notice(
        name="standards",
        tells="What Security Hub finds against its standards, or is told by others, of high severity or above",
        pattern={
            "source": ["aws.securityhub"],
            "detail-type": ["Security Hub Findings - Imported"],
            "detail": {
                "findings": {
                    # What passed a control is a finding too. Others than controls do not say.
                    "Compliance": {"Status": ["FAILED", {"exists": False}]},
                    "ProductName": [{"anything-but": list(_TELL_THEMSELVES)}],
                    "RecordState": ["ACTIVE"],
                    "Severity": {"Label": list(_GRAVE)},
                    "Workflow": {"Status": ["NEW"]},
                }
            },
        },
        line="Security Hub, <severity>, in <region> of account <account>: <title> (<resource>, by <product>)",
        paths={
            **PLACE,
            "product": "$.detail.findings[0].ProductName",
            "resource": "$.detail.findings[0].Resources[0].Id",
            "severity": "$.detail.findings[0].Severity.Label",
            "title": "$.detail.findings[0].Title",
        },
    ),
    Notice(
        name="exposures",
        tells="What IAM Access Analyzer finds to be open to somebody outside the account",
        pattern={
            "source": ["aws.access-analyzer"],
            "detail-type": ["Access Analyzer Finding"],
            "detail": {"status": ["ACTIVE"]},
        },
        line="IAM Access Analyzer, in <region> of account <account>: <resource> (<type>) is open to others than "
        "the account (finding <id>)",
        paths={
            **PLACE,
            "id": "$.detail.id",
            "resource": "$.detail.resource",
            "type": "$.detail.resourceType",
        },
    ),
    Notice(
        name="weaknesses",
        tells="Known weaknesses that Inspector finds in instances and functions, of high severity or above",
        pattern={
            "source": ["aws.inspector2"],
            "detail-type": ["Inspector2 Finding"],
            "detail": {"severity": list(_GRAVE), "status": ["ACTIVE"]},
        },
        line="Inspector, <severity>, in <region> of account <account>: <title> (<resource>)",
        paths={
            **PLACE,
            "resource": "$.detail.resources[0].id",
            "severity": "$.detail.severity",
            "title": "$.detail.title",
        },
    ),
    Notice(
        name="deviations",
        tells="What has come to break a rule of the HIPAA pack",
        pattern={
            "source": ["aws.config"],
            "detail-type": ["Config Rules Compliance Change"],
            "detail": {
                "configRuleName": [{"prefix": PREFIX}],
                "messageType": ["ComplianceChangeNotification"],
                "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
            },
        },
        line="AWS Config, in <region> of account <account>: <resource> (<type>) breaks <rule>",
        paths={
            **PLACE,
            "resource": "$.detail.resourceId",
            "rule": "$.detail.configRuleName",
            "type": "$.detail.resourceType",
        },
    ),
)
