"""Databases take TLS 1.2 or later only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.names import DATABASE
from policies.values import UNKNOWN, at, differs, each, is_unknown

_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(_GROUP):
        family, listed = item.at("family"), item.at("parameters")
        if is_unknown(listed) or not str(family).startswith("mysql"):
            continue
        values = {at(one, "name"): at(one, "value") for one in each(listed)}
        if UNKNOWN in values:
            continue
        if differs(values.get("require_secure_transport"), "1", "ON"):
            yield Breach(item.urn, "the database takes connections in clear")
        versions = values.get("tls_version")
        if isinstance(versions, str) and not set(versions.split(",")) <= {"TLSv1.2", "TLSv1.3"}:
            yield Breach(item.urn, f"the database takes {versions}")
    for item in view.of(DATABASE):
        if item.at("parameterGroupName") is None:
            yield Breach(item.urn, "the default parameter group takes connections in clear")


RULE: Final = Rule(
    name="no-plaintext-database",
    title="Databases take TLS only",
    severity=Severity.HIGH,
    controls=hipaa("312(e)(1)", "312(e)(2)(ii)"),
    types=(_GROUP, DATABASE),
    way_out="set require_secure_transport to 1 and tls_version to TLSv1.2,TLSv1.3 in a parameter group of its own",
    check=_check,
)
