"""A trail as the program declares one, in the small cell: for tests that need no whole program."""

from __future__ import annotations

from typing import Final

from tests.small_cell import SmallCell
from tests.support import ACCOUNT, HOME

NAME: Final = "medical-us-use2-trail"
ARN: Final = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{NAME}"
GROUP: Final = "/medical/us/use2/trail"
PREFIX: Final = f"trail/AWSLogs/{ACCOUNT}/CloudTrail"
DELIVERY: Final = 300


def trail(cell: SmallCell, *, management: bool = True) -> None:
    """Make a trail that logs: management events, and data events of the buckets of uploads."""
    buckets = [side.buckets["uploads"] for side in (cell.manifest.home, cell.manifest.recovery)]
    logs = cell.client("logs", HOME)
    if not logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        logs.create_log_group(logGroupName=GROUP)
    cloudtrail = cell.client("cloudtrail", HOME)
    cloudtrail.create_trail(
        Name=NAME,
        S3BucketName=cell.manifest.home.buckets["audit"],
        S3KeyPrefix="trail",
        IsMultiRegionTrail=True,
        KmsKeyId=cell.manifest.home.key,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:{GROUP}:*",
    )
    data = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{bucket}/" for bucket in buckets]},
    ]
    selectors = [{"Name": "objects", "FieldSelectors": data}]
    if management:
        fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
        selectors.append({"Name": "management", "FieldSelectors": fields})
    cloudtrail.put_event_selectors(TrailName=NAME, AdvancedEventSelectors=selectors)
    cloudtrail.start_logging(Name=NAME)
