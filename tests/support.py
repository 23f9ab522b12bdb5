"""What many tests need: run a piece of the program offline, or fill the local cloud with it."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.web.boot import CONFIG
from domain.regions import region as find_region
from ops.engine import project, runner
from ops.engine.record import Program, Registration, reveal
from ops.engine.synthetic import Synthetic
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from tests import runs

CELLS: Final = ("us", "eu", "apac")
ACCOUNT: Final = "111122223333"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"
HOME, RECOVERY = "us-east-2", "us-west-2"
STACK: Final = project.Stack(name="us", project="medical-platform", config={})


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A VPC and subnets of it."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]


NOWHERE: Final = Placed(vpc_id="vpc-1", subnet_ids=("subnet-1", "subnet-2"))


def provider_for(name: str, region: str) -> aws.Provider:
    """An explicit provider, as a cell makes one for each side."""
    return aws.Provider(
        name,
        region=region,
        allowed_account_ids=[ACCOUNT],
        default_tags=aws.ProviderDefaultTagsArgs(tags={"Cell": "us"}),
    )


def opts_in(region: str = HOME) -> pulumi.ResourceOptions:
    """Options that put a component into `region`. Call inside a program."""
    return pulumi.ResourceOptions(providers=[provider_for(f"provider-{region}", region)])


def isolated_subnets(name: str, region: str, opts: pulumi.ResourceOptions) -> Placed:
    """A VPC with a subnet in each of two zones, for what needs real ones. Call inside a program."""
    vpc = aws.ec2.Vpc(name, cidr_block="10.99.0.0/16", opts=opts)
    subnet_ids = [
        aws.ec2.Subnet(
            f"{name}-{zone_id}",
            vpc_id=vpc.id,
            availability_zone_id=zone_id,
            cidr_block=f"10.99.{place}.0/24",
            opts=opts,
        ).id
        for place, zone_id in enumerate(find_region(region).zone_ids[:2])
    ]
    return Placed(vpc_id=vpc.id, subnet_ids=subnet_ids)


def whole(cell: str, **overrides: str | bool | int) -> Program:
    """What the real program registers for a shipped cell, with `overrides` laid over its settings.

    Run once for each configuration and shared by processes: what it gives is frozen, and a run takes seconds.
    """
    return runs.run(project.load(cell, overrides=overrides))


def declare(program: Callable[[], Any]) -> Program:
    """What `program` registers, with readable marks for what AWS would answer."""
    return runner.run(STACK, Synthetic(), program=lambda: _drop(program()))


@contextmanager
def standing(program: Callable[[], Any]) -> Iterator[tuple[Program, Cloud]]:
    """`program`, made for real in a local cloud that ends with the block; ask it through `cloud.client(...)`."""
    with local_aws(ACCOUNT):
        cloud = Cloud()
        yield runner.run(STACK, cloud, program=lambda: _drop(program())), cloud


def only(program: Program, type_: str, name: str | None = None) -> Registration:
    """The one registration of a type (and a logical name)."""
    found = [item for item in program.of_type(type_) if name is None or item.name == name]
    assert len(found) == 1, f"{len(found)} of {type_} {name or ''}: {[item.name for item in found]}"
    return found[0]


def statements(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a policy arrives as text or as a secret
    """The statements of a policy document."""
    return list(json.loads(reveal(document))["Statement"])


def told(user_data: Any) -> Any:  # noqa: ANN401 - as above; what comes back is JSON
    """What the service is told by an instance's user data (base64), read as the shell reads it."""
    script = base64.b64decode(reveal(user_data)).decode()
    (line,) = [line for line in script.splitlines() if line.endswith(f"> {CONFIG}")]
    program, form, text, *_ = shlex.split(line)
    assert ("printf", r"%s\n") == (program, form)
    return json.loads(text)


def _drop(_value: object) -> None:
    return None
