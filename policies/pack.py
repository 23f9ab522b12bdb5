"""The rules as Pulumi's policies: each sees the whole stack, and those that are high or critical stop an update.

The SDK does not tell a pack which values are secret, so rules about that say nothing here; `python -m ops preview` has
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyResource,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PackSeverity
from pulumi_policy.proxy import UnknownValueError

from policies import RULES
from policies.engine import evaluate
from policies.exemptions import EXPIRED
from policies.model import Resource, Rule, Severity, View
from policies.values import UNKNOWN

ENFORCED: Final = {
    Severity.CRITICAL: EnforcementLevel.MANDATORY,
    Severity.HIGH: EnforcementLevel.MANDATORY,
    Severity.MEDIUM: EnforcementLevel.ADVISORY,
    Severity.LOW: EnforcementLevel.ADVISORY,
}


def policies_as_of(today: date) -> list[Policy]:
    """Every rule as a policy that judges as of `today`; one more says which exemptions have expired."""
    return [_policy(rule, today) for rule in (*RULES, EXPIRED)]


def _policy(rule: Rule, today: date) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for item in evaluate(view(args.resources, today), rules=(rule,)).found:
            if item.rule.name == rule.name:
                report(f"{item.message}; way out: {item.rule.way_out}", item.urn or None)

    return StackValidationPolicy(
        rule.name,
        f"{rule.title} ({', '.join(control.id for control in rule.controls)})",
        validate,
        enforcement_level=ENFORCED[rule.severity],
        severity=PackSeverity(rule.severity.word),
        framework=PolicyComplianceFramework(
            name=rule.controls[0].framework.value, reference=", ".join(control.id for control in rule.controls)
        ),
        remediation_steps=rule.way_out,
    )


def view(resources: Sequence[PolicyResource], today: date) -> View:
    """The resources that the CLI hands to a pack, as rules see them."""
    return View(resources=tuple(_resource(item) for item in resources), today=today, marks=False)


class _Inputs(Mapping[str, Any]):
    """What the SDK shows of a resource, opened where it is looked at: each policy is handed the whole stack anew."""

    def __init__(self, props: Mapping[str, Any], *, of_provider: bool = False) -> None:
        self._props = props
        self._of_provider = of_provider

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - a property tree is any JSON
        value = _member(self._props, key)
        return _json(value) if self._of_provider else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._props)

    def __len__(self) -> int:
        return len(self._props)


def _resource(item: PolicyResource) -> Resource:
    region = _Inputs(item.provider.props).get("region") if item.provider else ""
    return Resource(
        urn=item.urn,
        type=item.resource_type,
        name=item.name,
        inputs=_Inputs(item.props, of_provider=item.resource_type.startswith("pulumi:providers:")),
        region=region if isinstance(region, str) else "",
        provider=item.provider.urn if item.provider else "",
        parent=item.parent.urn if item.parent else "",
        protect=item.opts.protect,
        dependencies=tuple(other.urn for other in item.dependencies),
        property_dependencies={
            key: tuple(other.urn for other in others) for key, others in item.property_dependencies.items()
        },
    )


def _opened(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` with UNKNOWN for what the SDK refuses to show because it is not known yet."""
    if isinstance(value, Mapping):
        return {key: _member(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_member(value, place) for place in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _member(whole: Any, key: str | int) -> Any:  # noqa: ANN401 - as above
    try:
        return _opened(whole[key])
    except UnknownValueError:
        return UNKNOWN


def _json(value: Any) -> Any:  # noqa: ANN401 - as above
    """A provider's setting, which Pulumi hands over as JSON in a text, unless it is text itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
