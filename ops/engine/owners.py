"""Refuses a stack whose claim to its account, or to its regions, cannot stand beside those of the other stack files."""

from __future__ import annotations

from pathlib import Path

from domain.ownership import Claim, objections
from domain.posture import NONE
from ops.engine import project
from ops.engine.project import Stack
from settings import Problem, SettingsError


def refuse_rivals(stack: Stack, folder: Path = project.ROOT) -> None:
    """Compare `stack` with the other stack files of `folder`.

    Raises:
        SettingsError: who owns the account or a region is said in two ways, or by nobody who is there.
        ProjectError: another stack's file cannot be read.
    """
    others = [claim_of(project.load(name, folder=folder)) for name in project.cells(folder) if name != stack.name]
    found = objections(claim_of(stack), others)
    problems = [Problem(key=item.key, value=ascii(item.value), rule=item.rule) for item in found]
    if problems:
        raise SettingsError(stack.name, problems)


def claim_of(stack: Stack) -> Claim:
    """What `stack` says of who owns what. Values that are no settings at all are refused by others."""
    stated = stack.stated
    regions = (stated.get("homeRegion", ""), stated.get("recoveryRegion", NONE))
    return Claim(
        stack=stack.name,
        account_id=stated.get("accountId", ""),
        regions=tuple(name for name in regions if name != NONE),
        account_owner=stated.get("accountOwner", ""),
        region_owner=stated.get("regionOwner", ""),
    )
