"""The trail of a cell.

Owns: the trail, the log group that it delivers to beside the audit bucket, and the role that CloudTrail takes for that.
With management events, what is counted of them (`filters`). Does not own: the audit bucket with its lock, its policy
(`rules.bucket_statements`) and its replication, nor the key.

The trail hears all regions, so that what somebody does where the cell has nothing is recorded too. It lives in home and
delivers there: what comes of the recovery region goes the same way, inside the jurisdiction, and back as a replica.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudtrail, iam

from components import policy
from components.audit import rules
from components.audit.filters import TrailFilters, TrailFiltersArgs
from components.logs import log_group
from domain.naming import Names
from domain.residency import Dataset


@dataclass(frozen=True, kw_only=True)
class TrailArgs:
    """What a trail is made from.

    `sides` are the cell's by region, home's among them; `bucket` is home's audit bucket. With `management` the
    management events of the account are recorded too, by whoever has the `claim` to it.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    key_arn: pulumi.Input[str]
    bucket: pulumi.Input[str]
    sides: Mapping[str, Names]
    log_days: int
    management: bool
    claim: pulumi.Resource | None = None


class Trail(pulumi.ComponentResource):
    """The trail, and where what it records is found. `filters` are there with management events only."""

    arn: pulumi.Output[str]
    bucket: pulumi.Output[str]
    log_group: pulumi.Output[str]
    filters: TrailFilters | None

    def __init__(self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the log group, the role and the trail."""
        super().__init__("medical:audit:Trail", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = log_group(
            name,
            path=rules.log_path(args.names),
            days=args.log_days,
            key_arn=args.key_arn,
            dataset=Dataset.AUDIT,
            opts=child,
        )
        role, role_policy = _build_role(name, args, group.arn, child)
        trail = cloudtrail.Trail(
            name,
            name=rules.trail_name(args.names),
            s3_bucket_name=args.bucket,
            s3_key_prefix=rules.PREFIX,
            cloud_watch_logs_group_arn=pulumi.Output.concat(group.arn, ":*"),
            cloud_watch_logs_role_arn=role.arn,
            kms_key_id=args.key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            advanced_event_selectors=[
                _selector(item) for item in rules.selectors(args.sides, args.account_id, management=args.management)
            ],
            # CloudTrail tries the role at once, and neither the role's policy nor a claim is in what it is given.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role_policy, *([args.claim] if args.claim else [])]),
        )
        self.arn = trail.arn
        self.bucket = trail.s3_bucket_name
        self.log_group = group.name
        counted = TrailFiltersArgs(names=args.names, log_group=group.name)
        self.filters = TrailFilters(f"{name}-filters", counted, child) if args.management else None
        self.register_outputs({"arn": self.arn})


def _build_role(
    name: str, args: TrailArgs, group_arn: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> tuple[iam.Role, iam.RolePolicy]:
    """A role that can write the trail's own streams, and nothing else."""
    role = iam.Role(
        name,
        name=args.names.of("trail"),
        description="Lets CloudTrail write to the trail's log group",
        # CloudTrail does not document that it says for whom it takes the role.
        assume_role_policy=policy.trust(
            rules.SERVICE,
            account_id=args.account_id,
            source_arn=rules.trail_arn(args.names, region=args.region, account_id=args.account_id),
            if_told=True,
        ),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    streams = pulumi.Output.concat(group_arn, f":log-stream:{args.account_id}_CloudTrail_{args.region}*")
    writes = policy.allow("WriteTrail", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams])
    return role, iam.RolePolicy(name, role=role.id, policy=policy.document(writes), opts=opts)


def _selector(selector: rules.Selector) -> cloudtrail.TrailAdvancedEventSelectorArgs:
    return cloudtrail.TrailAdvancedEventSelectorArgs(
        name=selector.name,
        field_selectors=[
            cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                field=field,
                equals=test.equals or None,
                not_equals=test.not_equals or None,
                starts_withs=test.starts or None,
                not_starts_withs=test.not_starts or None,
            )
            for field, test in selector.tests.items()
        ],
    )
