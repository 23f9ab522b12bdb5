"""The one way a secret gets its first version: what the program writes once, and rotation replaces outside of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_aws import secretsmanager

from components import texts

# Keeps AWS from removing the version once it is in use no more: see `components.database.credentials`.
FIRST: Final = "first"


def first_version(
    name: str, secret: secretsmanager.Secret, values: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Write the first version of `secret`, and give the secret's ARN.

    Whoever takes the ARN waits for the value too, or its first read would find nothing.
    """
    version = secretsmanager.SecretVersion(
        name,
        secret_id=secret.id,
        secret_string=texts.dumps(values),
        version_stages=["AWSCURRENT", FIRST],
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["secret_string", "version_stages"]),
    )
    return pulumi.Output.all(secret.arn, version.id).apply(lambda found: str(found[0]))
