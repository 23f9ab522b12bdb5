"""How the local cloud refuses what it is told, in this process and over HTTP alike. Pure."""

from __future__ import annotations


class WorldError(Exception):
    """The local cloud cannot do what it was told; the message says why and what to do."""


class GoneError(WorldError):
    """Nobody answered: the message says who was asked, and why there was no answer."""
