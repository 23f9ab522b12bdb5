"""The hosted zone that every name of the platform is in.

Owns: the zone, if it is to be made here. A zone given by its id is used as it stands: nothing is made, and nothing is
looked up. Does not own: the delegation, which only the parent domain's owner can write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from settings.rules import CREATE


@dataclass(frozen=True, kw_only=True)
class ZoneArgs:
    """What the zone is made from: `zone` is `settings.CREATE` or the id of a zone that stands.

    With `throw_away` a zone made here goes with the stack and with all that others wrote into it.
    """

    domain: str
    zone: str
    throw_away: bool


class Zone(pulumi.ComponentResource):
    """The zone by its id, and its name servers if it was made here."""

    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]] | None

    def __init__(self, name: str, args: ZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the zone, or take the one that is given."""
        super().__init__("medical:dns:Zone", name, None, opts)
        if args.zone == CREATE:
            zone = self._build_zone(name, args)
            self.zone_id, self.name_servers = zone.zone_id, zone.name_servers
        else:
            self.zone_id, self.name_servers = pulumi.Output.from_input(args.zone), None
        self.register_outputs({"zone_id": self.zone_id})

    def _build_zone(self, name: str, args: ZoneArgs) -> route53.Zone:
        # A zone made anew has other name servers: until the delegation is written again, every name in it is gone.
        keep = not args.throw_away
        return route53.Zone(
            name,
            name=args.domain,
            comment="Names of the medical platform",
            force_destroy=args.throw_away,
            opts=pulumi.ResourceOptions(parent=self, protect=keep),
        )
