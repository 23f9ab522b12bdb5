"""What many tests need: run a piece of the program offline, or fill the local cloud with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ops.engine import project, runner
from ops.engine.record import Program, Registration, reveal
from ops.engine.synthetic import Synthetic
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws

CELLS: Final = ("us", "eu", "apac")
ACCOUNT: Final = "111122223333"
HOME, RECOVERY = "us-east-2", "us-west-2"
STACK: Final = project.Stack(name="us", project="medical-platform", config={})


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


def _drop(_value: object) -> None:
    return None
