"""Instances answer IMDSv2 only, which a forged request cannot reach."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, cis, fsbp, hipaa
from policies.names import INSTANCE, TEMPLATE
from policies.simple import Demand, demand
from policies.values import differs

_DEMANDS: Final = (
    Demand(
        TEMPLATE,
        "metadataOptions.httpTokens",
        lambda value: differs(value, "required"),
        "metadata is given without a token",
    ),
    Demand(
        INSTANCE,
        "metadataOptions.httpTokens",
        lambda value: differs(value, "required"),
        "metadata is given without a token",
    ),
    Demand(
        TEMPLATE,
        "metadataOptions.httpPutResponseHopLimit",
        lambda value: differs(value, 1, None),
        "metadata is given further than the instance",
    ),
)

RULE: Final = Rule(
    name="no-first-metadata-service",
    title="Instances answer IMDSv2 only",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(1)"), *cis("5.6"), *fsbp("EC2.8", "AutoScaling.3")),
    types=(TEMPLATE, INSTANCE),
    way_out="set httpTokens to required and httpPutResponseHopLimit to 1",
    check=demand(*_DEMANDS),
)
