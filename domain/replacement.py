"""What AWS cannot change on a standing database, so that an edit of it makes a new one in its place. Pure."""

from __future__ import annotations

from typing import Final

# Inputs of `aws.rds.Instance` that the provider marks ForceNew, as Pulumi spells them. Source: the schema of
# `aws_db_instance` in the Terraform AWS provider (internal/service/rds/instance.go), which pulumi-aws is built from.
# `identifier` was among them until 5.0 and is renamed in place since. `replicateSourceDb` never was: to remove it
# promotes; RDS refuses to set it on a standing instance.
INSTANCE: Final = frozenset(
    {
        "availabilityZone",
        "backupTarget",
        "characterSetName",
        "customIamInstanceProfile",
        "dbName",
        "engine",
        "engineLifecycleSupport",
        "identifierPrefix",
        "kmsKeyId",
        "ncharCharacterSetName",
        "restoreToPointInTime",
        "s3Import",
        "snapshotIdentifier",
        "storageEncrypted",
        "timezone",
        "username",
    },
)
