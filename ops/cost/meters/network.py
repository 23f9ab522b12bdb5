"""What ways in, out and between regions cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ops.cost import usage
from ops.cost.meters.item import HOURS, Charge, Item, Meter, hourly, monthly

_LCU_REQUESTS: Final = 25.0  # new connections a second that one LCU bears. Source: Elastic Load Balancing pricing


def _balancer(item: Item) -> Iterator[Charge]:
    yield hourly("load balancer", "alb.hour")
    yield hourly("public addresses", "address.hour", len(item.inputs["subnets"]))
    if item.busy:
        answered, requests = item.usage.answered_gib, item.usage.requests
        # An LCU also bears 1 GB an hour; whichever is more counts.
        units = max(answered, requests / usage.SECONDS_IN_MONTH / _LCU_REQUESTS * HOURS)
        yield monthly("load (LCU)", "alb.lcu", units)
        yield monthly("answers to users", "transfer.internet", answered)


def _nat(_: Item) -> Iterator[Charge]:
    yield hourly("NAT gateway", "nat.hour")
    yield monthly("its traffic", "nat.gib", usage.NAT_TRAFFIC.value)


def _address(_: Item) -> Iterator[Charge]:
    yield hourly("public address", "address.hour")


def _endpoint(item: Item) -> Iterator[Charge]:
    if item.inputs["vpcEndpointType"] != "Interface":
        return
    zones = len(item.inputs["subnetIds"])
    service = str(item.inputs["serviceName"]).rpartition(".")[2]
    yield hourly(f"{service} in {zones} zones", "endpoint.hour", zones)
    yield monthly("its traffic", "endpoint.gib", usage.ENDPOINT_TRAFFIC.value)


def _flow_log(_: Item) -> Iterator[Charge]:
    yield monthly("flow logs", "logs.ingest", usage.FLOW_LOGS.value)


def _zone(item: Item) -> Iterator[Charge]:
    yield monthly("hosted zone", "zone.month")
    yield monthly("DNS queries", "dns.query", item.usage.requests / usage.REQUESTS_PER_QUERY.value)


def _check(item: Item) -> Iterator[Charge]:
    yield monthly("health check", "check.month")
    asked = (
        str(item.inputs["type"]).startswith("HTTPS"),
        int(item.inputs.get("requestInterval") or 30) == 10,  # noqa: PLR2004 - the fast of the two that Route 53 offers
        bool(item.inputs.get("searchString")),
        bool(item.inputs.get("measureLatency")),
    )
    if any(asked):
        yield monthly("its options", "check.option", sum(asked))


METERS: Final[Mapping[str, Meter]] = {
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:route53/zone:Zone": _zone,
    "aws:route53/healthCheck:HealthCheck": _check,
}
