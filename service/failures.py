"""The few ways in which a dependency fails, in words that may be shown to anybody.

The libraries' own messages name hosts, accounts and certificates. They stop here: a store turns them into one of these
reasons and keeps, for the log, only the type and the code of the error.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a dependency cannot be used."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused credentials"
    MISSING = "missing"
    UNTRUSTED = "untrusted"
    """No TLS, or a certificate that our authority has not signed for this host."""
    MALFORMED = "malformed secret"
    READ_ONLY = "read-only"
    """A database that takes no writes: a replica, or a writer that is fenced."""
    FAULT = "fault"
    """A defect of this service rather than of the dependency: the log has its place."""


class Failure(Exception):  # noqa: N818  a failure is an observation to report, not a defect of this program
    """A dependency could not be used.

    ``detail`` is the type and code of the cause, such as ``OperationalError 1045``: for the log, never for a visitor.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the reason and the detail; there is deliberately no room for a message."""
        super().__init__(str(reason))
        self.reason = reason
        self.detail = detail
