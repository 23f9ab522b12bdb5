"""When somebody must look at uploads that come back again and again.

Queues, dead letters and functions have their alarms from `components.observability`; this one is on what only these
functions count.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pulumi

from components.documents.args import DocumentsArgs
from components.observability.model import Alarm, Comparison, Metric, Silence, Threshold, Treatment, Unit
from components.observability.register import build_alarm

MOST_RETURNED: Final = 10
# What the functions count under: `functions/documents/entry.py`.
NAMESPACE, SERVICE = "Medical", "documents"

RETURNED: Final = Alarm(
    owner="documents",
    key="returned",
    metrics={
        "returned": Metric(
            namespace=NAMESPACE,
            name="Returned",
            dimensions={"service": SERVICE},
            statistic="Sum",
            period=timedelta(minutes=5),
        )
    },
    comparison=Comparison.ABOVE,
    threshold=Threshold(MOST_RETURNED, Unit.COUNT),
    breaches=2,  # of three: one bad moment is no alarm, and retries mend it
    of=3,
    silence=Silence(Treatment.FINE, "where nothing is uploaded nothing is reported, and nothing is wrong"),
    meaning="Messages were not worked off and are tried again. The functions' logs say why.",
    section="functions",
)


def build_alarms(name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the alarm; it goes to operations."""
    build_alarm(f"{name}-{RETURNED.key}", RETURNED, names=args.names, topic=args.operations_topic, opts=opts)
