"""Creators for the release, the instances' profile and launch template, and the Auto Scaling group.

The launch template holds everything that is declared; the instances that moto launches from it do not. They have its
type, subnet, disk and tags and join the target group, but all start in the first subnet, without its security group,
profile and metadata options, and with a second disk of moto's own. What an instance would be is read off the template.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import pulumi

from ops.sandbox.creator import Call, Creator, Values

_NOT_REFRESHED = "says how instances are replaced when the group changes, and moto replaces none"


def _template(values: Values) -> dict[str, Any]:
    """The template's content apart from its name, as EC2 nests it."""
    whole = {key: values[key] for key in ("name", "description", "updateDefaultVersion") if key in values}
    data = {key: value for key, value in values.items() if key not in whole}
    data["tagSpecifications"] = [
        {**item, "tags": [{"Key": key, "Value": value} for key, value in item["tags"].items()]}
        for item in data.get("tagSpecifications", [])
    ]
    data["networkInterfaces"] = [
        {"Groups" if key == "securityGroups" else key: value for key, value in item.items()}
        for item in data.get("networkInterfaces", [])
    ]
    return {**whole, "data": data}


def _group(values: Values) -> dict[str, Any]:
    """The subnets in one text and the template by EC2's names, as Auto Scaling takes them."""
    template = values["launchTemplate"]
    rest = {key: value for key, value in values.items() if key != "vpcZoneIdentifiers"}
    return {
        **rest,
        "subnets": ",".join(values["vpcZoneIdentifiers"]),
        "launchTemplate": {"LaunchTemplateId": template["id"], "Version": template["version"]},
    }


def _object(values: Values) -> dict[str, Any]:
    """The content's bytes, in place of a file's path or of their text."""
    if content := values.get("contentBase64"):
        return {key: item for key, item in values.items() if key != "contentBase64"} | {
            "source": base64.b64decode(content)
        }
    asset = values["source"]
    if not isinstance(asset, pulumi.FileAsset):
        raise TypeError(f"source is {type(asset).__name__}: only a file is taken")
    return {**values, "source": Path(asset.path).read_bytes()}


CREATORS: Final = {
    "aws:ssm/document:Document": Creator(
        service="ssm",
        operation="create_document",
        id="DocumentDescription.Name",
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Creator(
        service="s3",
        operation="put_object",
        id="{key}",
        prepare=_object,
        params={"Body": "{source}", "SSEKMSKeyId": "{kmsKeyId}"},
        outputs={"etag": "ETag", "versionId": "VersionId"},
        dropped={"sourceHash": "is kept by Pulumi alone, to see that the file has changed"},
    ),
    "aws:iam/instanceProfile:InstanceProfile": Creator(
        service="iam",
        operation="create_instance_profile",
        id="InstanceProfile.InstanceProfileName",
        params={"InstanceProfileName": "{name}"},
        outputs={"arn": "InstanceProfile.Arn", "uniqueId": "InstanceProfile.InstanceProfileId"},
        then=(
            Call(
                operation="add_role_to_instance_profile",
                params={"InstanceProfileName": "{id}", "RoleName": "{role}"},
                when="role",
            ),
        ),
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Creator(
        service="ec2",
        operation="create_launch_template",
        id="LaunchTemplate.LaunchTemplateId",
        prepare=_template,
        params={
            "LaunchTemplateName": "{name}",
            "VersionDescription": "{description}",
            "LaunchTemplateData": "{data}",
        },
        tag_type="launch-template",
        outputs={
            "arn": "arn:aws:ec2:{region}:{account}:launch-template/{id}",
            "latestVersion": "LaunchTemplate.LatestVersionNumber",
            "defaultVersion": "LaunchTemplate.DefaultVersionNumber",
        },
        dropped={"updateDefaultVersion": "says what later versions do, and the first is the default anyway"},
    ),
    "aws:autoscaling/group:Group": Creator(
        service="autoscaling",
        operation="create_auto_scaling_group",
        id="{name}",
        prepare=_group,
        params={"AutoScalingGroupName": "{name}", "VPCZoneIdentifier": "{subnets}"},
        then=(
            Call(
                operation="enable_metrics_collection",
                params={
                    "AutoScalingGroupName": "{id}",
                    "Metrics": "{enabledMetrics}",
                    "Granularity": "{metricsGranularity}",
                },
                when="enabledMetrics",
            ),
            Call(
                operation="describe_auto_scaling_groups",
                params={"AutoScalingGroupNames": ["{id}"]},
                outputs={"arn": "AutoScalingGroups[0].AutoScalingGroupARN"},
            ),
        ),
        dropped={
            "instanceRefresh": _NOT_REFRESHED,
            "waitForCapacityTimeout": "says how long to wait for instances, and in moto they are there at once",
        },
    ),
    "aws:autoscaling/policy:Policy": Creator(
        service="autoscaling",
        operation="put_scaling_policy",
        id="{name}",
        params={"PolicyName": "{name}"},
        outputs={"arn": "PolicyARN"},
    ),
}
