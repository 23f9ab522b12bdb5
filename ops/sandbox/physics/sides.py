"""Which side of which cell stands behind a load balancer's name, by the side's own region alone.

A side is found as it would be if the other region were lost: by the manifest in its own region.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from domain import manifest
from domain.manifest import Manifest, Side
from domain.naming import SYSTEM

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

_BALANCER: Final = re.compile(r"[a-z0-9-]+\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com")
_PATH: Final = f"/{SYSTEM}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A side, and the manifest that tells of it."""

    name: Literal["home", "recovery"]
    manifest: Manifest

    @property
    def side(self) -> Side:
        """What the manifest says of it."""
        return self.manifest.side(self.name)


def region_of(address: str) -> str:
    """The region that is part of a load balancer's name; empty if `address` is no such name."""
    found = _BALANCER.fullmatch(address.rstrip(".").lower())
    return found["region"] if found else ""


def find(world: World, address: str) -> Found | None:
    """The side behind the load balancer at `address`, if its region has a manifest that names it."""
    region = region_of(address)
    if not region:
        return None
    parameters, _ = world.backend("ssm", region).get_parameters_by_path(_PATH, recursive=True)
    for parameter in parameters:
        text = parameter.decrypt(parameter.value)
        try:
            kept = _read(text)
        except manifest.ManifestError:
            continue
        for name in ("home", "recovery"):
            if kept.side(name).load_balancer == address and kept.side(name).region == region:
                return Found(name=name, manifest=kept)
    return None


@lru_cache(maxsize=8)
def _read(text: str) -> Manifest:
    return manifest.read(text)
