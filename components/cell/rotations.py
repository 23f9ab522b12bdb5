"""Rotation as a cell wants it: from its settings and its sides to what each side's function is given."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.database.credentials import Credentials
from components.package import Package
from components.rotation.args import APPLICATION, MASTER, OtherSide, Place, RotationArgs, Shared, Token
from components.rotation.rotation import Rotation
from components.storage import rules
from domain.continuity import HOME, OTHER
from settings import Settings


def build(
    settings: Settings,
    sides: Mapping[str, Side],
    stacks: Mapping[str, RegionalStack],
    credentials: Credentials,
    package: Package,
    parent: pulumi.Resource,
) -> dict[str, Rotation]:
    """Rotation on each side, by its name."""
    found: dict[str, Rotation] = {}
    for name, side in sides.items():
        other = sides.get(OTHER[name])
        args = _args(settings, side, stacks[name], credentials, package, other)
        found[name] = Rotation(f"{name}-rotation", args, side.child_of(parent))
    return found


def _args(
    settings: Settings,
    side: Side,
    stack: RegionalStack,
    credentials: Credentials,
    package: Package,
    other: Side | None,
) -> RotationArgs:
    database, cache = stack.database, stack.cache
    return RotationArgs(
        names=side.names,
        account_id=settings.account_id,
        boundary_arn=side.boundary_arn,
        region=side.region,
        key_arn=side.key.arn,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.private_subnet_ids,
        network=stack.network,
        releases_bucket=stack.storage.buckets[rules.RELEASES].name,
        package=package,
        database=Place(host=database.address, port=database.port, security_group_id=database.security_group_id),
        schema=database.schema,
        cache=Place(host=cache.primary_endpoint, port=cache.port, security_group_id=cache.security_group_id),
        token=Token(group_id=cache.group_id, secret_name=cache.secret_name, secret_arn=cache.secret_arn),
        shared=Shared(
            names={APPLICATION: credentials.application_name, MASTER: credentials.master_name},
            arns=_arns(credentials, side),
        ),
        keeps=side.name == HOME,
        other=None if other is None else _other(credentials, other),
        operations_topic=stack.messaging.operations_topic,
        days=settings.rotation_days,
        log_days=settings.log_days,
    )


def _arns(credentials: Credentials, side: Side) -> dict[str, pulumi.Input[str]]:
    return {
        APPLICATION: credentials.application_in(side.region),
        MASTER: credentials.master_in(side.region),
    }


def _other(credentials: Credentials, side: Side) -> OtherSide:
    return OtherSide(region=side.region, names=side.names, key_arn=side.key.arn, arns=_arns(credentials, side))
