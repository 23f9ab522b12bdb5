"""The tables of updaters and deleters: how a standing resource of a type is changed or deleted in moto. Pure.

As in the table of creators, calls are templates. An updater's templates see the values of those inputs alone that have
changed, so that a parameter whose input has not changed is left out, and besides them `{standing}`, the id that the
resource has, and what `prepare` makes of the inputs before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ops.sandbox.creator import Call, Template, Values
from ops.sandbox.creators import CREATORS

DATABASE: Final = "aws:rds/instance:Instance"
_PARAMETER_GROUP_TYPE: Final = "aws:rds/parameterGroup:ParameterGroup"
_TEMPLATE_TYPE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
_GROUP_TYPE: Final = "aws:autoscaling/group:Group"


@dataclass(frozen=True, kw_only=True)
class Updater:
    """How one resource type is changed in place.

    `inputs` are those that the calls can change, and `idle` those whose change asks nothing of the cloud, each with the
    reason; a change of any other is not made. `outputs` are those that follow from the new inputs, as templates over
    all of these; they are known before the calls are made, so that whatever depends on them can be declared.
    """

    service: str
    calls: tuple[Call, ...]
    inputs: frozenset[str]
    idle: Mapping[str, str] = field(default_factory=dict)
    id: str = "{standing}"
    outputs: Mapping[str, Template] = field(default_factory=dict)
    prepare: Callable[[Values, Values], Mapping[str, Any]] | None = None


def _prepared(type_: str, inputs: Values) -> Mapping[str, Any]:
    """`inputs` in the form in which the creator of `type_` hands them over."""
    prepare = CREATORS[type_].prepare
    plain = {key: value for key, value in inputs.items() if key != "tags"}
    return prepare(plain) if prepare else plain


_RESIZED: Final = {
    "MultiAZ": "{multiAz}",
    "BackupRetentionPeriod": "{backupRetentionPeriod}",
    "DBParameterGroupName": "{parameterGroupName}",
    "DBInstanceClass": "{instanceClass}",
    "AllocatedStorage": "{allocatedStorage}",
    "MaxAllocatedStorage": "{maxAllocatedStorage}",
    "DeletionProtection": "{deletionProtection}",
    "VpcSecurityGroupIds": "{vpcSecurityGroupIds}",
}
_RENAMED: Final = {"NewDBInstanceIdentifier": "{identifier}"}


def _instance(before: Values, after: Values) -> dict[str, Any]:
    changed = {key for key in {**before, **after} if before.get(key) != after.get(key) and key in after}
    asked = {template.strip("{}") for template in {**_RESIZED, **_RENAMED}.values()}
    return {
        "promoted": "replicateSourceDb" in before and "replicateSourceDb" not in after,
        "kept": after.get("backupRetentionPeriod"),
        "modified": bool(changed & asked),
    }


_IDLE: Final = "says what happens at deletion"
_INSTANCE: Final = Updater(
    service="rds",
    inputs=frozenset({"replicateSourceDb", *(text.strip("{}") for text in {**_RESIZED, **_RENAMED}.values())}),
    idle={
        "applyImmediately": "says when changes happen, and here they do at once",
        "skipFinalSnapshot": _IDLE,
        "finalSnapshotIdentifier": _IDLE,
    },
    prepare=_instance,
    calls=(
        # Whether it has been promoted already, outside the program, only RDS knows.
        Call(
            operation="describe_db_instances",
            params={"DBInstanceIdentifier": "{standing}"},
            outputs={"source": "DBInstances[0].ReadReplicaSourceDBInstanceIdentifier"},
            when="promoted",
        ),
        Call(
            operation="promote_read_replica",
            params={"DBInstanceIdentifier": "{standing}", "BackupRetentionPeriod": "{kept}"},
            when="source",
        ),
        Call(
            operation="modify_db_instance",
            params={"DBInstanceIdentifier": "{standing}", "ApplyImmediately": True, **_RESIZED, **_RENAMED},
            when="modified",
        ),
    ),
    id="{identifier}",
    outputs={
        "arn": "arn:aws:rds:{region}:{account}:db:{identifier}",
        "address": "{identifier}.aaaaaaaaaa.{region}.rds.amazonaws.com",  # as moto makes it
    },
)


def _parameters(before: Values, after: Values) -> dict[str, Any]:
    """The parameters that are set to something else, and those that go back to their default."""
    had = {item["name"]: item for item in before.get("parameters", [])}
    has = {item["name"]: item for item in after.get("parameters", [])}
    lost = [{"ParameterName": name, "ApplyMethod": had[name]["applyMethod"]} for name in had if name not in has]
    changed = [item for name, item in has.items() if had.get(name) != item]
    spelled = _prepared(_PARAMETER_GROUP_TYPE, {"parameters": changed})["parameters"]
    return {"set": spelled or None, "reset": lost or None}


_PARAMETER_GROUP: Final = Updater(
    service="rds",
    inputs=frozenset({"parameters"}),
    prepare=_parameters,
    calls=(
        Call(
            operation="modify_db_parameter_group",
            params={"DBParameterGroupName": "{standing}", "Parameters": "{set}"},
            when="set",
        ),
        Call(
            operation="reset_db_parameter_group",
            params={"DBParameterGroupName": "{standing}", "Parameters": "{reset}"},
            when="reset",
        ),
    ),
)
_PARAMETER: Final = Updater(
    service="ssm",
    inputs=frozenset({"value", "description", "tier"}),
    calls=(
        Call(
            operation="put_parameter",
            params={
                "Name": "{standing}",
                "Overwrite": True,
                "Value": "{whole}",
                "Type": "{type}",
                "KeyId": "{key}",
                "Description": "{description}",
                "Tier": "{tier}",
            },
        ),
    ),
    prepare=lambda _, after: {"whole": after["value"], "type": after["type"], "key": after.get("keyId")},
)
_LAUNCH_TEMPLATE: Final = Updater(
    service="ec2",
    inputs=frozenset(
        {
            *("blockDeviceMappings", "ebsOptimized", "iamInstanceProfile", "imageId", "instanceType"),
            *("metadataOptions", "monitoring", "networkInterfaces", "tagSpecifications", "userData"),
        }
    ),
    calls=(
        Call(
            operation="create_launch_template_version",
            params={"LaunchTemplateId": "{standing}", "LaunchTemplateData": "{data}"},
            outputs={"made": "LaunchTemplateVersion.VersionNumber"},
        ),
        Call(
            operation="modify_launch_template",
            params={"LaunchTemplateId": "{standing}", "DefaultVersion": "{made}"},
            when="updates",
        ),
    ),
    prepare=lambda _, after: {
        "data": _prepared(_TEMPLATE_TYPE, after)["data"],
        "updates": after.get("updateDefaultVersion", False),
    },
    outputs={
        "latestVersion": lambda values: values["latestVersion"] + 1,
        "defaultVersion": lambda values: (
            values["latestVersion"] + 1 if values.get("updateDefaultVersion") else values["defaultVersion"]
        ),
    },
)
_GROUP: Final = Updater(
    service="autoscaling",
    inputs=frozenset({"minSize", "maxSize", "desiredCapacity", "launchTemplate"}),
    idle={"instanceRefresh": "says how instances are replaced, and moto replaces none"},
    prepare=lambda before, after: {
        "template": _prepared(_GROUP_TYPE, after)["launchTemplate"]
        if before.get("launchTemplate") != after["launchTemplate"]
        else None
    },
    calls=(
        Call(
            operation="update_auto_scaling_group",
            params={
                "AutoScalingGroupName": "{standing}",
                "MinSize": "{minSize}",
                "MaxSize": "{maxSize}",
                "DesiredCapacity": "{desiredCapacity}",
                "LaunchTemplate": "{template}",
            },
        ),
    ),
)
_FUNCTION: Final = Updater(
    service="lambda",
    inputs=frozenset({"environment"}),
    calls=(
        Call(
            operation="update_function_configuration",
            params={"FunctionName": "{standing}", "Environment": "{environment}"},
        ),
    ),
)

UPDATERS: Final[Mapping[str, Updater]] = {
    "aws:lambda/function:Function": _FUNCTION,
    DATABASE: _INSTANCE,
    _PARAMETER_GROUP_TYPE: _PARAMETER_GROUP,
    "aws:ssm/parameter:Parameter": _PARAMETER,
    _TEMPLATE_TYPE: _LAUNCH_TEMPLATE,
    _GROUP_TYPE: _GROUP,
}
PUT_AGAIN: Final = frozenset(
    {
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:autoscaling/policy:Policy",
        "aws:synthetics/canary:Canary",
    }
)
"""The types whose creation, made again, overwrites what stands."""


def _deleted(service: str, operation: str, **params: Template) -> Updater:
    return Updater(service=service, calls=(Call(operation=operation, params=params),), inputs=frozenset())


DELETERS: Final[Mapping[str, Updater]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _deleted("cloudwatch", "delete_alarms", AlarmNames=["{standing}"]),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _deleted("cloudwatch", "delete_alarms", AlarmNames=["{standing}"]),
    "aws:cloudwatch/logGroup:LogGroup": _deleted("logs", "delete_log_group", logGroupName="{name}"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _deleted(
        "iam", "detach_role_policy", RoleName="{role}", PolicyArn="{policyArn}"
    ),
    "aws:iam/rolePolicy:RolePolicy": _deleted(
        "iam", "delete_role_policy", RoleName="{role}", PolicyName="{logicalName}"
    ),
    "aws:iam/role:Role": _deleted("iam", "delete_role", RoleName="{name}"),
    "aws:backup/plan:Plan": _deleted("backup", "delete_backup_plan", BackupPlanId="{standing}"),
    "aws:s3/bucketNotification:BucketNotification": _deleted(
        "s3", "put_bucket_notification_configuration", Bucket="{bucket}", NotificationConfiguration={}
    ),
    "aws:ssm/parameter:Parameter": _deleted("ssm", "delete_parameter", Name="{standing}"),
    _PARAMETER_GROUP_TYPE: _deleted("rds", "delete_db_parameter_group", DBParameterGroupName="{standing}"),
}
