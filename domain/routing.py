"""The figures that decide how soon Route 53 turns traffic: pure, for the records and for the time budget alike."""

DETECTION_FAILURES = 3
"""Failed checks in a row before a checker calls its endpoint unhealthy (Route 53's default threshold)."""

ALIAS_TTL_SECONDS = 60
"""How long a resolver may keep an alias answer: the TTL of an ALB's own name, which Route 53 passes on."""


def detection_seconds(interval_seconds: int) -> int:
    """How long the loss of home stands before its health check says so: interval times threshold."""
    return interval_seconds * DETECTION_FAILURES
