"""Samples of what detectors put on the event bus: those of note with the lines that tell of them, and others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from tests.support import ACCOUNT, HOME

Event: TypeAlias = dict[str, Any]

GUARDDUTY: Final[Event] = {
    "source": "aws.guardduty",
    "detail-type": "GuardDuty Finding",
    "detail": {
        "id": "16af",
        "severity": 8,
        "title": "An instance talks to a miner",
        "type": "CryptoCurrency:EC2/Tool",
    },
}
HUB: Final[Event] = {
    "source": "aws.securityhub",
    "detail-type": "Security Hub Findings - Imported",
    "detail": {
        "findings": [
            {
                "Compliance": {"Status": "FAILED", "SecurityControlId": "EC2.19"},
                "ProductName": "Security Hub",
                "RecordState": "ACTIVE",
                "Resources": [{"Id": "sg-1"}],
                "Severity": {"Label": "CRITICAL"},
                "Title": "Groups should not be open",
                "Workflow": {"Status": "NEW"},
            }
        ]
    },
}
ANALYZER: Final[Event] = {
    "source": "aws.access-analyzer",
    "detail-type": "Access Analyzer Finding",
    "detail": {
        "id": "2",
        "isPublic": False,
        "resource": "b-1",
        "resourceType": "AWS::S3::Bucket",
        "status": "ACTIVE",
    },
}
INSPECTOR: Final[Event] = {
    "source": "aws.inspector2",
    "detail-type": "Inspector2 Finding",
    "detail": {
        "resources": [{"id": "i-1234"}],
        "severity": "HIGH",
        "status": "ACTIVE",
        "title": "CVE-2026-0001 - openssl",
    },
}
CONFIG: Final[Event] = {
    "source": "aws.config",
    "detail-type": "Config Rules Compliance Change",
    "detail": {
        "configRuleName": "medical-hipaa-encrypted-volumes-abc",
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
        "resourceId": "vol-1",
        "resourceType": "AWS::EC2::Volume",
    },
}
PLACE: Final = f"in {HOME} of account {ACCOUNT}:"
TOLD: Final[dict[str, tuple[Event, str]]] = {
    "GuardDuty": (
        GUARDDUTY,
        f"GuardDuty, severity 8 of 10, {PLACE} An instance talks to a miner (CryptoCurrency:EC2/Tool, finding 16af)",
    ),
    "Security Hub": (HUB, f"Security Hub, CRITICAL, {PLACE} Groups should not be open (sg-1, by Security Hub)"),
    "IAM Access Analyzer": (
        ANALYZER,
        f"IAM Access Analyzer, {PLACE} b-1 (AWS::S3::Bucket) is open to others than the account (finding 2)",
    ),
    "Inspector": (INSPECTOR, f"Inspector, HIGH, {PLACE} CVE-2026-0001 - openssl (i-1234)"),
    "AWS Config": (CONFIG, f"AWS Config, {PLACE} vol-1 (AWS::EC2::Volume) breaks medical-hipaa-encrypted-volumes-abc"),
}


def changed(event: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """`event` with something in its detail changed."""
    copy: dict[str, Any] = json.loads(json.dumps(event))
    change(copy["detail"])
    return copy


def in_finding(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda detail: detail["findings"][0].update(changes)


NOT_TOLD: Final = {
    "a finding of low severity": changed(GUARDDUTY, lambda detail: detail.update(severity=3.9)),
    "what the scanner says of an upload": {
        **GUARDDUTY,
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
    },
    "a control that passed": changed(HUB, in_finding(Compliance={"Status": "PASSED"})),
    "a control of medium severity": changed(HUB, in_finding(Severity={"Label": "MEDIUM"})),
    "what somebody has seen": changed(HUB, in_finding(Workflow={"Status": "NOTIFIED"})),
    "what is over": changed(HUB, in_finding(RecordState="ARCHIVED")),
    "GuardDuty's, again": changed(HUB, in_finding(ProductName="GuardDuty", Compliance={})),
    "Inspector's, again": changed(HUB, in_finding(ProductName="Inspector", Compliance={})),
    "Config's, again": changed(HUB, in_finding(ProductName="Config")),
    "access that was closed": changed(ANALYZER, lambda detail: detail.update(status="RESOLVED")),
    "a weakness of medium severity": changed(INSPECTOR, lambda detail: detail.update(severity="MEDIUM")),
    "a weakness that was mended": changed(INSPECTOR, lambda detail: detail.update(status="CLOSED")),
    "what complies again": changed(
        CONFIG, lambda detail: detail.update(newEvaluationResult={"complianceType": "COMPLIANT"})
    ),
    "a rule of Security Hub's own": changed(
        CONFIG, lambda detail: detail.update(configRuleName="securityhub-encrypted-volumes-1234")
    ),
}
