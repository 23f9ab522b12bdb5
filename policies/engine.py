"""Runs rules over a view, and lays the exemptions over what they find. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.exemptions import EXEMPTIONS, EXPIRED, Exemption
from policies.model import Finding, Rule, View
from policies.registry import RULES


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What rules found: what stands, worst first, and what is exempted for now, each with its exemption."""

    rules: int
    found: tuple[Finding, ...]
    exempted: tuple[tuple[Finding, Exemption], ...]


def evaluate(view: View, rules: Iterable[Rule] = RULES, exemptions: Sequence[Exemption] = EXEMPTIONS) -> Findings:
    """Every breach of `rules` in `view`. An exemption that has expired exempts nothing, and is a finding itself."""
    judged = tuple(rules)
    breaches = [
        Finding(rule=rule, urn=breach.urn, message=breach.message) for rule in judged for breach in rule.check(view)
    ]
    pairs = [(item, next((one for one in exemptions if one.covers(item, view.today)), None)) for item in breaches]
    stands = [item for item, exemption in pairs if exemption is None]
    stands += [Finding(rule=EXPIRED, urn="", message=one.told()) for one in exemptions if one.expires < view.today]
    return Findings(
        rules=len(judged),
        found=tuple(sorted(stands, key=lambda item: (-item.rule.severity, item.rule.name, item.urn, item.message))),
        exempted=tuple((item, exemption) for item, exemption in pairs if exemption is not None),
    )
