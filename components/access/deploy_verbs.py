"""The actions that a deployment takes, by what they are about: to make, read, change and take away what is declared.

Pure. Whole families stand with a *, where each of them is about the same kind of resource.
"""

from __future__ import annotations

from typing import Final

EC2_LOOK: Final = ("ec2:Describe*", "ec2:GetEbsEncryptionByDefault", "ec2:GetLaunchTemplateData")
EC2_MAKE: Final = (
    "ec2:AllocateAddress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateFlowLogs",
    "ec2:CreateInternetGateway",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSubnet",
    "ec2:CreateVpc",
    "ec2:CreateVpcEndpoint",
)
EC2_CHANGE: Final = (
    "ec2:AssociateRouteTable",
    "ec2:AttachInternetGateway",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:CreateRoute",
    "ec2:CreateTags",
    "ec2:Delete*",
    "ec2:Detach*",
    "ec2:DisassociateAddress",
    "ec2:DisassociateRouteTable",
    "ec2:ModifyLaunchTemplate",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReleaseAddress",
    "ec2:ReplaceRoute*",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:UpdateSecurityGroupRuleDescriptions*",
)
RESOLVER: Final = (
    "route53resolver:AssociateResolverQueryLogConfig",
    "route53resolver:CreateResolverQueryLogConfig",
    "route53resolver:DeleteResolverQueryLogConfig",
    "route53resolver:DisassociateResolverQueryLogConfig",
    "route53resolver:GetResolverQueryLogConfig*",
    "route53resolver:ListTagsForResource",
    "route53resolver:TagResource",
    "route53resolver:UntagResource",
)
ELB: Final = (
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:Create*",
    "elasticloadbalancing:Delete*",
    "elasticloadbalancing:Modify*",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:Set*",
)
ACM: Final = (
    "acm:AddTagsToCertificate",
    "acm:DeleteCertificate",
    "acm:DescribeCertificate",
    "acm:GetCertificate",
    "acm:ListTagsForCertificate",
    "acm:RemoveTagsFromCertificate",
)
ROUTE_53: Final = (
    "route53:Change*",
    "route53:DeleteHealthCheck",
    "route53:Get*",
    "route53:List*",
    "route53:UpdateHealthCheck",
    "route53:UpdateHostedZoneComment",
)
WAF: Final = (
    "wafv2:CreateWebACL",
    "wafv2:DeleteLoggingConfiguration",
    "wafv2:DeleteWebACL",
    "wafv2:Get*",
    "wafv2:List*",
    "wafv2:PutLoggingConfiguration",
    "wafv2:TagResource",
    "wafv2:UntagResource",
    "wafv2:UpdateWebACL",
    "wafv2:AssociateWebACL",
    "wafv2:DisassociateWebACL",
)
WAF_OF_BALANCERS: Final = (
    "wafv2:AssociateWebACL",
    "wafv2:DisassociateWebACL",
    "wafv2:GetWebACLForResource",
)
RDS: Final = (
    "rds:AddTagsToResource",
    "rds:CreateDBInstance*",
    "rds:CreateDBParameterGroup",
    "rds:CreateDBSnapshot",
    "rds:CreateDBSubnetGroup",
    "rds:CreateOptionGroup",
    "rds:DeleteDBParameterGroup",
    "rds:DeleteDBSubnetGroup",
    "rds:ListTagsForResource",
    "rds:DeleteOptionGroup",
    "rds:ModifyDB*",
    "rds:ModifyOptionGroup",
    "rds:PromoteReadReplica",
    "rds:RebootDBInstance",
    "rds:RemoveTagsFromResource",
    "rds:ResetDBParameterGroup",
)
ELASTICACHE: Final = (
    "elasticache:AddTagsToResource",
    "elasticache:Create*",
    "elasticache:DeleteCache*",
    "elasticache:ListTagsForResource",
    "elasticache:Modify*",
    "elasticache:RemoveTagsFromResource",
    "elasticache:ResetCacheParameterGroup",
)
S3_BUCKETS: Final = (
    "s3:CreateBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)
S3_OBJECTS: Final = ("s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging")
KMS: Final = (
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:GetKey*",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
KMS_ALIASES: Final = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
SECRETS: Final = (
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:CreateSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret*",
)
BACKUP: Final = (
    "backup:CreateBackupVault",
    "backup:CreateRestoreTesting*",
    "backup:DeleteRestoreTesting*",
    "backup:DescribeBackupVault",
    "backup:Get*",
    "backup:List*",
    "backup:PutBackupVaultAccessPolicy",
    "backup:PutBackupVaultNotifications",
    "backup:TagResource",
    "backup:UntagResource",
    "backup:UpdateRestoreTesting*",
)
BACKUP_PLANS: Final = (
    "backup:CreateBackupSelection",
    "backup:DeleteBackupPlan",
    "backup:DeleteBackupSelection",
    "backup:Get*",
    "backup:List*",
    "backup:TagResource",
    "backup:UntagResource",
    "backup:UpdateBackupPlan",
)
AUTOSCALING: Final = (
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateOrUpdateTags",
    "autoscaling:Delete*",
    "autoscaling:DisableMetricsCollection",
    "autoscaling:EnableMetricsCollection",
    "autoscaling:PutScalingPolicy",
    "autoscaling:StartInstanceRefresh",
    "autoscaling:UpdateAutoScalingGroup",
)
LAMBDA: Final = (
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:DeleteFunction*",
    "lambda:Get*",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:RemovePermission",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunction*",
)
MAPPINGS: Final = (
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:ListTags",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateEventSourceMapping",
)
SNS: Final = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:UntagResource",
)
SUBSCRIPTIONS: Final = ("sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe")
SQS: Final = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
EVENTS: Final = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)
SSM: Final = (
    "ssm:AddTagsToResource",
    "ssm:CreateDocument",
    "ssm:DeleteDocument",
    "ssm:DeleteParameter",
    "ssm:DescribeDocument*",
    "ssm:GetDocument",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
    "ssm:RemoveTagsFromResource",
    "ssm:UpdateDocument*",
)
LOGS: Final = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:DeleteMetricFilter",
    "logs:DeleteSubscriptionFilter",
    "logs:ListTags*",
    "logs:PutMetricFilter",
    "logs:PutRetentionPolicy",
    "logs:PutSubscriptionFilter",
    "logs:TagResource",
    "logs:UntagResource",
)
# Log groups' descriptions, resource policies and delivery of logs by services are the account's.
LOGS_OF_ACCOUNT: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeMetricFilters",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
CLOUDWATCH: Final = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
CANARIES: Final = (
    "synthetics:CreateCanary",
    "synthetics:DeleteCanary",
    "synthetics:GetCanary",
    "synthetics:ListTagsForResource",
    "synthetics:StartCanary",
    "synthetics:StopCanary",
    "synthetics:TagResource",
    "synthetics:UntagResource",
    "synthetics:UpdateCanary",
)
# CloudWatch Synthetics makes a canary's function and its layer as whoever makes the canary. Source: the managed policy
# CloudWatchSyntheticsFullAccess.
CANARY_FUNCTIONS: Final = (
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:GetFunction*",
    "lambda:ListTags",
    "lambda:PublishVersion",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunction*",
)
CANARY_LAYERS: Final = ("lambda:DeleteLayerVersion", "lambda:GetLayerVersion", "lambda:PublishLayerVersion")
DASHBOARDS: Final = ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard")
CLOUDTRAIL: Final = (
    "cloudtrail:AddTags",
    "cloudtrail:CreateTrail",
    "cloudtrail:DescribeTrails",
    "cloudtrail:Get*",
    "cloudtrail:List*",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:RemoveTags",
    "cloudtrail:StartLogging",
    "cloudtrail:UpdateTrail",
)
DETECTORS: Final = (
    "config:Describe*",
    "config:Get*",
    "config:List*",
    "config:Put*",
    "config:StartConfigurationRecorder",
    "config:TagResource",
    "guardduty:Create*",
    "guardduty:Get*",
    "guardduty:List*",
    "guardduty:TagResource",
    "guardduty:Update*",
    "inspector2:BatchGetAccountStatus",
    "inspector2:Enable",
    "securityhub:BatchEnableStandards",
    "securityhub:Describe*",
    "securityhub:EnableSecurityHub",
    "securityhub:Get*",
    "securityhub:Update*",
)
ANALYZERS: Final = (
    "access-analyzer:CreateAnalyzer",
    "access-analyzer:CreateArchiveRule",
    "access-analyzer:GetAnalyzer",
    "access-analyzer:ListTagsForResource",
    "access-analyzer:TagResource",
    "access-analyzer:UpdateArchiveRule",
)
BUDGETS: Final = (
    "budgets:ListTagsForResource",
    "budgets:ModifyBudget",
    "budgets:TagResource",
    "budgets:UntagResource",
    "budgets:ViewBudget",
)
ANOMALIES: Final = (
    "ce:CreateAnomalyMonitor",
    "ce:CreateAnomalySubscription",
    "ce:DeleteAnomalyMonitor",
    "ce:DeleteAnomalySubscription",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:ListTagsForResource",
    "ce:TagResource",
    "ce:UntagResource",
    "ce:UpdateAnomalyMonitor",
    "ce:UpdateAnomalySubscription",
)
ACCOUNT: Final = (
    "iam:GetAccountPasswordPolicy",
    "iam:UpdateAccountPasswordPolicy",
    "s3:GetAccountPublicAccessBlock",
    "s3:PutAccountPublicAccessBlock",
)
# Settings of the account in a region: to put them up, and never to take them down.
REGION: Final = (
    "ec2:EnableEbsEncryptionByDefault",
    "ec2:EnableImageBlockPublicAccess",
    "ec2:EnableSnapshotBlockPublicAccess",
    "ec2:GetEbsDefaultKmsKeyId",
    "ec2:GetImageBlockPublicAccessState",
    "ec2:GetInstanceMetadataDefaults",
    "ec2:GetSnapshotBlockPublicAccessState",
    "ec2:ModifyEbsDefaultKmsKeyId",
    "ec2:ModifyInstanceMetadataDefaults",
    "ssm:GetServiceSetting",
    "ssm:UpdateServiceSetting",
)
ROLES: Final = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
)
PROFILES: Final = (
    "iam:AddRoleToInstanceProfile",
    "iam:CreateInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:GetInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
    "iam:UntagInstanceProfile",
)
POLICIES: Final = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
STATE_READ: Final = ("s3:GetObject",)
# Pulumi's lock of a stack is an object too, which it deletes when it is done.
STATE_WRITE: Final = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
STATE_KEY_READ: Final = ("kms:Decrypt", "kms:DescribeKey")
STATE_KEY_WRITE: Final = (*STATE_KEY_READ, "kms:Encrypt", "kms:GenerateDataKey")
