"""The figures that the local cloud behaves by: each a range with its unit and its source. Pure.

A drill on the local cloud proves the order of steps, the arithmetic and the program. Its times are no better than these
figures, which is why they are all here, and why a report says which of them it drew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from domain.routing import ALIAS_TTL_SECONDS

AS_OF: Final = "2026-11"


@dataclass(frozen=True)
class Figure:
    """A quantity that is drawn evenly between `low` and `high`; equal ones are no chance at all."""

    low: float
    high: float
    source: str
    unit: str = "s"

    def __post_init__(self) -> None:
        """Refuse a range that is none.

        Raises:
            ValueError: naming the bounds.
        """
        if not 0 <= self.low <= self.high:
            raise ValueError(f"{self.low} to {self.high} {self.unit} is no range; give 0 <= low <= high")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All of them. Replace one to see what becomes of a drill: `dataclasses.replace(figures, promotion=...)`."""

    # Calls
    api_call: Figure = Figure(0.05, 0.25, "assumption: a call to a regional API within a continent")
    brown_call: Figure = Figure(2, 10, "assumption: a call to a region in trouble")
    brown_errors: Figure = Figure(0.5, 0.5, "assumption: every second call answers 503", "share")
    # RDS
    promotion: Figure = Figure(120, 270, "RDS user guide: several minutes, with a reboot; field reports 2 to 5 minutes")
    modification: Figure = Figure(30, 90, "assumption: a change that needs no reboot")
    reboot: Figure = Figure(30, 90, "assumption: restart of a small MySQL 8.4")
    rename: Figure = Figure(60, 180, "RDS user guide: up to ten minutes; field reports 1 to 3")
    replica_creation: Figure = Figure(480, 1200, "published: 8 minutes and more across regions, on an empty database")
    instance_creation: Figure = Figure(300, 1020, "published: 5 to 17 minutes, median 8")
    backup: Figure = Figure(120, 300, "assumption: snapshot of a small instance")
    parameter: Figure = Figure(5, 20, "assumption: a dynamic parameter applies in seconds")
    lag: Figure = Figure(0.2, 2, "assumption: apply delay across regions under a light load")
    received: Figure = Figure(0.1, 0.5, "assumption: binlog on its way between regions of one continent")
    catch_up: Figure = Figure(3, 6, "assumption", "seconds of writing applied a second")
    metric_delay: Figure = Figure(30, 60, "RDS reports metrics every minute; CloudWatch shows them within another")
    # S3
    object_copy: Figure = Figure(2, 15, "S3 replication time control: most objects within seconds")
    object_tail: Figure = Figure(60, 300, "S3 replication time control: 99.99 % within 15 minutes")
    object_tail_share: Figure = Figure(0.01, 0.01, "assumption: one object in a hundred", "share")
    # Documents
    scan: Figure = Figure(2, 10, "assumption: a scan of a small object; GuardDuty publishes no times")
    text_job: Figure = Figure(5, 30, "assumption: some pages; Textract publishes no times")
    # Systems Manager
    automation: Figure = Figure(5, 30, "assumption: from an event to the end of an automation's only step")
    # Auto Scaling and load balancing
    launch: Figure = Figure(150, 270, "published: 3 to 5 minutes from a new desired capacity to instances that serve")
    warm_up: Figure = Figure(10, 30, "load balancer: two passed checks, ten seconds apart")
    unhealthy: Figure = Figure(60, 60, "assumption: checks that fail in a row, and Auto Scaling's own look at them")
    target_check: Figure = Figure(10, 10, "the target group's interval")
    # Route 53
    health_copy: Figure = Figure(5, 15, "assumption: from checkers' verdict to the answers of the name servers")
    alias_ttl: Figure = Figure(ALIAS_TTL_SECONDS, ALIAS_TTL_SECONDS, "AWS: TTL of a load balancer's alias")
    # CloudTrail
    trail_delivery: Figure = Figure(300, 300, "CloudTrail user guide: within about 5 minutes of a call, on average")
    trail_history: Figure = Figure(60, 60, "assumption: event history shows a call after a minute; published: minutes")
    # CloudWatch
    canary_phase: Figure = Figure(0, 1, "a canary runs at its rate from whenever it was made", "share of its period")
    evaluation: Figure = Figure(60, 60, "CloudWatch: alarms with periods of a minute or more, once a minute")
    switch_copy: Figure = Figure(10, 40, "assumption: Route 53 reads the metric of an alarm by itself, within a minute")

    def named(self) -> Iterator[tuple[str, Figure]]:
        """Each with its name."""
        for item in fields(self):
            yield item.name, getattr(self, item.name)
