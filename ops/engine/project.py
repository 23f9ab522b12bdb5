"""Reads `Pulumi.yaml` and a stack's file the way the Pulumi engine hands them to a program: every value as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT_FILE: Final = "Pulumi.yaml"


class ProjectError(Exception):
    """A project or stack file that cannot be used; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack as the engine sees it: its name (the cell), its project and the merged configuration."""

    name: str
    project: str
    config: Mapping[str, str]


def cells(folder: Path = ROOT) -> list[str]:
    """The cells that `folder` has stack files for, in alphabetical order."""
    names = (path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in folder.glob("Pulumi.*.yaml"))
    return sorted(names)


def load(cell: str, *, folder: Path = ROOT, overrides: Mapping[str, object] | None = None) -> Stack:
    """The stack of `cell` from `folder`, with `overrides` (keys without the project's name) laid over its values.

    Raises:
        ProjectError: there is no such file, or it holds no configuration that can be read.
    """
    project = _read(ROOT / PROJECT_FILE)
    name = str(project["name"])
    path = folder / f"Pulumi.{cell}.yaml"
    if not path.is_file():
        known = ", ".join(cells(folder)) or "none"
        raise ProjectError(f"no cell {cell!r}: {path.name} does not exist in {folder}; the cells here are {known}")
    given = _read(path).get("config")
    if not isinstance(given, dict):
        raise ProjectError(f"{path}: has no 'config:' map; 'pulumi config set' writes one")
    config = {
        f"{name}:{key}": _text(declared["default"])
        for key, declared in project["config"].items()
        if "default" in declared
    }
    for key, value in given.items():
        if isinstance(value, dict) and "secure" in value:
            raise ProjectError(
                f"{path}: {key} is encrypted, which cannot be read offline and no setting needs; remove it"
            )
        full = str(key) if ":" in str(key) else f"{name}:{key}"
        config[full] = _text(value)
    config.update({f"{name}:{key}": _text(value) for key, value in (overrides or {}).items()})
    return Stack(name=cell, project=name, config=config)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ProjectError(f"{path}: cannot be read as YAML: {reason}") from None
    if not isinstance(content, dict):
        raise ProjectError(f"{path}: must hold a map of keys, such as 'config:'")
    return content


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
