"""Guardrails as code: one rule a file, named for what it forbids, run by the preview, the tests and as a policy pack.

`RULES` is the registry. A rule is pure: it looks at a `View` of a whole stack and says what breaks it. Nothing here
knows how a stack is run (`ops`) or made (`components`); only `domain` is imported.
"""

from policies.engine import evaluate
from policies.model import Breach, Control, Finding, Resource, Rule, Severity, View
from policies.registry import RULES

__all__ = ["RULES", "Breach", "Control", "Finding", "Resource", "Rule", "Severity", "View", "evaluate"]
