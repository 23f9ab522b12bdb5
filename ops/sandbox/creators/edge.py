"""Creators for load balancers and certificates."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Values

# Inputs that AWS keeps as attributes, by the name of the attribute.
_BALANCER_ATTRIBUTES: Final = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
# Inputs that are logs to a bucket, by the head of their attributes' names.
_BALANCER_LOGS: Final = {"accessLogs": "access_logs.s3", "connectionLogs": "connection_logs.s3"}
_TARGET_ATTRIBUTES: Final = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "slowStart": "slow_start.duration_seconds",
}
_HEALTH_PARAMETERS: Final = {
    "enabled": "healthCheckEnabled",
    "healthyThreshold": "healthyThresholdCount",
    "interval": "healthCheckIntervalSeconds",
    "matcher": "matcher",
    "path": "healthCheckPath",
    "port": "healthCheckPort",
    "protocol": "healthCheckProtocol",
    "timeout": "healthCheckTimeoutSeconds",
    "unhealthyThreshold": "unhealthyThresholdCount",
}


def _attributes(values: Values, names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"Key": names[key], "Value": value} for key, value in values.items() if key in names]


def _without(values: Values, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def _balancer(values: Values) -> dict[str, Any]:
    logs = [
        {"Key": f"{head}.{key}", "Value": value}
        for name, head in _BALANCER_LOGS.items()
        for key, value in values.get(name, {}).items()
    ]
    attributes = [*_attributes(values, _BALANCER_ATTRIBUTES), *logs]
    rest = _without(values, "internal", *_BALANCER_LOGS, *_BALANCER_ATTRIBUTES)
    return {**rest, "attributes": attributes, "scheme": "internal" if values.get("internal") else "internet-facing"}


def _target_group(values: Values) -> dict[str, Any]:
    health = {_HEALTH_PARAMETERS[key]: value for key, value in values.get("healthCheck", {}).items()}
    rest = _without(values, "healthCheck", *_TARGET_ATTRIBUTES)
    return {**rest, **health, "attributes": _attributes(values, _TARGET_ATTRIBUTES)}


def _listener(values: Values) -> dict[str, Any]:
    renamed = {"redirect": "redirectConfig", "forward": "forwardConfig", "fixedResponse": "fixedResponseConfig"}
    actions = [{renamed.get(key, key): value for key, value in action.items()} for action in values["defaultActions"]]
    rest = _without(values, "certificateArn", "defaultActions")
    certificates = {"certificates": [values["certificateArn"]]} if "certificateArn" in values else {}
    return {**rest, **certificates, "defaultActions": actions}


CREATORS: Final = {
    "aws:lb/loadBalancer:LoadBalancer": Creator(
        service="elbv2",
        operation="create_load_balancer",
        id="LoadBalancers[0].LoadBalancerArn",
        prepare=_balancer,
        params={"Type": "{loadBalancerType}"},
        outputs={
            "arn": "LoadBalancers[0].LoadBalancerArn",
            "arnSuffix": "after(LoadBalancers[0].LoadBalancerArn, ':loadbalancer/')",
            "dnsName": "LoadBalancers[0].DNSName",
            "vpcId": "LoadBalancers[0].VpcId",
            "zoneId": "LoadBalancers[0].CanonicalHostedZoneId",
        },
        then=(
            Call(
                operation="modify_load_balancer_attributes",
                params={"LoadBalancerArn": "{id}", "Attributes": "{attributes}"},
                when="attributes",
            ),
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": Creator(
        service="elbv2",
        operation="create_target_group",
        id="TargetGroups[0].TargetGroupArn",
        prepare=_target_group,
        outputs={
            "arn": "TargetGroups[0].TargetGroupArn",
            "arnSuffix": "after(TargetGroups[0].TargetGroupArn, ':')",
        },
        then=(
            Call(
                operation="modify_target_group_attributes",
                params={"TargetGroupArn": "{id}", "Attributes": "{attributes}"},
                when="attributes",
            ),
        ),
    ),
    "aws:lb/listener:Listener": Creator(
        service="elbv2",
        operation="create_listener",
        id="Listeners[0].ListenerArn",
        prepare=_listener,
        outputs={"arn": "Listeners[0].ListenerArn"},
    ),
    "aws:acm/certificate:Certificate": Creator(
        service="acm",
        operation="request_certificate",
        id="CertificateArn",
        outputs={"arn": "CertificateArn"},
        then=(
            Call(
                operation="describe_certificate",
                params={"CertificateArn": "{id}"},
                outputs={
                    "domainValidationOptions": (
                        "Certificate.DomainValidationOptions[].{domainName: DomainName, "
                        "resourceRecordName: ResourceRecord.Name, resourceRecordType: ResourceRecord.Type, "
                        "resourceRecordValue: ResourceRecord.Value}"
                    ),
                    "status": "Certificate.Status",
                },
            ),
        ),
    ),
    # Nothing is made: the provider waits until ACM has issued the certificate. So this has an id only if it is issued,
    # and no certificate that is still pending goes on to a listener.
    "aws:acm/certificateValidation:CertificateValidation": Creator(
        service="acm",
        operation="describe_certificate",
        id="[Certificate][?Status == 'ISSUED'].CertificateArn | [0]",
        dropped={"validationRecordFqdns": "moto issues a certificate without looking for its records in the DNS"},
    ),
}
