"""What the clients' resolvers keep of the answers they were given. Pure: times are seconds since the start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class _Kept:
    address: str
    at: float
    ttl: float


class Resolver:
    """A cache of answers for each client."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._kept: dict[tuple[str, str], _Kept] = {}

    def keep(self, client: str, name: str, address: str, *, now: float, ttl: float) -> None:
        """Keep the answer that `client` was given at `now` for `ttl` seconds."""
        self._kept[client, name] = _Kept(address, now, ttl)

    def known(self, client: str, name: str, *, now: float, at_least: float = 0) -> str | None:
        """The address that `client` still has for `name`; one that disregards the TTL keeps it `at_least` so long."""
        kept = self._kept.get((client, name))
        if kept is None or now >= kept.at + max(kept.ttl, at_least):
            return None
        return kept.address
