"""A configuration as the text of a stack's file, in the many ways that YAML has, and in some that it has not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hypothesis import strategies as st

from settings import PROJECT
from tests.fuzz.sound import Draw

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_@-]*(:[A-Za-z0-9._/@-]+)*")
_BOMB: Final = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9) if n else 'ssm'}]\n  " for n in range(10))
_MERGES: Final = "".join(
    f"m{n}: &m{n} {{{'<<: [' + ', '.join([f'*m{n - 1}'] * 9) + ']' if n else 'a: b'}}}\n  " for n in range(10)
)

# What is wrong with a file as a whole, from its right text.
FAULTS: Final[Mapping[str, Callable[[str], str | bytes]]] = {
    "tabs": lambda text: text.replace("\n  ", "\n\t", 1),
    "a key twice": lambda text: text + "  homeRegion: us-east-1\n",
    "a key twice, once in full": lambda text: text + f"  homeRegion: us-east-1\n  {PROJECT}:homeRegion: us-east-1\n",
    "two documents": lambda text: text + "---\nconfig: {}\n",
    "config twice": lambda text: text + "config: {}\n",
    "a bomb of anchors": lambda text: text + f"  {_BOMB}interfaceEndpoints: *x9\n",
    "a bomb of merges": lambda text: text + f"  {_MERGES}released: *m9\n",
    "an anchor that holds itself": lambda text: text + "  released: &r [*r]\n",
    "an anchor that is not there": lambda text: text + "  release: *nothing\n",
    "an encrypted value": lambda text: text + "  release: {secure: AAABAJ}\n",
    "a null": lambda text: text + "  release: ~\n",
    "an empty value": lambda text: text + "  release:\n",
    "nested lists": lambda text: text + "  released: [[[[home-1]]]]\n",
    "lists without end": lambda text: text + f"  released: {'[' * 20_000}\n",
    "a map for a text": lambda text: text + "  release: {a: {b: c}}\n",
    "a list for a number": lambda text: text + "  webMax: [6]\n",
    "a key that is a list": lambda text: text + "  [a, b]: 1\n",
    "no text at all": lambda _text: "",
    "no map": lambda _text: "- a\n- b\n",
    "no config": lambda text: text.replace("config:", "settings:", 1),
    "config is a list": lambda _text: "config: [a]\n",
    "NUL": lambda text: text.replace("config", "con\0fig", 1),
    "UTF-16": lambda text: text.encode("utf-16"),
    "half a character": lambda text: text.encode() + b"  release: \xc3\n",
    "a surrogate": lambda text: text + '  release: "\\ud800"\n',
    "a tag for a number": lambda text: text + '  webMax: !!int ""\n',
    "a tag for a flag": lambda text: text + "  natPerAz: !!bool maybe\n",
    "a tag for a day": lambda text: text + "  release: !!timestamp never\n",
    "a tag for code": lambda text: text + "  release: !!python/object/apply:os.system [id]\n",
    "a tag for a set": lambda text: text + "  released: !!set {a}\n",
    "a directive": lambda text: f"%YAML 9.9\n---\n{text}",
    "a merge of a text": lambda text: text + "  <<: home\n",
    "two megabytes": lambda text: text + f"  release: {'a' * 2_000_000}\n",
    "a number in base 60": lambda text: text + "  webMax: 1:40\n",
    "a number in base 8": lambda text: text + "  webMax: 012\n",
    "no": lambda text: text + "  natPerAz: no\n",
    "a number with a fraction": lambda text: text + "  webMax: 6.0\n",
    "a number without end": lambda text: text + f"  webMax: {'9' * 5000}\n",
    "an open quote": lambda text: text + '  release: "a\n',
    "a block": lambda text: text + "  release: |\n    starter\n",
}
# What changes nothing of what a file says.
STYLES: Final[Mapping[str, Callable[[str], str | bytes]]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "comments": lambda text: f"# caf\u00e9 \U0001f600\n{text}# end\n",
    "a document's marks": lambda text: f"---\n{text}...\n",
    "other keys": lambda text: f"encryptionsalt: v1:abc\n{text}",
    "no newline at the end": lambda text: text.removesuffix("\n"),
}


@st.composite
def scalars(draw: Draw, value: str, anchor: str) -> str:
    """A value as YAML writes it, in one of the ways that keep it; JSON stays JSON, which YAML reads."""
    ways: list[str] = [json.dumps(value)]
    if _PLAIN.fullmatch(value):
        ways += [value, f"'{value}'", f"&{anchor} {value}"]
    if value.startswith("[") and len(value) < 1000:
        ways = [value]
    return draw(st.sampled_from(ways))


@st.composite
def files(draw: Draw, stated: Mapping[str, str], order: Sequence[str]) -> str:
    """The text of a file that states this."""
    lines = ["config:"]
    full = draw(st.booleans())
    for place, key in enumerate(order):
        name = f"{PROJECT}:{key}" if full and ":" not in key else key
        written = name if _PLAIN.fullmatch(name) else json.dumps(name)
        lines.append(f"  {written}: {draw(scalars(stated[key], f'at{place}'))}")
    return "\n".join(lines) + "\n"
