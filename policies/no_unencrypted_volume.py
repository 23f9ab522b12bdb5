"""Volumes of instances are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import INSTANCE, TEMPLATE
from policies.values import every, off

_VOLUME: Final = "aws:ebs/volume:Volume"
_PATHS: Final = (
    (TEMPLATE, "blockDeviceMappings.ebs.encrypted"),
    (INSTANCE, "rootBlockDevice.encrypted"),
    (_VOLUME, "encrypted"),
)


def _check(view: View) -> Iterator[Breach]:
    for type_, path in _PATHS:
        for item in view.of(type_):
            if any(off(value) for value in every(item.inputs, path)):
                yield Breach(item.urn, "a volume is not encrypted")


RULE: Final = Rule(
    name="no-unencrypted-volume",
    title="Volumes of instances are encrypted",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(2)(iv)"), *cis("2.2.1"), *fsbp("EC2.3")),
    types=tuple(type_ for type_, _ in _PATHS),
    way_out="set encrypted, and kmsKeyId to the side's key, on every volume",
    check=_check,
)
