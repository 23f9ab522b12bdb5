"""What a stranger, a typing error or another tool may put into a setting's place."""

from __future__ import annotations

import json
from typing import Final

from hypothesis import strategies as st

from tests.fuzz import sound

_TEXTS: Final = (
    "",
    " ",
    "no",
    "off",
    "yes",
    "null",
    "~",
    "none",
    "None",
    "True",
    "FALSE",
    "0",
    "-1",
    "-0",
    "+1",
    "1.0",
    "1.5",
    "1e400",
    "1_000",
    "0x10",
    "0o17",
    "012",
    "12:30:45",
    "2026-11-21",
    "NaN",
    "-Infinity",
    "9" * 30,
    "9" * 5000,
    "-" + "9" * 5000,
    "2147483648",
    "18446744073709551616",
    "\u0661\u0662\u0663",  # digits that are not ASCII
    "\uff11\uff10",
    "t\u0664g.small",
    "\u0000",
    "\ud800",
    "\ufeffus",
    "us\n",
    "us-east-1\r\n",
    "\u202eus",
    "e\u0301u",
    "\U0001f600",
    "a" * 100_000,
    "[" * 900,
    "[" * 100_000,
    '{"a":' * 500,
    '[["ssm"]]',
    '["ssm", "ssm"]',
    "[null]",
    "{}",
    '{"secure": "v1:x"}',
    '"ssm"',
    '["home-1", "home-1"]',
    '["home-0"]',
    '["webp", "gif"]',
    "10.0.0.0/8",
    "10.0.0.1/16",
    "0.0.0.0/0",
    "169.254.0.0/16",
    "fd00::/16",
    "10.10.0.0/16 ",
    "us-east-9",
    "cn-north-1",
    "us-gov-west-1",
    "mx-central-1",
    "us-west-1",
    "US-EAST-2",
    "GB",
    "MX",
    "eu",
    "XX",
    "warm ",
    "compliance",
    "recovery",
    "../../etc/passwd",
    "build/../../x.zip",
    "x.zip",
    "${aws:username}",
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "*",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s%n",
    "$(id)",
    "db.t4g.micro",
    "db.zzz9g.17xlarge",
    "cache.t4g.nano",
    "t3.small",
    "m7g.metal",
    "example",
    "-bad.example.com",
    f"{'a' * 64}.com",
    f"{'a.' * 40}com",
    "db.t4g.medium",
    "31",
    "364",
    "36501",
    "65537",
)
_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
).map(json.dumps)

VALUES: Final = st.one_of(
    st.sampled_from(_TEXTS),
    st.sampled_from(_TEXTS),
    _JSON,
    st.integers().map(str),
    st.text(st.characters(), max_size=30),
)
CELLS: Final = st.sampled_from(
    ("", "x", "Us", "1us", "us-", "us--e", "us_e", "a" * 17, "a" * 5000, "us\n", "\u00fc1", "us\x00", "../us", "us.eu")
) | st.text(st.characters(), max_size=20)
STRANGERS: Final = st.sampled_from(
    (
        "",
        "homeregion",
        "home_region",
        "webMaximum",
        "cell",
        "aws:region",
        "aws:profile",
        "medical-platfrom:webMax",
        "a:b:c",
        "\u200bdomain",
        "domain ",
        "__proto__",
        "x" * 5000,
        "model_config",
    )
) | st.text(st.characters(), max_size=12)


@st.composite
def changes(draw: sound.Draw, keys: tuple[str, ...]) -> dict[str, str | None]:
    """One to three keys with what may stand there, or with nothing."""
    found: dict[str, str | None] = {}
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 9))
        if kind == 0:
            found[draw(STRANGERS)] = draw(VALUES)
        elif kind == 1:
            found[draw(st.sampled_from(keys))] = None
        else:
            found[draw(st.sampled_from(keys))] = draw(VALUES)
    return found
