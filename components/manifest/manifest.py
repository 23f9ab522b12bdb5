"""The manifest of a cell in one region's Parameter Store.

Owns: the parameter. Does not own: what stands in it, which the cell collects, and what it must look like, which is
`domain.manifest`'s, so that whoever reads it has the same model as the program that writes it.

It is encrypted with the side's key though it holds no secret: a map of everything is worth something to an intruder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ssm

from domain import manifest
from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class ManifestArgs:
    """What the manifest is made from: the side's key, and `content` in the form of `domain.manifest.Manifest`."""

    names: Names
    key_arn: pulumi.Input[str]
    content: Mapping[str, Any]


class Manifest(pulumi.ComponentResource):
    """A cell's manifest in one of its regions."""

    parameter_name: str
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: ManifestArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Write the manifest. What AWS has yet to name is waited for, so it stands last."""
        super().__init__("medical:manifest:Manifest", name, None, opts)
        self.parameter_name = manifest.parameter_name(args.names.cell)
        text = _text(args.content)
        parameter = ssm.Parameter(
            name,
            name=self.parameter_name,
            description=f"What a failover of cell {args.names.cell} needs to know",
            type=ssm.ParameterType.SECURE_STRING,
            key_id=args.key_arn,
            tier=text.apply(manifest.tier),
            value=text,
            # An advanced parameter does not become a standard one, and two cannot have one name.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.arn = parameter.arn
        self.register_outputs({"arn": self.arn})


def _text(content: Mapping[str, Any]) -> pulumi.Output[str]:
    """`content` as the manifest's text, once it is known and found to hold no secret."""
    known: pulumi.Output[Any] = pulumi.Output.from_input(content)
    checked: pulumi.Output[None] = pulumi.Output.from_input(_refuse_secrets(known))
    return pulumi.Output.all(known, checked).apply(lambda found: _write(found[0]))


async def _refuse_secrets(content: pulumi.Output[Any]) -> None:
    """Refuse what Pulumi knows to be a secret, wherever in `content` it stands."""
    if await content.is_secret():
        raise pulumi.RunError("a value of the manifest is a secret, and it is kept to be read: give its ARN instead")


def _write(content: Mapping[str, Any]) -> str:
    try:
        return manifest.write(content)
    except manifest.ManifestError as error:
        raise pulumi.RunError(str(error)) from None
