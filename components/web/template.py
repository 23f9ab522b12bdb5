"""How an instance is launched: its image, its disk, its network interface, and what it does first."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import ec2, iam

from components.web import boot
from components.web.args import Store, WebArgs

# Resolved at each launch, so an instance starts from the newest image; no look-up, and no AMI id a region to maintain.
IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
_ROOT_DEVICE = "/dev/xvda"  # Amazon Linux 2023's


def build_template(
    name: str,
    args: WebArgs,
    *,
    release_key: pulumi.Input[str],
    group_id: pulumi.Input[str],
    profile: iam.InstanceProfile,
    agent: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> ec2.LaunchTemplate:
    """Make the launch template. Whatever changes in it makes a new version."""
    return ec2.LaunchTemplate(
        name,
        name=args.names.of("web"),
        description=f"Web instances of cell {args.names.cell}, {args.side}",
        update_default_version=True,
        image_id=IMAGE,
        instance_type=args.fleet.instance_type,
        ebs_optimized="true",
        iam_instance_profile=ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
        metadata_options=_metadata_options(),
        monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
        block_device_mappings=[_root_disk(args)],
        network_interfaces=[
            ec2.LaunchTemplateNetworkInterfaceArgs(
                device_index=0,
                associate_public_ip_address="false",
                delete_on_termination="true",
                security_groups=[group_id],
            ),
        ],
        tag_specifications=[
            ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=instance_tags(args))
            for kind in ("instance", "network-interface", "volume")
        ],
        user_data=_user_data(args, release_key, agent),
        opts=opts,
    )


def instance_tags(args: WebArgs) -> dict[str, str]:
    """The tags of everything that is launched."""
    return {**args.tags, "Name": args.names.of("web")}


def _metadata_options() -> ec2.LaunchTemplateMetadataOptionsArgs:
    """Session tokens only, that no hop beyond the instance can use: a request forged by others gets no credentials."""
    return ec2.LaunchTemplateMetadataOptionsArgs(
        http_endpoint="enabled",
        http_tokens="required",
        http_put_response_hop_limit=1,
        http_protocol_ipv6="disabled",
        instance_metadata_tags="disabled",
    )


def _root_disk(args: WebArgs) -> ec2.LaunchTemplateBlockDeviceMappingArgs:
    return ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=_ROOT_DEVICE,
        ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=args.fleet.volume_gib,
            encrypted="true",
            kms_key_id=args.key_arn,
            delete_on_termination="true",
        ),
    )


def service_config(args: WebArgs) -> dict[str, Any]:
    """The service's configuration. Its form is the service's own: see `service/config.py`."""
    return {
        "cell": args.names.cell,
        "side": args.side,
        "region": args.region,
        "release": args.release.name,
        "account": args.account_id,
        "other_region": args.other_region,
        "drill_role": args.drill_role,
        "listen": {
            "host": "0.0.0.0",  # noqa: S104 - its security group admits the load balancer alone
            "port": args.front.target_port,
            "certificate": boot.CERTIFICATE,
            "key": boot.KEY,
        },
        "database": {**_store(args.database), "name": args.database_name, "ca": "rds"},
        "cache": {**_store(args.cache), "ca": "system"},
        "buckets": {"uploads": args.buckets.uploads.name, "derived": args.buckets.derived.name},
        "topics": dict(args.topics),
        "queues": dict(args.queues),
    }


def _store(store: Store) -> dict[str, Any]:
    return {"host": store.host, "port": store.port, "secret": store.secret_arn}


def _user_data(args: WebArgs, release_key: pulumi.Input[str], agent: pulumi.Input[str]) -> pulumi.Output[str]:
    told = {
        "bucket": args.buckets.releases.name,
        "key": release_key,
        "config": service_config(args),
        "agent": agent,
    }

    def encoded(known: Mapping[str, Any]) -> str:
        text = boot.script(boot.Boot(region=args.region, sha256=args.release.sha256, **known))
        return base64.b64encode(text.encode()).decode()

    return pulumi.Output.from_input(told).apply(encoded)
