"""Which resources cost, by what, and which cost nothing by themselves.

A type that is in neither table is told as unpriced, so that nothing new is free by oversight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ops.cost.meters import compute, data, network, queues, watching
from ops.cost.meters.item import Meter

METERS: Final[Mapping[str, Meter]] = {
    **compute.METERS,
    **data.METERS,
    **network.METERS,
    **queues.METERS,
    **watching.METERS,
}
# Wiring, rules, settings of something that is priced, and what AWS gives for nothing. Topics and parameters cost by the
# request, which comes to cents at any usage that a cell of this size bears, as do the messages themselves; asking
# queues for them goes on day and night, and is counted. Log groups are counted with what writes into them.
FREE: Final = re.compile(
    r"random:.*|aws:(acm|iam|vpc|ssm|sns|accessanalyzer|s3control|ebs|account|budgets|costexplorer)/.*"
    r"|aws:autoscaling/(policy|notification|lifecycleHook):.*"
    r"|aws:backup/(?!plan:).*"
    r"|aws:cfg/(?!recorder:|conformancePack:).*"
    r"|aws:cloudwatch/(event|log).*"
    r"|aws:ec2/(?!natGateway|eip|vpcEndpoint|flowLog).*"
    r"|aws:elasticache/(?!replicationGroup:).*"
    r"|aws:guardduty/(?!detector|malware).*"
    r"|aws:inspector2/(?!enabler:).*"
    r"|aws:kms/(?!key:).*"
    r"|aws:lambda/(?!function:).*"
    r"|aws:lb/(?!loadBalancer:).*"
    r"|aws:rds/(?!instance:).*"
    r"|aws:route53/(?!zone:|healthCheck:).*"
    r"|aws:s3/(?!bucket:|bucketReplicationConfig:).*"
    r"|aws:secretsmanager/(?!secret:).*"
    r"|aws:securityhub/(?!account:).*"
    r"|aws:sqs/(?!queue:).*"
    r"|aws:synthetics/(?!canary:).*"
    r"|aws:wafv2/(?!webAcl:).*"
)
