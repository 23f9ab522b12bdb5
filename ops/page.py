"""What every HTML page of ours shares: its style sheet, and an environment for templates that escapes. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from markupsafe import Markup

_BASE: Final = Path(__file__).with_name("page.css")


def style(own: Path) -> Markup:
    """The shared style sheet with a page's `own` after it, to stand in its head."""
    both = "\n".join(path.read_text(encoding="utf-8") for path in (_BASE, own))
    return Markup(both)  # noqa: S704 - our own files
