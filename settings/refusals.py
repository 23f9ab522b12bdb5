"""How a refusal is said: key, value as given, the rule that it breaks with the way out. Pure, but for Pulumi's error.

Rules never repeat a value, so that a secret one stays out of every message by not being shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import pulumi

_SHOWN: Final = 200  # characters of a refused value that a message repeats
_SECRET: Final = "[secret]"  # noqa: S105 - what stands in a secret's place


class SettingsError(pulumi.RunError):
    """The configuration was refused. Pulumi prints the message without a traceback."""

    def __init__(self, cell: str, problems: Sequence[Problem]) -> None:
        """Keep `problems` for machines and make the text for people."""
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"the configuration of cell {short(cell)} was refused before anything was made:\n{lines}")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refusal: the configuration key, the value as given, the rule that it breaks with the way out."""

    key: str
    value: str
    rule: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.key} = {self.value}: {self.rule}"


class Shown:
    """The configuration as messages may show it."""

    def __init__(self, raw: Mapping[str, str], secret: AbstractSet[str]) -> None:
        """Remember `raw`; the values of keys in `secret` are never shown."""
        self._texts = {key: _SECRET if key in secret else short(text) for key, text in raw.items()}

    def __getitem__(self, key: str) -> str:
        """The value of `key` as given."""
        return self._texts.get(key, "(missing)")

    def problem(self, key: str, kind: str, message: str) -> Problem:
        """A refusal of pydantic's, in the platform's words."""
        rule = message.removeprefix("Value error, ")
        if kind == "missing":
            rule = f"is required; set it with 'pulumi config set {key} VALUE'"
        return self.refuse(key, rule)

    def refuse(self, key: str, rule: str) -> Problem:
        """The refusal of the value of `key`."""
        return Problem(key=key, value=self[key], rule=rule)


def unknown_key(key: str, known: Sequence[str], shown: Shown) -> Problem:
    """The refusal of a key that no setting has."""
    namespace, _, name = key.rpartition(":")
    if key == "cell":
        rule = "the stack's name is the cell; drop it"
    elif namespace == "aws":
        rule = (
            "reaches default providers only, which no resource uses here; drop it: regions are homeRegion and "
            "recoveryRegion, and credentials come from the environment"
        )
    else:
        near = get_close_matches(name[:_SHOWN], known, n=1)
        rule = f"is no setting of the platform; {f'did you mean {near[0]}?' if near else 'drop it'}"
    readable = re.fullmatch(rf"[\w.:-]{{1,{_SHOWN}}}", key, re.ASCII)
    return Problem(key=key if readable else short(key), value=shown[key], rule=rule)


def short(value: str) -> str:
    """`value` in quotes, in ASCII, and no longer than a message bears."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
