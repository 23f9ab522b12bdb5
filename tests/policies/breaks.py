"""For each rule, what breaks it. A rule without an example here fails the suite."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Final

from policies.names import (
    BALANCER,
    BUCKET,
    CACHE,
    DATABASE,
    ENDPOINT,
    FUNCTION,
    KEY,
    LISTENER,
    LOG_GROUP,
    PLAN,
    QUEUE,
    ROLE,
    SECRET,
    STACK,
    TEMPLATE,
    TOPIC,
    TRAIL,
    VAULT,
    VPC,
    WEB_ACL,
)
from tests.policies.recipes import Add, Change, Drop, Field, Leak, Parameter, Recipe, State

HOME_KEY: Final = "arn:aws:kms:us-east-2:111122223333:key/home-keys"
OTHER_KEY: Final = HOME_KEY.replace("us-east-2", "us-west-2")
PROVIDER: Final = "pulumi:providers:aws"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
OBJECT_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
VAULT_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
SUBNET: Final = "aws:ec2/subnet:Subnet"
PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
PARAMETER: Final = "aws:ssm/parameter:Parameter"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PERMISSION: Final = "aws:lambda/permission:Permission"
WEB_ACL_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
PASSWORDS: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
ALGORITHM: Final = "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm"
PRIVATE_KEY: Final = "-----BEGIN " + "RSA PRIVATE KEY-----"  # apart, so that nothing that scans this file finds one
ACCESS_KEY: Final = "AKIA" + 16 * "A"
TRUST: Final = {"Version": "2012-10-17"}


def federated(condition: Mapping[str, object]) -> Add:
    """A role that is taken with a token of another identity provider."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Condition": condition,
    }
    return Add(ROLE, {"permissionsBoundary": "b", "assumeRolePolicy": json.dumps({**TRUST, "Statement": [statement]})})


