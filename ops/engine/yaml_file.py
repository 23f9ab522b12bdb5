"""Reads YAML the way the Pulumi engine does, which is not PyYAML's: `no`, `012` and dates are text.

A key that stands twice is refused, where PyYAML would silently take the last.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from typing_extensions import override

from ops import files

MOST_BYTES: Final = 1024 * 1024
MOST_VALUES: Final = 10_000
_SHOWN: Final = 300  # characters of a reason
_TAG: Final = "tag:yaml.org,2002:"
_COLLECTIONS: Final = (f"{_TAG}seq", f"{_TAG}map")


class YamlError(Exception):
    """A file that cannot be read; the message names it and says why."""


class _Text(yaml.SafeLoader):
    """Every scalar but null is the text that stands there, and so is every key."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's attribute, filled below

    @override
    def construct_document(self, node: yaml.Node) -> Any:
        if self._size(node, {}) > MOST_VALUES:
            raise yaml.constructor.ConstructorError(
                None, None, f"its anchors stand for more than {MOST_VALUES} values; write them out", node.start_mark
            )
        return super().construct_document(node)

    def _size(self, node: yaml.Node, known: dict[yaml.Node, int]) -> int:
        """How many values `node` stands for once its anchors are written out; what holds itself counts as nothing."""
        if node in known:
            return known[node]
        self._refuse_tag(node)
        known[node] = 0
        below: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            below = [item for pair in node.value for item in pair]
        elif isinstance(node, yaml.SequenceNode):
            below = node.value
        known[node] = 1 + sum(self._size(item, known) for item in below)
        return known[node]

    def _refuse_tag(self, node: yaml.Node) -> None:
        """Refuse a tag that the value does not have by itself: what it would make differs from tool to tool."""
        usual: tuple[object, ...] = _COLLECTIONS
        if isinstance(node, yaml.ScalarNode):
            usual = (f"{_TAG}str", self.resolve(yaml.ScalarNode, node.value, (True, False)))
        if node.tag not in usual:
            shown = ascii(node.tag)[:80]
            raise yaml.constructor.ConstructorError(
                None, None, f"{shown} is a tag, and no setting needs one; write the value alone", node.start_mark
            )

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.tag == f"{_TAG}merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands twice; keep one", key.start_mark
                )
            seen.add(key.value)
            key.tag = f"{_TAG}str"
        return super().construct_mapping(node, deep)


class _Typed(_Text):
    """As above, with the numbers and booleans of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's attribute, filled below


def _resolve(loader: type[yaml.SafeLoader], tag: str, pattern: str, first: str) -> None:
    loader.add_implicit_resolver(_TAG + tag, re.compile(rf"(?:{pattern})\Z"), list(first))


for _loader in (_Text, _Typed):
    _resolve(_loader, "merge", "<<", "<")
    _resolve(_loader, "null", "~|null|Null|NULL|", "~nN")
    _loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"\Z"), [""])
_resolve(_Typed, "bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve(_Typed, "int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789")
_resolve(_Typed, "float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789")
_resolve(_Typed, "float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.")


def as_text(path: Path) -> dict[str, Any]:
    """The map in `path` with every scalar as text, and null as `None`.

    Raises:
        YamlError: no such file, no YAML, no map, or a key twice.
    """
    return _load(path, _Text)


def as_values(path: Path) -> dict[str, Any]:
    """The map in `path` with numbers and booleans as such.

    Raises:
        YamlError: as above.
    """
    return _load(path, _Typed)


def _load(path: Path, loader: type[yaml.SafeLoader]) -> dict[str, Any]:
    try:
        read = files.read(path)
        if len(read) > MOST_BYTES:
            raise YamlError(
                f"{path}: has {len(read)} bytes, and {MOST_BYTES} are read at most; leave out what is no setting"
            )
        content = copy.deepcopy(_parsed(read.decode(), loader))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise YamlError(f"{path}: cannot be read as YAML: {_reason(error)}; correct it there") from None
    if not isinstance(content, dict):
        raise YamlError(f"{path}: must hold a map of keys, such as 'config:'")
    return content


@lru_cache(maxsize=64)
def _parsed(text: str, loader: type[yaml.SafeLoader]) -> Any:  # noqa: ANN401 - any YAML
    """What `text` says; kept, for a command reads the stacks' files more than once."""
    return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {_plain(str(error.problem))}"
    return _plain(str(error)) or type(error).__name__


def _plain(text: str) -> str:
    """`text` on one line, in letters that can be printed anywhere, and no longer than a message bears."""
    return ascii(" ".join(text.split()))[1:-1].replace("\\'", "'")[:_SHOWN]
