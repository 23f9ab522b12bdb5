"""The picture's colours, for light and for dark screens, as values whose contrast can be checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIGHT: Final[Mapping[str, str]] = {
    "page": "#ffffff",
    "ink": "#1b2430",
    "soft": "#4b5768",
    "node": "#ffffff",
    "node-rule": "#7c8898",
    "internet": "#fdecea",
    "internet-rule": "#b3261e",
    "account": "#f1f3f6",
    "account-rule": "#7c8898",
    "jurisdiction": "#fbfcfe",
    "jurisdiction-rule": "#5b6bc0",
    "region": "#f1f4f9",
    "region-rule": "#5b6bc0",
    "vpc": "#e8eff8",
    "vpc-rule": "#7c8898",
    "public": "#fdf1dc",
    "public-rule": "#a16207",
    "private": "#e3f3ea",
    "private-rule": "#19764a",
    "data": "#ece8fb",
    "data-rule": "#6a4fc4",
    "services": "#e4f2f1",
    "services-rule": "#0f766e",
    "traffic": "#1d5fae",
    "copy": "#8a2f8f",
    "data-line": "#1a6b45",
    "watch": "#8a5000",
}
DARK: Final[Mapping[str, str]] = {
    "page": "#0f141b",
    "ink": "#e9eef5",
    "soft": "#b3bfce",
    "node": "#1b2531",
    "node-rule": "#7b899b",
    "internet": "#2a1716",
    "internet-rule": "#f2857c",
    "account": "#171e27",
    "account-rule": "#7b899b",
    "jurisdiction": "#121821",
    "jurisdiction-rule": "#8d9cf0",
    "region": "#161d28",
    "region-rule": "#8d9cf0",
    "vpc": "#172230",
    "vpc-rule": "#7b899b",
    "public": "#2a2214",
    "public-rule": "#e0a94a",
    "private": "#14271e",
    "private-rule": "#5fc492",
    "data": "#201c36",
    "data-rule": "#a996f5",
    "services": "#122726",
    "services-rule": "#4fc0b5",
    "traffic": "#7fb4f5",
    "copy": "#e29be6",
    "data-line": "#6fd3a0",
    "watch": "#f0bd68",
}
FRAMES: Final = ("internet", "account", "jurisdiction", "region", "vpc", "public", "private", "data", "services")
LINES: Final[Mapping[str, str]] = {"traffic": "traffic", "copy": "copy", "data": "data-line", "watch": "watch"}
BOUNDARIES: Final = ("internet", "region", "public", "private", "data", "services")
"""The frames at which trust changes: drawn dashed."""


def style(name: str) -> str:
    """The style sheet of the picture with the class `name`, which touches nothing else on a page."""
    rules = [
        f".{name} {{ color-scheme: light dark; {_variables(LIGHT)} }}",
        f"@media screen and (prefers-color-scheme: dark) {{ .{name} {{ {_variables(DARK)} }} }}",
        f".{name} text {{ font-family: system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif; }}",
        f".{name} .page {{ fill: var(--d-page); }}",
        f".{name} .node {{ fill: var(--d-node); stroke: var(--d-node-rule); stroke-width: 1.2; }}",
        f".{name} text.head {{ fill: var(--d-ink); font-weight: 650; }}",
        f".{name} text.soft {{ fill: var(--d-soft); }}",
    ]
    for frame in FRAMES:
        dashed = " stroke-dasharray: 7 4;" if frame in BOUNDARIES else ""
        drawn = f"fill: var(--d-{frame}); stroke: var(--d-{frame}-rule); stroke-width: 1.4;{dashed}"
        rules.append(f".{name} rect.{frame} {{ {drawn} }}")
    for look, colour in LINES.items():
        dashed = " stroke-dasharray: 2 3;" if look == "watch" else ""
        rules.append(f".{name} .line.{look} {{ fill: none; stroke: var(--d-{colour}); stroke-width: 1.8;{dashed} }}")
        rules.append(f".{name} .head-{look} {{ fill: var(--d-{colour}); }}")
        rules.append(f".{name} text.{look} {{ fill: var(--d-{colour}); font-weight: 600; }}")
    return "\n".join(rules)


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--d-{name}: {colour};" for name, colour in colours.items())


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, from 1 to 21, as WCAG 2.2 reckons it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004 - sRGB's own
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
