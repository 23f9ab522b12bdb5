"""Every rule, found by its file: a module of this folder whose name begins with `no_` holds one, called `RULE`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Final

from policies.model import Rule


def _found() -> tuple[Rule, ...]:
    modules = sorted(item.name for item in pkgutil.iter_modules([str(Path(__file__).parent)]))
    rules = (importlib.import_module(f"policies.{name}").RULE for name in modules if name.startswith("no_"))
    return tuple(rules)


RULES: Final[tuple[Rule, ...]] = _found()
