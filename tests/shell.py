"""The commands in the shell blocks of a document, as far as tests need to read shell. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SUBSTITUTION = re.compile(r"\$\(((?:'[^']*'|[^()'])*)\)")
_ENDS = set("();|&<>")
_BEFORE = {"timeout": 2, "until": 1, "[": 1, "do": 1, "then": 1, "while": 1}  # words that stand before a command


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command's words, without redirections, and the heading that it stands under."""

    heading: str
    words: tuple[str, ...]

    @property
    def options(self) -> dict[str, tuple[str, ...]]:
        """The values of each `--option`, which may be none."""
        found: dict[str, tuple[str, ...]] = {}
        for place, word in enumerate(self.words):
            if word.startswith("--"):
                name, equals, value = word.partition("=")
                rest = takewhile(lambda text: not text.startswith("--"), self.words[place + 1 :])
                found[name] = (value,) if equals else tuple(rest)
        return found


def commands(document: str) -> list[Command]:
    """Every command of `document`, those inside `$(...)` too, which leave `SUBSTITUTED` in their place."""
    found: list[Command] = []
    for block in _BLOCK.finditer(document):
        headings = re.findall(r"^#+ (.*)$", document[: block.start()], re.MULTILINE)
        for line in block[1].replace("\\\n", " ").splitlines():
            found += [Command(heading=headings[-1], words=words) for words in _commands(line)]
    return found


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    while match := _SUBSTITUTION.search(line):
        yield from _commands(match[1])
        line = f"{line[: match.start()]}SUBSTITUTED{line[match.end() :]}"
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for token in [*lexer, ";"]:
        if not set(token) <= _ENDS:
            words.append(token)
            continue
        if command := tuple(_stripped(words)):
            yield command
        words = []


def _stripped(words: list[str]) -> list[str]:
    while words and words[0] in _BEFORE:
        words = words[_BEFORE[words[0]] :]
    return words
