"""Why a file is not converted: the codes and the one exception of the pure core. Pure."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """What is wrong with the file itself. Trying again cannot help, so a refusal is never retried."""

    INFECTED = "infected"
    UNSUPPORTED = "unsupported"
    OVERSIZED = "oversized"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_MANY_PIXELS = "too-many-pixels"
    BOMB = "bomb"
    CORRUPT = "corrupt"
    ENCRYPTED = "encrypted"
    EMPTY = "empty"


class RefusedError(Exception):
    """The file is refused: `code` for machines, `words` for people. Neither holds any of the file's content."""

    def __init__(self, code: Refusal, words: str) -> None:
        """Of a code, and words that say value, rule and way out."""
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words
