"""Creators for the zone, its records and the health checks behind them."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Missing, Values


def _record(values: Values) -> dict[str, Any]:
    """A record in the nested form that Route 53 takes. Names are kept without the dot that ACM's end in."""
    taken = ("aliases", "allowOverwrite", "failoverRoutingPolicies", "latencyRoutingPolicies")
    alias = next(
        (
            {
                "HostedZoneId": item["zoneId"],
                "DNSName": item["name"],
                "EvaluateTargetHealth": item["evaluateTargetHealth"],
            }
            for item in values.get("aliases", [])
        ),
        None,
    )
    return {
        **{key: value for key, value in values.items() if key not in taken},
        "name": values["name"].removesuffix("."),
        "action": "UPSERT" if values.get("allowOverwrite") else "CREATE",
        "alias": alias,
        "failover": next((item["type"] for item in values.get("failoverRoutingPolicies", [])), None),
        "latencyRegion": next((item["region"] for item in values.get("latencyRoutingPolicies", [])), None),
        "suffix": f"_{values['setIdentifier']}" if "setIdentifier" in values else "",
    }


def _alarm(values: Values) -> Any:  # noqa: ANN401 - a template's value is any JSON
    name = values.get("cloudwatchAlarmName")
    return {"Name": name, "Region": values["cloudwatchAlarmRegion"]} if name else Missing


CREATORS: Final = {
    "aws:route53/zone:Zone": Creator(
        service="route53",
        operation="create_hosted_zone",
        id="after(HostedZone.Id, '/')",
        params={
            "CallerReference": "{logicalName}",
            "HostedZoneConfig": {"Comment": "{comment}", "PrivateZone": False},
        },
        outputs={
            "zoneId": "after(HostedZone.Id, '/')",
            "arn": "arn:aws:route53:::hostedzone/{id}",
            "nameServers": "DelegationSet.NameServers",
            "primaryNameServer": "DelegationSet.NameServers[0]",
        },
        dropped={"forceDestroy": "says what happens at deletion, which moto asks at that time"},
        then=(
            Call(
                operation="change_tags_for_resource",
                params={"ResourceType": "hostedzone", "ResourceId": "{id}", "AddTags": "{tagPairs}"},
                when="tagPairs",
            ),
        ),
    ),
    "aws:route53/record:Record": Creator(
        service="route53",
        operation="change_resource_record_sets",
        id="{zoneId}_{name}_{type}{suffix}",
        prepare=_record,
        params={
            "HostedZoneId": "{zoneId}",
            "ChangeBatch": {
                "Changes": [
                    {
                        "Action": "{action}",
                        "ResourceRecordSet": {
                            "Name": "{name}",
                            "Type": "{type}",
                            "TTL": "{ttl}",
                            "ResourceRecords": "{records}",
                            "AliasTarget": "{alias}",
                            "SetIdentifier": "{setIdentifier}",
                            "Region": "{latencyRegion}",
                            "Failover": "{failover}",
                            "HealthCheckId": "{healthCheckId}",
                        },
                    },
                ],
            },
        },
        outputs={"fqdn": "{name}"},
        dropped={"suffix": "ends the provider's own id of a record; Route 53 gives records none"},
    ),
    "aws:route53/healthCheck:HealthCheck": Creator(
        service="route53",
        operation="create_health_check",
        id="HealthCheck.Id",
        params={
            "CallerReference": "{logicalName}",
            "HealthCheckConfig": {
                "Type": "{type}",
                "FullyQualifiedDomainName": "{fqdn}",
                "Port": "{port}",
                "ResourcePath": "{resourcePath}",
                "EnableSNI": "{enableSni}",
                "RequestInterval": "{requestInterval}",
                "FailureThreshold": "{failureThreshold}",
                "MeasureLatency": "{measureLatency}",
                "ChildHealthChecks": "{childHealthchecks}",
                "HealthThreshold": "{childHealthThreshold}",
                "AlarmIdentifier": _alarm,
                "InsufficientDataHealthStatus": "{insufficientDataHealthStatus}",
            },
        },
        outputs={"arn": "arn:aws:route53:::healthcheck/{id}"},
        # Taken by the function above, as the two parts of one identifier.
        prepare=lambda values: {
            key: item for key, item in values.items() if key not in ("cloudwatchAlarmName", "cloudwatchAlarmRegion")
        },
        dropped={"triggers": "has the provider copy the alarm again; Route 53 takes no such thing"},
        then=(
            Call(
                operation="change_tags_for_resource",
                params={"ResourceType": "healthcheck", "ResourceId": "{id}", "AddTags": "{tagPairs}"},
                when="tagPairs",
            ),
        ),
    ),
}