ENCRYPTION_AT_REST: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-foreign-key": (
        Change(LOG_GROUP, "kmsKeyId", ...),
        Change(DATABASE, "kmsKeyId", OTHER_KEY, name="home"),
        Change(DATABASE, "performanceInsightsKmsKeyId", ...),
        Change(QUEUE, "kmsMasterKeyId", "alias/aws/sqs"),
        Change(TOPIC, "kmsMasterKeyId", ...),
        Change(SECRET, "replicas.0.kmsKeyId", HOME_KEY, name="database"),
        Change(TEMPLATE, "blockDeviceMappings.0.ebs.kmsKeyId", OTHER_KEY, name="home"),
        Change(ENCRYPTION, "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId", ..., name="uploads"),
        Change(PARAMETER, "keyId", ...),
        Change(VAULT, "kmsKeyArn", OTHER_KEY, name="home"),
    ),
    "no-hasty-key-deletion": (Change(KEY, "deletionWindowInDays", 7),),
    "no-key-without-rotation": (Change(KEY, "enableKeyRotation", ...),),
    "no-unencrypted-bucket": (Change(ENCRYPTION, ALGORITHM, "AES256", name="uploads"), Drop(ENCRYPTION, "audit")),
    "no-unencrypted-cache": (Change(CACHE, "atRestEncryptionEnabled", value=False),),
    "no-unencrypted-database": (Change(DATABASE, "storageEncrypted", ...),),
    "no-unencrypted-volume": (Change(TEMPLATE, "blockDeviceMappings.0.ebs.encrypted", "false"),),
}
ENCRYPTION_IN_TRANSIT: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-lenient-balancer": (
        Change(BALANCER, "dropInvalidHeaderFields", ...),
        Change(BALANCER, "desyncMitigationMode", "monitor"),
    ),
    "no-plaintext-bucket": (
        State(BUCKET_POLICY, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, sid="DenyPlaintext"),
        Drop(BUCKET_POLICY),
    ),
    "no-plaintext-cache": (
        Change(CACHE, "transitEncryptionEnabled", value=False),
        Change(CACHE, "transitEncryptionMode", "preferred"),
        Change(CACHE, "authToken", ...),
    ),
    "no-plaintext-database": (
        Parameter(PARAMETERS, "require_secure_transport", "0"),
        Parameter(PARAMETERS, "tls_version", "TLSv1.1,TLSv1.2"),
        Change(DATABASE, "parameterGroupName", ...),
    ),
    "no-plaintext-listener": (
        Change(LISTENER, "defaultActions.0.redirect.protocol", "HTTP", name="http"),
        Change(LISTENER, "sslPolicy", "ELBSecurityPolicy-2016-08", name="edge-https"),
        Change(LISTENER, "sslPolicy", ..., name="edge-https"),
        Change(LISTENER, "protocol", "HTTP", name="edge-https"),
    ),
    "no-plaintext-message": (
        State("aws:sns/topicPolicy:TopicPolicy", {"Effect": "Allow", "Principal": {"AWS": "111122223333"}}),
        State("aws:sqs/queuePolicy:QueuePolicy", {"Condition": ...}, sid="DenyPlaintext"),
        Change(QUEUE, "policy", ..., name="documents-convert"),
    ),
    "no-plaintext-target": (Change("aws:lb/targetGroup:TargetGroup", "protocol", "HTTP"),),
}
PUBLIC: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-admin-port": (
        Add(INGRESS, {"cidrIpv4": "10.0.0.0/8", "fromPort": 22, "toPort": 22, "securityGroupId": "sg-1"}),
        Add(INGRESS, {"cidrIpv4": "10.0.0.0/8", "fromPort": 3000, "toPort": 4000, "securityGroupId": "sg-1"}),
    ),
    "no-first-metadata-service": (
        Change(TEMPLATE, "metadataOptions.httpTokens", "optional"),
        Change(TEMPLATE, "metadataOptions", ...),
        Change(TEMPLATE, "metadataOptions.httpPutResponseHopLimit", 2),
    ),
    "no-open-default-group": (Change(DEFAULT_GROUP, "egress", [{"self": True}]), Drop(DEFAULT_GROUP)),
    "no-open-ingress": (
        Change(INGRESS, "toPort", 444, name="edge-443"),
        Change(INGRESS, "fromPort", 79, name="edge-80"),
        Add(INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1", "securityGroupId": "sg-1"}),
        Add(INGRESS, {"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443, "securityGroupId": "sg-1"}),
        Add(INGRESS, {"cidrIpv4": "128.0.0.0/1", "fromPort": 3306, "toPort": 3306, "securityGroupId": "sg-1"}),
        Add(GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 22, "toPort": 22, "protocol": "tcp"}]}),
        Add(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"], "fromPort": 0, "toPort": 0, "securityGroupId": "sg-1"},
        ),
    ),
    "no-public-address": (
        Change(SUBNET, "mapPublicIpOnLaunch", value=True),
        Change(TEMPLATE, "networkInterfaces.0.associatePublicIpAddress", "true"),
    ),
    "no-public-bucket": (
        Change(BLOCK, "blockPublicPolicy", value=False),
        Drop(BLOCK),
        Add("aws:s3/bucketAcl:BucketAcl", {"acl": "public-read"}),
    ),
    "no-public-database": (Change(DATABASE, "publiclyAccessible", value=True),),
    "no-public-function": (
        Add("aws:lambda/functionUrl:FunctionUrl", {"authorizationType": "NONE"}),
        Add(PERMISSION, {"principal": "*", "action": "lambda:InvokeFunction"}),
    ),
    "no-public-snapshot": (
        Add("aws:rds/snapshot:Snapshot", {"sharedAccounts": ["all"]}),
        Add("aws:ec2/amiLaunchPermission:AmiLaunchPermission", {"group": "all"}),
    ),
}
LOGS: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-unlogged-balancer": (Change(BALANCER, "accessLogs.enabled", value=False), Change(BALANCER, "accessLogs", ...)),
    "no-unlogged-bucket": (Drop(LOGGING, "uploads"),),
    "no-unlogged-database": (Change(DATABASE, "enabledCloudwatchLogsExports", ["error"]),),
    "no-unguarded-balancer": (Drop("aws:wafv2/webAclAssociation:WebAclAssociation"),),
    "no-unlogged-firewall": (
        Add(WEB_ACL, {"name": "medical-us-use2-added"}),
        Add(WEB_ACL_LOGGING, {"resourceArn": "arn", "redactedFields": [{"singleHeader": {"name": "cookie"}}]}),
    ),
    "no-short-access-logs": (Change(LIFECYCLE, "rules.2.expiration.days", 30, name="logs"),),
    "no-unrecorded-stack": (Drop(TRAIL),),
    "no-unwatched-region": (
        Drop("aws:guardduty/detector:Detector"),
        Drop("aws:cfg/recorderStatus:RecorderStatus"),
        Drop("aws:securityhub/account:Account"),
        Drop("aws:accessanalyzer/analyzer:Analyzer"),
        Drop("aws:inspector2/enabler:Enabler"),
        Change("aws:guardduty/detector:Detector", "enable", value=False),
        Change("aws:cfg/recorderStatus:RecorderStatus", "isEnabled", value=False),
    ),
    "no-open-account": (
        Drop(ACCOUNT_BLOCK),
        Change(ACCOUNT_BLOCK, "ignorePublicAcls", value=False),
        Drop(PASSWORDS),
        Change(PASSWORDS, "minimumPasswordLength", 8),
        Drop("aws:ebs/encryptionByDefault:EncryptionByDefault"),
        Change("aws:ebs/encryptionByDefault:EncryptionByDefault", "enabled", value=False),
        Change(TRAIL, "advancedEventSelectors.5.fieldSelectors.0.equals", ["Data"]),
    ),
    "no-unlogged-network": (Drop(FLOW_LOG), Change(FLOW_LOG, "trafficType", "ACCEPT")),
    "no-unvalidated-trail": (
        Add(TRAIL, {"kmsKeyId": HOME_KEY, "isMultiRegionTrail": True}),
        Add(TRAIL, {"kmsKeyId": HOME_KEY, "enableLogFileValidation": True, "isMultiRegionTrail": False}),
    ),
}
KEPT: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-database-without-backups": (Change(DATABASE, "backupRetentionPeriod", 1),),
    "no-deletable-balancer": (Change(BALANCER, "enableDeletionProtection", value=False),),
    "no-deletable-database": (
        Change(DATABASE, "deletionProtection", value=False),
        Change(DATABASE, "skipFinalSnapshot", value=True, name="home"),
    ),
    "no-short-backup": (
        Change(PLAN, "rules.0.lifecycle.deleteAfter", 3),
        Change(PLAN, "rules.0.copyActions.0.lifecycle.deleteAfter", 1),
    ),
    "no-short-log-retention": (Change(LOG_GROUP, "retentionInDays", 30),),
    "no-single-zone-store": (
        Change(DATABASE, "multiAz", value=False, name="home"),
        Change(CACHE, "automaticFailoverEnabled", value=False),
    ),
    "no-unlocked-evidence": (
        Change(OBJECT_LOCK, "rule.defaultRetention.days", 365, name="audit"),
        Drop(OBJECT_LOCK, "audit"),
    ),
    "no-unlocked-vault": (Drop(VAULT_LOCK), Change(VAULT_LOCK, "minRetentionDays", ...)),
    "no-unprotected-store": (
        Field(BUCKET, {"protect": False}),
        Field(KEY, {"protect": False}),
        Change(BUCKET, "forceDestroy", value=True),
    ),
    "no-unversioned-bucket": (
        Drop(VERSIONING),
        Change(VERSIONING, "versioningConfiguration.status", "Suspended"),
    ),
}
PLACES: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-default-provider": (
        Field(VPC, {"provider": ""}),
        Field(VPC, {"provider": "urn:pulumi:us::medical-platform::pulumi:providers:aws::default_7_51_1"}),
    ),
    "no-foreign-copy": (
        Change(
            PLAN,
            "rules.0.copyActions.0.destinationVaultArn",
            "arn:aws:backup:eu-west-1:111122223333:vault/medical-eu-euw1-backup",
        ),
        Change(REPLICATION, "rules.0.destination.bucket", "arn:aws:s3:::elsewhere"),
        Change(DATABASE, "replicateSourceDb", "arn:aws:rds:eu-west-1:111122223333:db:other", name="recovery"),
        Add("aws:dynamodb/table:Table", {"replicas": [{"regionName": "ap-northeast-1"}]}),
    ),
    "no-foreign-region": (
        Change(PROVIDER, "region", "eu-west-1"),
        Add(VPC.replace("vpc:Vpc", "eip:Eip"), {"region": "us-west-2"}),
    ),
    "no-untagged-resource": (
        Change(PROVIDER, "defaultTags.tags.Side", ...),
        Change(PROVIDER, "defaultTags.tags.Jurisdiction", "XX"),
        Change(PROVIDER, "defaultTags", ...),
    ),
}
RIGHTS: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-admin-policy": (
        Add(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        Add(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}),
        Change(ROLE, "managedPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]),
    ),
    "no-confused-deputy": (State(ROLE, {"Condition": ...}, key="assumeRolePolicy", name="backup-plan"),),
    "no-foreign-trust": (
        State(KEY, {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}),
        State(ROLE, {"Principal": {"AWS": "999988887777"}}, key="assumeRolePolicy", name="backup-plan"),
    ),
    "no-free-pass-role": (
        State(ROLE_POLICY, {"Condition": ...}, sid="TextractTells"),
        State(ROLE_POLICY, {"Resource": "arn:aws:iam::111122223333:role/*"}, sid="TextractTells"),
    ),
    "no-long-lived-credentials": (Add("aws:iam/user:User", {}), Add("aws:iam/accessKey:AccessKey", {})),
    "no-unbound-federation": (
        federated({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}),
        federated({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:us/platform:*"}}),
        federated({"StringLike": {"x:sub": "*", "x:aud": "sts.amazonaws.com"}}),
    ),
    "no-unbounded-role": (Change(ROLE, "permissionsBoundary", ...),),
    "no-wildcard-action": (
        State(ROLE_POLICY, {"Action": ["s3:Get*"]}),
        State(ROLE_POLICY, {"Action": "*"}),
        State(ROLE_POLICY, {"Action": ..., "NotAction": ["iam:*"]}),
    ),
    "no-open-endpoint": (Change(ENDPOINT, "policy", ...),),
    "no-wildcard-principal": (
        State(ENDPOINT, {"Resource": "*", "Condition": ..., "Principal": "*"}),
        State(KEY, {"Condition": ...}, sid="AutoScalingVolumes"),
        State(KEY, {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}}}, sid="AutoScalingVolumes"),
        State(KEY, {"Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}, sid="AutoScalingVolumes"),
        State(ROLE, {"Principal": "*", "Condition": ...}, key="assumeRolePolicy"),
    ),
    "no-wildcard-resource": (
        State(ROLE_POLICY, {"Resource": "*"}, name="flow-logs"),
        State(ROLE_POLICY, {"Resource": ..., "NotResource": ["arn:aws:s3:::x"]}, name="flow-logs"),
    ),
}
SECRETS: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-plain-secret": (
        Field(DATABASE, {"marked": frozenset()}),
        Field(CACHE, {"marked": frozenset()}),
        Field(PARAMETER, {"marked": frozenset()}),
    ),
    "no-secret-in-text": (
        Change(FUNCTION, "environment.variables.TOKEN", ACCESS_KEY),
        Change(FUNCTION, "environment.variables.DATABASE", "mysql://medical:correct-horse@db:3306/medical"),
        Change(TEMPLATE, "userData", base64.b64encode(PRIVATE_KEY.encode()).decode()),
        Change(TOPIC, "displayName", PRIVATE_KEY),
        Leak(DATABASE, "password", Change(FUNCTION, "environment.variables.PASSWORD", None)),
        Leak(CACHE, "authToken", Change(STACK, "token", None)),
    ),
}
VERSIONS: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-deprecated-engine": (
        Change(DATABASE, "engineVersion", "8.0.39", name="home"),
        Change(DATABASE, "engineVersion", "5.7", name="home"),
        Change(CACHE, "engine", "memcached"),
    ),
    "no-deprecated-runtime": (Change(FUNCTION, "runtime", "python3.10"), Change(FUNCTION, "runtime", "python2.7")),
    "no-unpatched-store": (
        Change(DATABASE, "autoMinorVersionUpgrade", value=False),
        Change(CACHE, "autoMinorVersionUpgrade", value=False),
    ),
}
BREAKS: Final[Mapping[str, Sequence[Recipe]]] = {
    **ENCRYPTION_AT_REST,
    **ENCRYPTION_IN_TRANSIT,
    **PUBLIC,
    **LOGS,
    **KEPT,
    **PLACES,
    **RIGHTS,
    **SECRETS,
    **VERSIONS,
}
