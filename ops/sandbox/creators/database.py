"""Creators for the database, and for passwords and the secrets that hold them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

from ops.engine.record import Request, Secret
from ops.sandbox.creator import Call, Creator, Values

_SPECIALS: Final = "!@#$%&*()-_=+[]{}<>:?"  # what the provider takes unless `overrideSpecial` says otherwise

_NO_OPTION_GROUPS: Final = "moto knows option groups of MySQL up to 8.0 and refuses one of 8.4"

# Either way of making an instance takes these under other names than the provider's.
_NAMES: Final = {
    "DBInstanceIdentifier": "{identifier}",
    "DBInstanceClass": "{instanceClass}",
    "DBParameterGroupName": "{parameterGroupName}",
    "CACertificateIdentifier": "{caCertIdentifier}",
    "EnableIAMDatabaseAuthentication": "{iamDatabaseAuthenticationEnabled}",
}
_DROPPED: Final = {
    "allowMajorVersionUpgrade": "permits a later change, and nothing is changed here",
    "applyImmediately": "says when later changes happen",
    "deleteAutomatedBackups": "says what happens at deletion",
    "finalSnapshotIdentifier": "says what happens at deletion",
    **dict.fromkeys(
        ("performanceInsightsEnabled", "performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod"),
        "moto does not keep Performance Insights",
    ),
    "optionGroupName": _NO_OPTION_GROUPS,
    "skipFinalSnapshot": "says what happens at deletion",
}
# The provider's id is the instance's resource id, but moto gives the same to every instance.
_INSTANCE_ID: Final = "{identifier}"
_INSTANCE_OUTPUTS: Final = {
    "arn": "DBInstance.DBInstanceArn",
    "address": "DBInstance.Endpoint.Address",
    "engineVersionActual": "DBInstance.EngineVersion",
    "status": "DBInstance.DBInstanceStatus",
    "username": "DBInstance.MasterUsername",
}

# RDS takes most of these only for a standing replica, and the provider sets them right after the creation, as here. The
# subnet group is among them because moto would look for it in the source's region.
_REPLICA_CHANGE: Final = Call(
    operation="modify_db_instance",
    params={
        "DBInstanceIdentifier": "{identifier}",
        "DBSubnetGroupName": "{dbSubnetGroupName}",
        "BackupRetentionPeriod": "{backupRetentionPeriod}",
        "PreferredBackupWindow": "{backupWindow}",
        "PreferredMaintenanceWindow": "{maintenanceWindow}",
        "ApplyImmediately": True,
    },
)

_REPLICA: Final = Creator(
    service="rds",
    operation="create_db_instance_read_replica",
    id=_INSTANCE_ID,
    params={
        **_NAMES,
        "SourceDBInstanceIdentifier": "{replicateSourceDb}",
        "AvailabilityZone": "{region}a",  # RDS chooses one of the region; moto would keep the source's
    },
    outputs=_INSTANCE_OUTPUTS,
    dropped={
        **_DROPPED,
        "enabledCloudwatchLogsExports": "moto's replica keeps the list of its source, the same object",
        "storageEncrypted": "a replica's encryption follows from its key, and RDS has no parameter for it",
    },
    then=(_REPLICA_CHANGE,),
)


def _parameters(values: Values) -> dict[str, Any]:
    """The parameters of a group in the words of RDS."""
    renamed = [
        {"ParameterName": item["name"], "ParameterValue": item["value"], "ApplyMethod": item["applyMethod"]}
        for item in values.get("parameters", [])
    ]
    return {**values, "parameters": renamed}


def random_password(request: Request) -> tuple[str, Mapping[str, Any]]:
    """A password as `random.RandomPassword` makes one: never the same twice."""
    inputs = request.inputs
    alphabets = {
        "Lower": string.ascii_lowercase,
        "Upper": string.ascii_uppercase,
        "Numeric": string.digits,
        "Special": inputs.get("overrideSpecial") or _SPECIALS,
    }
    allowed = {kind: text for kind, text in alphabets.items() if inputs.get(kind.lower(), True)}
    chosen = [secrets.choice(text) for kind, text in allowed.items() for _ in range(inputs.get(f"min{kind}", 0))]
    everything = "".join(allowed.values())
    chosen += [secrets.choice(everything) for _ in range(inputs["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "none", {**inputs, "result": Secret("".join(chosen))}


CREATORS: Final = {
    "aws:rds/instance:Instance": Creator(
        service="rds",
        operation="create_db_instance",
        id=_INSTANCE_ID,
        params={
            **_NAMES,
            "EnableCloudwatchLogsExports": "{enabledCloudwatchLogsExports}",
            "MasterUsername": "{username}",
            "MasterUserPassword": "{password}",
            "PreferredBackupWindow": "{backupWindow}",
            "PreferredMaintenanceWindow": "{maintenanceWindow}",
        },
        outputs=_INSTANCE_OUTPUTS,
        dropped=_DROPPED,
        instead={"replicateSourceDb": _REPLICA},
    ),
    "aws:rds/subnetGroup:SubnetGroup": Creator(
        service="rds",
        operation="create_db_subnet_group",
        id="{name}",
        params={"DBSubnetGroupName": "{name}", "DBSubnetGroupDescription": "{description}"},
        outputs={"arn": "DBSubnetGroup.DBSubnetGroupArn", "vpcId": "DBSubnetGroup.VpcId"},
    ),
    "aws:rds/parameterGroup:ParameterGroup": Creator(
        service="rds",
        operation="create_db_parameter_group",
        id="{name}",
        prepare=_parameters,
        params={"DBParameterGroupName": "{name}", "DBParameterGroupFamily": "{family}"},
        outputs={"arn": "DBParameterGroup.DBParameterGroupArn"},
        then=(
            Call(
                operation="modify_db_parameter_group",
                params={"DBParameterGroupName": "{name}", "Parameters": "{parameters}"},
                when="parameters",
            ),
        ),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Creator(
        service="iam",
        operation="attach_role_policy",
        id="{role}-{logicalName}",
        params={"RoleName": "{role}"},
    ),
    "aws:secretsmanager/secret:Secret": Creator(
        service="secretsmanager",
        operation="create_secret",
        id="ARN",
        params={"AddReplicaRegions": "{replicas}"},
        outputs={"arn": "ARN"},
        dropped={
            "recoveryWindowInDays": "says what happens at deletion",
            "replicas[].kmsKeyId": "is given, but moto shows every replica under the default key",
        },
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Creator(
        service="secretsmanager",
        operation="put_secret_value",
        id="join('|', [ARN, VersionId])",
        outputs={"arn": "ARN", "versionId": "VersionId"},
    ),
}
RECORDED: Final = {
    "aws:rds/optionGroup:OptionGroup": _NO_OPTION_GROUPS,
    "aws:secretsmanager/secretRotation:SecretRotation": (
        "moto would run the function in a container of its own, against a MySQL that the local cloud has not; the "
        "tests rotate by the same function on real servers"
    ),
}
LOCAL: Final[dict[str, Callable[[Request], tuple[str, Mapping[str, Any]]]]] = {
    "random:index/randomPassword:RandomPassword": random_password,
}
