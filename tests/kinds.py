"""What each type of resource is to the tests: where its key is, that it holds nothing, and how it gets its name.

A new type goes into these tables, by which tests/test_cells.py and the generated configurations of tests/fuzz judge it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

# Where each type that holds data, or passes it on, names the key that encrypts it.
ENCRYPTED_BY: Final[Mapping[str, Callable[[Mapping[str, Any]], list[Any]]]] = {
    "aws:backup/vault:Vault": lambda inputs: [inputs["kmsKeyArn"]],
    "aws:cloudtrail/trail:Trail": lambda inputs: [inputs["kmsKeyId"]],
    "aws:cfg/deliveryChannel:DeliveryChannel": lambda inputs: [inputs["s3KmsKeyArn"]],
    "aws:cloudwatch/logGroup:LogGroup": lambda inputs: [inputs["kmsKeyId"]],
    "aws:ec2/launchTemplate:LaunchTemplate": lambda inputs: [
        device["ebs"]["kmsKeyId"] for device in inputs["blockDeviceMappings"]
    ],
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda inputs: [inputs["kmsKeyId"]],
    "aws:lambda/function:Function": lambda inputs: [inputs["kmsKeyArn"]],
    "aws:rds/instance:Instance": lambda inputs: [inputs["kmsKeyId"], inputs["performanceInsightsKmsKeyId"]],
    "aws:s3/bucketObjectv2:BucketObjectv2": lambda inputs: [inputs["kmsKeyId"]],
    "aws:secretsmanager/secret:Secret": lambda inputs: [inputs["kmsKeyId"]],
    "aws:sns/topic:Topic": lambda inputs: [inputs["kmsMasterKeyId"]],
    "aws:sqs/queue:Queue": lambda inputs: [inputs["kmsMasterKeyId"]],
    "aws:ssm/parameter:Parameter": lambda inputs: [inputs["keyId"]],
    "aws:synthetics/canary:Canary": lambda inputs: [
        inputs["kmsKeyArn"],
        inputs["artifactConfig"]["s3Encryption"]["kmsKeyArn"],
    ],
}
# Types that hold nothing of their own: wiring, rules, names, or settings of another resource.
HOLDS_NOTHING: Final = re.compile(
    r"pulumi:providers:aws|random:index/randomPassword:RandomPassword"
    r"|aws:acm/.*|aws:budgets/.*|aws:costexplorer/.*|aws:wafv2/.*"
    r"|aws:autoscaling/.*|aws:iam/.*|aws:kms/.*|aws:lb/.*|aws:route53/.*|aws:vpc/.*"
    r"|aws:backup/(?!vault:|logicallyAirGapped).*"
    r"|aws:ec2/(?!launchTemplate|instance|volume).*|aws:ec2/instanceMetadataDefaults:.*|aws:ssm/serviceSetting:.*"
    r"|aws:ebs/(defaultKmsKey|encryptionByDefault|snapshotBlockPublicAccess):.*|aws:s3/accountPublicAccessBlock:.*"
    r"|aws:elasticache/(parameterGroup|subnetGroup):.*|aws:rds/(optionGroup|parameterGroup|subnetGroup):.*"
    r"|aws:cloudwatch/(dashboard|eventRule|eventTarget|compositeAlarm|logMetricFilter|logResourcePolicy|metricAlarm):.*"
    # What detectors find, and AWS Config records, the services keep under keys of their own: none takes another.
    r"|aws:accessanalyzer/.*|aws:cfg/(conformancePack|recorder|recorderStatus):.*|aws:guardduty/detector(Feature)?:.*"
    r"|aws:inspector2/.*|aws:securityhub/.*"
    r"|aws:guardduty/malwareProtectionPlan:.*|aws:lambda/(eventSourceMapping|permission):.*"
    r"|aws:s3/bucket(?!Objectv2).*"  # the key is in the bucket's encryption configuration, checked on its own
    r"|aws:secretsmanager/secret(Version|Rotation):.*|aws:sns/topic(Policy|Subscription):.*|aws:sqs/queuePolicy:.*"
    r"|aws:sqs/(redriveAllowPolicy|redrivePolicy):.*|aws:ssm/document:.*",
)
# Names that are an account's or a region's, and so the same whichever cell takes them.
CLAIMS: Final = re.compile(r"medical-[a-z0-9]+-owner")
# The inputs that give a resource its physical name, and the longest that its service takes.
NAMED_BY: Final = {
    "aws:accessanalyzer/analyzer:Analyzer": ("analyzerName", 255),
    "aws:autoscaling/group:Group": ("name", 255),
    "aws:backup/plan:Plan": ("name", 50),
    "aws:backup/vault:Vault": ("name", 50),
    "aws:cloudtrail/trail:Trail": ("name", 128),
    "aws:budgets/budget:Budget": ("name", 100),
    "aws:cfg/conformancePack:ConformancePack": ("name", 256),
    "aws:cfg/deliveryChannel:DeliveryChannel": ("name", 256),
    "aws:cfg/recorder:Recorder": ("name", 256),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmName", 255),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", 255),
    "aws:cloudwatch/eventRule:EventRule": ("name", 64),
    "aws:cloudwatch/logGroup:LogGroup": ("name", 512),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ("policyName", 255),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": ("name", 512),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", 255),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": ("name", 1024),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": ("name", 1024),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name", 128),
    "aws:ec2/securityGroup:SecurityGroup": ("name", 255),
    "aws:elasticache/parameterGroup:ParameterGroup": ("name", 255),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("replicationGroupId", 40),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name", 255),
    "aws:iam/instanceProfile:InstanceProfile": ("name", 128),
    "aws:iam/policy:Policy": ("name", 128),
    "aws:iam/role:Role": ("name", 64),
    "aws:kms/alias:Alias": ("name", 256),
    "aws:lambda/function:Function": ("name", 64),
    "aws:lb/loadBalancer:LoadBalancer": ("name", 32),
    "aws:lb/targetGroup:TargetGroup": ("name", 32),
    "aws:rds/instance:Instance": ("identifier", 63),
    "aws:rds/optionGroup:OptionGroup": ("name", 255),
    "aws:rds/parameterGroup:ParameterGroup": ("name", 255),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": ("name", 64),
    "aws:rds/subnetGroup:SubnetGroup": ("name", 255),
    "aws:s3/bucket:Bucket": ("bucket", 63),
    "aws:secretsmanager/secret:Secret": ("name", 512),
    "aws:sns/topic:Topic": ("name", 256),
    "aws:sqs/queue:Queue": ("name", 80),
    "aws:ssm/parameter:Parameter": ("name", 1011),
    "aws:synthetics/canary:Canary": ("name", 255),
    "aws:wafv2/webAcl:WebAcl": ("name", 128),
}
GLOBAL_TYPES: Final = ("aws:iam/", "aws:s3/bucket:")  # names that are unique across regions
# What a stack that may not be thrown away keeps.
STORES: Final = (
    "aws:backup/vault:Vault",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
)
