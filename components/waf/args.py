"""What a side's web application firewall is made from."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from domain import waf


@dataclass(frozen=True, kw_only=True)
class WafArgs:
    """What a firewall does, and where it tells of it.

    With `mode` "block" it refuses what its rules match; with "count" it lets that through and logs it. `rate_limit` is
    in requests of one address within `domain.waf.WINDOW_SECONDS`.
    """

    account_id: str
    region: str
    key_arn: pulumi.Input[str]
    log_days: int
    mode: str
    rate_limit: int

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse later, or not at all.

        Raises:
            ValueError: with the value, the rule and the way out.
        """
        if self.mode not in (waf.BLOCK, waf.COUNT):
            raise ValueError(f"mode {self.mode!r}: must be {waf.BLOCK} or {waf.COUNT}")
        if not waf.LEAST_RATE <= self.rate_limit <= waf.MOST_RATE:
            raise ValueError(f"rate limit {self.rate_limit}: must be {waf.LEAST_RATE} to {waf.MOST_RATE} requests")
