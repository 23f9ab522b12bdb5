"""A side's web tier.

Owns: the starter release's object, the instances' role, security group (with both halves of each connection), launch
template and Auto Scaling group, how that scales, the agent that watches instances, and how sessions on them are kept.
Does not own: the load balancer and its target group, the database, the cache and the buckets, which arrive as ids,
names and ARNs; nor a user's own release, which the user puts into the releases bucket of each side before the
configuration names it.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import s3

from components.observability.watched import Fleet, Outbox, Watched
from components.web import agent, firewall, scaling, sessions
from components.web.args import WebArgs
from components.web.role import build_identity
from components.web.template import build_template


class Web(pulumi.ComponentResource):
    """Instances in private subnets that run a release behind the load balancer."""

    autoscaling_group_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    release_key: str
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: WebArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the web tier."""
        super().__init__("medical:web:Web", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        sessions.build_preferences(name, args.sessions, child)
        watch = agent.build_agent(name, args, child)
        identity = build_identity(name, args, watch, child)
        security_group = firewall.build_group(name, args, child)
        way_out = firewall.build_way_out(name, security_group, child)
        template = build_template(
            name,
            args,
            release_key=_build_release(name, args, child),
            group_id=security_group.id,
            profile=identity.profile,
            agent=watch.parameter.name,
            opts=child,
        )
        needed = (args.place.network, args.front.listener, identity.policy, way_out)
        group = scaling.build_group(name, args, template, needed, child)
        scaling.build_policies(name, args, group, child)

        self.autoscaling_group_name = group.name
        self.security_group_id = security_group.id
        self.role_arn = identity.role.arn
        self.release_key = args.release.key
        self.watched = (
            Fleet(key="web", group=group.name, minimum=args.fleet.minimum, maximum=args.fleet.maximum),
            Outbox(key="outbox", cell=args.names.cell, side=args.side),
        )
        self.register_outputs({"autoscaling_group_name": self.autoscaling_group_name})


def _build_release(name: str, args: WebArgs, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
    """Put the starter release into the bucket, and give its key, which is known only once it is there."""
    release = args.release
    if release.path is None:
        return release.key
    return s3.BucketObjectv2(
        f"{name}-release",
        bucket=args.buckets.releases.name,
        key=release.key,
        source=pulumi.FileAsset(release.path),
        source_hash=release.sha256,
        content_type="application/zip",
        checksum_algorithm="SHA256",
        server_side_encryption="aws:kms",
        kms_key_id=args.key_arn,
        bucket_key_enabled=True,
        opts=opts,
    ).key
