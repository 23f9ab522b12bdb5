"""What a cell's drills are called in AWS: the role that they take, and the parameters that they keep. Pure."""

from __future__ import annotations

from typing import Final

from domain.naming import GLOBAL, SYSTEM, Names

NOBODY: Final = "none"
"""What a cell without drills names in the role's place."""


def role_name(cell: str) -> str:
    """The role that drills of `cell` take on AWS, and that its service answers: `medical-us-global-drill`."""
    return Names(cell=cell, place=GLOBAL).of("drill")


def role_arn(account_id: str, cell: str) -> str:
    """The ARN of that role, known before it stands."""
    return f"arn:aws:iam::{account_id}:role/{role_name(cell)}"


def lock_parameter(cell: str) -> str:
    """The parameter that exists while a drill of `cell` is under way, in either region."""
    return f"/{SYSTEM}/{cell}/continuity/drill-lock"


def approvals_path(cell: str) -> str:
    """Where the approvals of plans for `cell` are kept, a parameter each: this, a slash, and the plan's hash."""
    return f"/{SYSTEM}/{cell}/continuity/approvals"
