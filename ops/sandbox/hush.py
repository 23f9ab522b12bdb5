"""Keeps secrets of a cell out of what its process writes: it learns them as they are made, and blots them out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TextIO

from typing_extensions import override

from ops.engine.record import REDACTED, Secret

_SHORTEST: Final = 6  # characters; what is shorter guards nothing and may be a word of any sentence


class Hush:
    """Blots out whatever secrets it has learned."""

    def __init__(self) -> None:
        """Know none."""
        self._known: set[str] = set()

    def learn(self, tree: Any) -> None:  # noqa: ANN401 - a property tree is any JSON
        """Learn every secret text in `tree`."""
        self._known |= {text for text in _texts(tree, within=False) if len(text) >= _SHORTEST}

    def __call__(self, text: str) -> str:
        """`text` without the secrets, the longest first, for one may be a part of another."""
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, REDACTED)
        return text


class Hushed(io.TextIOBase):
    """A stream of text that passes on what is written to it, without the secrets."""

    def __init__(self, stream: TextIO, hush: Hush) -> None:
        """Pass on to `stream`."""
        super().__init__()
        self._stream = stream
        self._hush = hush

    @override
    def write(self, text: str, /) -> int:
        self._stream.write(self._hush(text))
        return len(text)

    @override
    def flush(self) -> None:
        self._stream.flush()

    @override
    def fileno(self) -> int:
        return self._stream.fileno()


def _texts(tree: Any, *, within: bool) -> Iterator[str]:  # noqa: ANN401 - as above
    if isinstance(tree, Secret):
        yield from _texts(tree.value, within=True)
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _texts(item, within=within)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for item in tree:
            yield from _texts(item, within=within)
    elif within and isinstance(tree, str):
        yield tree
