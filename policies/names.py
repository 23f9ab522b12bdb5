"""The types that several rules judge. Pure."""

from typing import Final

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
BUCKET: Final = "aws:s3/bucket:Bucket"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
DATABASE: Final = "aws:rds/instance:Instance"
FUNCTION: Final = "aws:lambda/function:Function"
INSTANCE: Final = "aws:ec2/instance:Instance"
KEY: Final = "aws:kms/key:Key"
LISTENER: Final = "aws:lb/listener:Listener"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
PLAN: Final = "aws:backup/plan:Plan"
QUEUE: Final = "aws:sqs/queue:Queue"
ROLE: Final = "aws:iam/role:Role"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type's name
STACK: Final = "pulumi:pulumi:Stack"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
TOPIC: Final = "aws:sns/topic:Topic"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
VAULT: Final = "aws:backup/vault:Vault"
VPC: Final = "aws:ec2/vpc:Vpc"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
