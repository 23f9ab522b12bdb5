"""A side's detectors. An account has each once a region, so the stack that owns its regions makes them.

Owns: GuardDuty's detector with its protections, Security Hub with its standards, IAM Access Analyzer, Inspector, AWS
Config with the HIPAA pack, and the rules that lead findings to operations. Does not own: the scanner of uploads
(`components.documents.scan`), which works without a detector, the trail, and the alarms on it. The analyzer of unused
access is left out: it is paid by role, every month, and finds what Inspector and the pack do not depend on.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import accessanalyzer, guardduty, inspector2, securityhub

from components.detection import notices, recorder
from components.detection.args import DetectionArgs
from domain import detection


class Detection(pulumi.ComponentResource):
    """What finds attackers, weaknesses and deviations in a region of the account."""

    detector_id: pulumi.Output[str]

    def __init__(self, name: str, args: DetectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the rules first, so that the first finding is told, and then what finds."""
        super().__init__("medical:detection:Detection", name, None, opts)
        self._name = name
        self._args = args
        # A region has each detector once, and none has an input that the claim could give.
        self._child = pulumi.ResourceOptions(parent=self, depends_on=[args.claim] if args.claim else None)
        notices.build_notices(name, args, self._child)
        self.detector_id = self._build_detector()
        self._build_hub()
        self._build_analyzer()
        self._build_inspector()
        recorder.build_recorder(name, args, self._child)
        self.register_outputs({"detector_id": self.detector_id})

    def _build_detector(self) -> pulumi.Output[str]:
        detector = guardduty.Detector(
            self._name, enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self._child
        )
        for feature in detection.PROTECTIONS:
            agent = detection.AGENT.get(feature)
            guardduty.DetectorFeature(
                f"{self._name}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                additional_configurations=[
                    guardduty.DetectorFeatureAdditionalConfigurationArgs(name=agent, status="ENABLED")
                ]
                if agent
                else None,
                opts=self._child,
            )
        return detector.id

    def _build_hub(self) -> None:
        hub = securityhub.Account(
            self._name,
            enable_default_standards=False,  # which they are changes with time; ours are named
            control_finding_generator="SECURITY_CONTROL",  # one finding a control, however many standards ask for it
            auto_enable_controls=True,
            opts=self._child,
        )
        for standard in detection.STANDARDS:
            securityhub.StandardsSubscription(
                f"{self._name}-{standard}",
                standards_arn=detection.standard_arn(self._args.region, standard),
                # No input of a subscription leads to the account that it is made in.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[hub]),
            )

    def _build_analyzer(self) -> None:
        accessanalyzer.Analyzer(
            self._name, analyzer_name=self._args.names.of("external-access"), type="ACCOUNT", opts=self._child
        )

    def _build_inspector(self) -> None:
        inspector2.Enabler(
            self._name,
            account_ids=[self._args.account_id],
            resource_types=list(detection.INSPECTED),
            opts=self._child,
        )
