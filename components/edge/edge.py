"""A side's way in from the internet.

Owns: the application load balancer with its firewall, its security group's ways in, its listeners, and the target group
that instances join. Does not own: the group's way out, which the web component opens to its instances and nothing else;
the certificate and the bucket for access logs; the names that lead here, which `components.dns` makes for the cell.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import ec2, lb, vpc

from components.edge.args import EdgeArgs
from components.observability.watched import LoadBalancer, Watched
from components.waf.waf import Waf
from domain.naming import LOAD_BALANCER

_ANYONE: Final = "0.0.0.0/0"
_HTTP, _HTTPS = 80, 443
_LOGS_PREFIX: Final = "alb"
# TLS 1.3 and 1.2, of 1.2 only suites with forward secrecy and authenticated encryption.
_TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
# The life of an alias record: after it a client asks DNS again, and a connection kept longer would pin it to a side
# that users have been led away from. Also the shortest that AWS takes.
_CLIENT_KEEP_ALIVE_SECONDS: Final = 60
# Instances start with empty connection pools. Only round robin has a slow start; the other choice, least outstanding
# requests, would also send most requests to an instance that fails fast.
_ALGORITHM, _SLOW_START_SECONDS = "round_robin", 30


class Edge(pulumi.ComponentResource):
    """An internet-facing load balancer that speaks TLS to users and to instances."""

    load_balancer_arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    canonical_zone_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    request_label: pulumi.Output[str]
    https_listener: lb.Listener
    waf: Waf
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the edge."""
        super().__init__("medical:edge:Edge", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._build_security_group()
        balancer = self._build_load_balancer(group)
        # Without a listener nobody reaches a load balancer, and these wait for the firewall.
        self.waf = Waf(f"{name}-waf", args.names, balancer.arn, args.waf, self._child)
        guarded = self.waf.protected_arn
        targets = self._build_target_group()
        self.https_listener = self._build_https_listener(guarded, targets)
        self._build_http_listener(guarded)

        self.load_balancer_arn = balancer.arn
        self.dns_name = balancer.dns_name
        self.canonical_zone_id = balancer.zone_id
        self.security_group_id = group.id
        self.target_group_arn = targets.arn
        self.request_label = self._label(balancer, targets)
        self.watched = (LoadBalancer(key="edge", load_balancer=balancer.arn_suffix, target_group=targets.arn_suffix),)
        self.register_outputs({"dns_name": self.dns_name})

    def _tags(self, role: str) -> dict[str, str]:
        return {"Name": self._args.names.of(role)}

    def _build_security_group(self) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self._name,
            name=self._args.names.of("edge"),
            description="Users to the load balancer",
            vpc_id=self._args.vpc_id,
            tags=self._tags("edge"),
            opts=self._child,
        )
        for port, what in ((_HTTP, "HTTP, which is sent on to HTTPS"), (_HTTPS, "HTTPS")):
            vpc.SecurityGroupIngressRule(
                f"{self._name}-{port}",
                security_group_id=group.id,
                description=f"{what} from anyone",
                cidr_ipv4=_ANYONE,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                opts=self._child,
            )
        return group

    def _build_load_balancer(self, group: ec2.SecurityGroup) -> lb.LoadBalancer:
        return lb.LoadBalancer(
            self._name,
            name=self._args.names.of("edge", LOAD_BALANCER),
            load_balancer_type="application",
            internal=False,
            ip_address_type="ipv4",
            subnets=self._args.public_subnet_ids,
            security_groups=[group.id],
            enable_deletion_protection=self._args.deletion_protection,
            enable_http2=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            xff_header_processing_mode="append",
            idle_timeout=self._args.idle_timeout_seconds,
            client_keep_alive=_CLIENT_KEEP_ALIVE_SECONDS,
            access_logs=lb.LoadBalancerAccessLogsArgs(bucket=self._args.logs_bucket, prefix=_LOGS_PREFIX, enabled=True),
            connection_logs=lb.LoadBalancerConnectionLogsArgs(
                bucket=self._args.logs_bucket, prefix=_LOGS_PREFIX, enabled=True
            ),
            tags=self._tags("edge"),
            opts=self._child,
        )

    def _build_target_group(self) -> lb.TargetGroup:
        port = self._args.target_port
        return lb.TargetGroup(
            self._name,
            # Another port makes another group, beside the old one until the listener has turned: so another name.
            name=self._args.names.of(f"web-{port}", LOAD_BALANCER),
            vpc_id=self._args.vpc_id,
            target_type="instance",
            port=port,
            protocol="HTTPS",
            protocol_version="HTTP1",
            deregistration_delay=self._args.drain_seconds,
            load_balancing_algorithm_type=_ALGORITHM,
            slow_start=_SLOW_START_SECONDS,
            health_check=lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTPS",
                port="traffic-port",
                path=self._args.health_path,
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            tags=self._tags(f"web-{port}"),
            opts=self._child,
        )

    def _build_https_listener(self, balancer_arn: pulumi.Output[str], targets: lb.TargetGroup) -> lb.Listener:
        return lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=balancer_arn,
            port=_HTTPS,
            protocol="HTTPS",
            ssl_policy=_TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            default_actions=[lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
            tags=self._tags("https"),
            opts=self._child,
        )

    def _build_http_listener(self, balancer_arn: pulumi.Output[str]) -> None:
        redirect = lb.ListenerDefaultActionRedirectArgs(port=str(_HTTPS), protocol="HTTPS", status_code="HTTP_301")
        lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=balancer_arn,
            port=_HTTP,
            protocol="HTTP",
            default_actions=[lb.ListenerDefaultActionArgs(type="redirect", redirect=redirect)],
            tags=self._tags("http"),
            opts=self._child,
        )

    def _label(self, balancer: lb.LoadBalancer, targets: lb.TargetGroup) -> pulumi.Output[str]:
        """What Auto Scaling calls the two by, given out once they are joined: it refuses them before."""
        suffixes = pulumi.Output.concat(balancer.arn_suffix, "/", targets.arn_suffix)
        return pulumi.Output.all(suffixes, self.https_listener.arn).apply(lambda joined: str(joined[0]))
