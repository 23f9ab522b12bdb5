"""Creators for what an account has once, and once in each region."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

_NO_SETTING: Final = "moto keeps no such setting of an account in a region"

CREATORS: Final = {
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Creator(
        service="s3control",
        operation="put_public_access_block",
        id="{accountId}",
        params={
            "AccountId": "{accountId}",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": "{blockPublicAcls}",
                "BlockPublicPolicy": "{blockPublicPolicy}",
                "IgnorePublicAcls": "{ignorePublicAcls}",
                "RestrictPublicBuckets": "{restrictPublicBuckets}",
            },
        },
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Creator(
        service="iam", operation="update_account_password_policy", id="iam-account-password-policy {account}"
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Creator(
        service="ec2",
        operation="enable_ebs_encryption_by_default",
        id="ebs-encryption-by-default {region}",
        dropped={"enabled": "true is what the call means"},
    ),
    "aws:ebs/defaultKmsKey:DefaultKmsKey": Creator(
        service="ec2", operation="modify_ebs_default_kms_key_id", id="KmsKeyId", params={"KmsKeyId": "{keyArn}"}
    ),
}
RECORDED: Final = {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": _NO_SETTING,
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": _NO_SETTING,
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": _NO_SETTING,
    "aws:ssm/serviceSetting:ServiceSetting": _NO_SETTING,
}
