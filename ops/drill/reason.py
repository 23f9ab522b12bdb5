"""A reason for a drill's verdict. Pure."""

from __future__ import annotations

from ops.drill.model import Part, Verdict


class Reason(Part):
    """Why a drill has its verdict: what was found, the rule that it was held against, and what to do."""

    verdict: Verdict
    about: str
    value: str
    rule: str
    remedy: str

    @property
    def text(self) -> str:
        """All of it in one line."""
        return f"{self.about}: {self.value}. Rule: {self.rule}. {self.remedy}."
