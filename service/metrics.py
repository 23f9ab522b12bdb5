"""What the service measures of itself, as metrics of Amazon CloudWatch: few, because each call is paid for."""

import threading
from collections.abc import Mapping
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from service import aws

NAMESPACE: Final = "Medical/Instances"
"""The one to which an instance may send. The agent sends there too."""

OUTBOX_AGE: Final = "outbox_age_seconds"


class Metrics:
    """CloudWatch in one region. Safe to share between threads."""

    def __init__(self, region: str, dimensions: Mapping[str, str]) -> None:
        """Remember whose metrics they are; nothing is called yet."""
        self._region = region
        self._dimensions = dimensions
        self._client: aws.CloudWatch | None = None
        self._lock = threading.Lock()

    def put(self, name: str, value: float) -> None:
        """Send one value.

        Raises:
            Failure: it could not be sent.

        """
        dimensions: list[aws.Dimension] = [{"Name": key, "Value": text} for key, text in self._dimensions.items()]
        data: list[aws.Datum] = [{"MetricName": name, "Dimensions": dimensions, "Value": value}]
        try:
            with self._lock:
                self._client = self._client or aws.cloudwatch(self._region)
            self._client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
