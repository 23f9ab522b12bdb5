"""What is allowed to break a rule for a while: which resource, why, who answers for it, and until when.

Each needs a date, and is a finding itself from the day after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from policies.model import Finding, Rule, Severity, hipaa


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Exempts the resources whose URN fits `urn` (with `*` and `?`) from the rule called `rule` through `expires`."""

    rule: str
    urn: str
    reason: str
    owner: str
    expires: date

    def __post_init__(self) -> None:
        """Refuse one that does not say why, or who answers for it.

        Raises:
            ValueError: `reason` or `owner` is empty.
        """
        for name in ("rule", "urn", "reason", "owner"):
            if not getattr(self, name).strip():
                raise ValueError(f"an exemption without {name} exempts nothing: state rule, urn, reason and owner")

    def covers(self, finding: Finding, today: date) -> bool:
        """Whether it exempts `finding` today."""
        return finding.rule.name == self.rule and fnmatchcase(finding.urn, self.urn) and today <= self.expires

    def told(self) -> str:
        """That it has expired, in words."""
        return f"the exemption of {self.urn} from {self.rule} ({self.owner}) expired on {self.expires.isoformat()}"


EXPIRED: Final = Rule(
    name="expired-exemption",
    title="No exemption outlives its date",
    severity=Severity.HIGH,
    controls=hipaa("308(a)(1)(ii)(B)"),
    types=(),
    way_out="mend what it exempted and remove it from policies/exemptions.py, or let its owner decide on a new date",
    check=lambda _: (),
)
# What a deployment may do stands as families of verbs, and what services have no names for stands on everything: the
# deploying role is held by a boundary of its own (`components/access/ci_limits.py`), which denies what matters by name.
_DEPLOYING: Final = "*::global-ci-deploy-*"
_WHY: Final = "the deploying role makes whatever is declared; its boundary denies evidence, data, people and policies"
_OWNER: Final = "platform team"
_UNTIL: Final = date(2027, 11, 30)
EXEMPTIONS: Final[tuple[Exemption, ...]] = tuple(
    Exemption(rule=rule, urn=_DEPLOYING, reason=_WHY, owner=_OWNER, expires=_UNTIL)
    for rule in ("no-wildcard-action", "no-wildcard-resource")
)
