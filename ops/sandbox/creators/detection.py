"""Creators for detectors, and for what AWS Config records with. moto finds nothing by itself."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Call, Creator

CREATORS: Final = {
    "aws:guardduty/detector:Detector": Creator(
        service="guardduty",
        operation="create_detector",
        id="DetectorId",
        outputs={"arn": "arn:aws:guardduty:{region}:{account}:detector/{id}", "accountId": "{account}"},
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Creator(
        service="guardduty",
        operation="update_detector",
        id="{detectorId}/{name}",
        params={
            "DetectorId": "{detectorId}",
            "Features": [
                {"Name": "{name}", "Status": "{status}", "AdditionalConfiguration": "{additionalConfigurations}"}
            ],
        },
    ),
    "aws:securityhub/account:Account": Creator(
        service="securityhub",
        operation="enable_security_hub",
        id="{account}",
        outputs={"arn": "arn:aws:securityhub:{region}:{account}:hub/default"},
        dropped={"autoEnableControls": "moto answers that new controls are taken on, whatever is asked for"},
    ),
    "aws:inspector2/enabler:Enabler": Creator(
        service="inspector2", operation="enable", id="{account}-{region}", outputs={}
    ),
    "aws:cfg/recorder:Recorder": Creator(
        service="config",
        operation="put_configuration_recorder",
        id="{name}",
        params={
            "ConfigurationRecorder": {"name": "{name}", "roleARN": "{roleArn}", "recordingGroup": "{recordingGroup}"}
        },
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Creator(
        service="config",
        operation="put_delivery_channel",
        id="{name}",
        params={
            "DeliveryChannel": {
                "name": "{name}",
                "s3BucketName": "{s3BucketName}",
                "s3KeyPrefix": "{s3KeyPrefix}",
                "s3KmsKeyArn": "{s3KmsKeyArn}",
            }
        },
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Creator(
        service="config",
        operation="describe_configuration_recorders",
        id="{name}",
        params={"ConfigurationRecorderNames": ["{name}"]},
        then=(
            Call(
                operation="start_configuration_recorder",
                params={"ConfigurationRecorderName": "{name}"},
                when="isEnabled",
            ),
        ),
    ),
}

RECORDED: Final = {
    "aws:accessanalyzer/analyzer:Analyzer": "moto has no IAM Access Analyzer",
    "aws:cfg/conformancePack:ConformancePack": "moto's AWS Config has conformance packs of an organization only",
    "aws:securityhub/standardsSubscription:StandardsSubscription": "moto's Security Hub has findings, and no standards",
}
