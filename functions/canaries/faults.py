"""What a canary fails with. The message is in the canary's report: it names places and answers, and no secret."""

from __future__ import annotations


class JourneyError(Exception):
    """The journey does not work: nobody answered, or the answer was another than the journey needs."""


class SettingsError(Exception):
    """The canary was told nothing, or something that cannot be."""
