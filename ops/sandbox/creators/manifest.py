"""Creators for the parameter that holds the manifest."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

CREATORS: Final = {
    "aws:ssm/parameter:Parameter": Creator(
        service="ssm",
        operation="put_parameter",
        id="{name}",
        outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter{name}"},
    ),
}
