"""Reads `Pulumi.yaml` and a stack's file the way the Pulumi engine hands them to a program: every value as text."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.engine import yaml_file
from settings.refusals import short

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT_FILE: Final = "Pulumi.yaml"
_ENGINE: Final = "pulumi:"  # the Pulumi engine's own settings
_MAY_BE_ENCRYPTED: Final = ("operationsWebhooks", "pagerWebhooks")  # item by item
DEFAULTS_VARIABLE: Final = "MEDICAL_PLATFORM_DEFAULTS"
"""Names the environment variable with settings, as JSON, that stand in the place of the project's own defaults.

Offline runs alone read it; tests give a small package of functions by it, so that they need not build the real one.
"""


class ProjectError(Exception):
    """A project or stack file that cannot be used; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack as the engine sees it: its name (the cell), its project and the merged configuration."""

    name: str
    project: str
    config: Mapping[str, str]

    @property
    def stated(self) -> dict[str, str]:
        """The configuration as `settings.load` takes it: without the engine's own keys and the project's name."""
        prefix = f"{self.project}:"
        return {key.removeprefix(prefix): text for key, text in self.config.items() if not key.startswith(_ENGINE)}


def cells(folder: Path = ROOT) -> list[str]:
    """The cells that `folder` has stack files for, in alphabetical order."""
    names = (path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in folder.glob("Pulumi.*.yaml"))
    return sorted(names)


def load(cell: str, *, folder: Path = ROOT, overrides: Mapping[str, object] | None = None) -> Stack:
    """The stack of `cell` from `folder`, with `overrides` (keys without the project's name) laid over its values.

    Raises:
        ProjectError: there is no such file, or it holds no configuration that can be read.
    """
    if cell not in cells(folder):
        known = ", ".join(cells(folder)) or "none"
        raise ProjectError(
            f"no cell {short(cell)}: {folder} has no such Pulumi.<cell>.yaml; choose one, the cells here are {known}"
        )
    path = folder / f"Pulumi.{cell}.yaml"
    try:
        project = yaml_file.as_values(ROOT / PROJECT_FILE)
        texts, values = yaml_file.as_text(path).get("config"), yaml_file.as_values(path).get("config")
    except yaml_file.YamlError as error:
        raise ProjectError(str(error)) from None
    if not isinstance(texts, dict) or not isinstance(values, dict):
        raise ProjectError(f"{path}: has no 'config:' map; 'pulumi config set' writes one")
    name = str(project["name"])
    given = {key: text if isinstance(text, str) else values[key] for key, text in texts.items()}
    config = {
        f"{name}:{key}": _text(declared["default"])
        for key, declared in project["config"].items()
        if "default" in declared
    }
    config |= _of_environment(name)
    config |= _stated(path, name, given)
    config |= {_full(name, key): _text(value) for key, value in (overrides or {}).items()}
    return Stack(name=cell, project=name, config=config)


def _of_environment(name: str) -> dict[str, str]:
    """What the environment says in the place of the project's defaults, keyed in full."""
    text = os.environ.get(DEFAULTS_VARIABLE, "{}")
    try:
        return {_full(name, key): _text(value) for key, value in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise ProjectError(
            f"{DEFAULTS_VARIABLE} = {text[:80]!a}: must be a JSON object of settings; correct or unset it"
        ) from None


def _stated(path: Path, name: str, given: Mapping[str, object]) -> dict[str, str]:
    """What the stack's file says, keyed in full."""
    stated: dict[str, str] = {}
    for key, raw in given.items():
        shown = short(key)
        value = _stand_in(raw) if key.rpartition(":")[2] in _MAY_BE_ENCRYPTED else raw
        if isinstance(value, dict) and "secure" in value:
            raise ProjectError(
                f"{path}: {shown} is encrypted, which cannot be read offline and no setting needs; remove it"
            )
        full = _full(name, key)
        if full in stated:
            raise ProjectError(f"{path}: {short(full)} stands twice, once without the project's name; keep one")
        try:
            stated[full] = _text(value)
        except (ValueError, RecursionError):
            raise ProjectError(f"{path}: {shown} holds itself, by an anchor; write it out") from None
    return stated


def _stand_in(value: object) -> object:
    """A list with an address that leads nowhere in the place of each item that is encrypted."""
    if not isinstance(value, list):
        return value
    return [
        f"https://encrypted.invalid/{hashlib.sha256(str(item).encode()).hexdigest()[:8]}"
        if isinstance(item, dict) and "secure" in item
        else item
        for item in value
    ]


def _full(name: str, key: str) -> str:
    return key if ":" in key else f"{name}:{key}"


def _text(value: object) -> str:
    """A value as the engine hands it over: text as it is, null as the empty text, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)
