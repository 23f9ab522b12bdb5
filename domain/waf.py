"""The figures of a side's web application firewall: what it looks at, how much, and what that costs. Pure.

Capacities are in AWS's unit (WCU). A web ACL of at most `FREE_CAPACITY` costs nothing beyond its rules.
"""

from __future__ import annotations

from typing import Final

BLOCK: Final = "block"
COUNT: Final = "count"

WINDOW_SECONDS: Final = 300
"""The time over which requests of an address are counted."""

LEAST_RATE: Final = 1000
"""Requests of an address in the window that are let through at least.

Route 53 asks from each checker's address every 10 s, 30 times in the window; a drill that writes a marker every second,
the most that it does, asks twice each time, 600 times. So neither is ever held back.
"""

MOST_RATE: Final = 100_000  # 333 requests a second, and more from one address is no clinic

BODY_BYTES: Final = 8192
"""What AWS WAF is given of a request's body by a load balancer, a fixed figure.

Source: "Considerations for managing body inspection" in the AWS WAF developer guide.
"""

FREE_CAPACITY: Final = 1500  # source: "AWS WAF pricing"; more is charged by the request
# Source of the managed groups' figures: "AWS Managed Rules rule groups list" in the AWS WAF developer guide; of the
# others: "Rate-based rule statement" and "Size constraint rule statement" there. As of November 2026; AWS tells a web
# ACL's own figure when it is made.
CAPACITY: Final = {
    "rate": 2,
    "body-size": 1,
    "ip-reputation": 25,
    "known-bad-inputs": 200,
    "common": 700,
    "sql-injection": 200,
}
