"""One call to AWS: how long it may take, and what becomes of its failure.

Owns: the time-outs of every client that a drill uses, and the words of a refusal. Does not own: what is asked.

A failure is one of three. The region did not answer, or answered that it cannot serve: `UnreachableError`. It answered
that the caller may not: `DeniedError`, which names the permission. It refused what was asked: `ActionError`, which
says what was asked, by what rule it was refused, and what to do.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from ops.drill.site import HeldBackError, UnreachableError

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10
SHORT: Final = Config(
    connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1, "mode": "standard"}
)
"""A lost region costs seconds: one attempt, and the drill itself asks again while a step's time lasts."""

"""Where the control planes of Route 53 and IAM are. Nothing that a failover needs is asked there."""

_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "AuthorizationError",
        "NotAuthorized",
        "UnauthorizedOperation",
        "403",
    }
)
_THROTTLED: Final = frozenset({"RequestLimitExceeded", "SlowDown", "ThrottledException", "Throttling"})
_SIGN_IN: Final = frozenset(
    # Of a wrong signature AWS repeats what was signed, the session's token among it: its message is not shown.
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_CLOCK: Final = frozenset({"InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"})
_SIGN_IN_AGAIN: Final = "sign in again, for example with 'aws sso login', and resume"
_WAYS_OUT: Final = MappingProxyType(
    {
        "AlarmNotFound": "compare the manifest with what stands; 'pulumi up' makes what is missing",
        "CertificateNotFound": "compare the manifest with what stands; 'pulumi up' makes what is missing",
        "DBInstanceNotFound": "the manifest is older than what stands: read it again, and make a new plan",
        "DBParameterGroupNotFound": "the manifest is older than what stands: read it again, and make a new plan",
        "InvalidDBInstanceState": "the instance is most likely backing-up, which cannot be cancelled: try again when "
        "it is available; a primary is never promoted",
        "InvalidDBParameterGroupState": "a change of the group is under way: try again in a minute",
        "ParameterNotFound": "the cell has no manifest in this region: look at the cell's name and region, or run "
        "'pulumi up'",
        "ScalingActivityInProgress": "try again when the group's present activity has ended",
        "ValidationError": "compare what was asked with the group's own minimum and maximum",
    }
)
# Permissions whose names are not those of the calls. Source: service authorization reference.
_PERMISSIONS: Final = MappingProxyType(
    {
        ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
        ("s3", "HeadBucket"): "s3:ListBucket",
        ("s3", "HeadObject"): "s3:GetObject",
    }
)
_PREFIXES: Final = MappingProxyType({"monitoring": "cloudwatch"})


class ActionError(Exception):
    """A call was refused. The message names the call and the rule, and what to do; `code` is the service's own."""

    def __init__(self, message: str, code: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


class DeniedError(ActionError):
    """The caller may not do this; the message names the permission that is missing."""


def call(client: Any, operation: str, **arguments: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """What `client` answers to `operation` with `arguments`.

    Raises:
        UnreachableError: the region did not answer, or answered that it cannot serve now.
        DeniedError: the caller lacks a permission.
        ActionError: the call was refused.
    """
    with _asking(client, operation):
        return getattr(client, operation)(**arguments)


def pages(client: Any, operation: str, found: str, **arguments: Any) -> list[Any]:  # noqa: ANN401 - as above
    """All items called `found` in the pages of what `client` answers to `operation`. Raises as `call` does."""
    with _asking(client, operation):
        answers = client.get_paginator(operation).paginate(**arguments)
        return [item for answer in answers for item in answer.get(found, [])]


@contextmanager
def _asking(client: Any, operation: str) -> Generator[None]:  # noqa: ANN401 - as above
    """Until the block ends, say what failures of `operation` mean for a drill."""
    asked = f"{permission(client, client.meta.method_to_api_mapping[operation])} in {client.meta.region_name}"
    try:
        yield
    except ClientError as error:
        raise _told(asked, error) from error
    except (NoCredentialsError, PartialCredentialsError, TokenRetrievalError) as error:
        raise ActionError(f"{asked}: there are no credentials ({type(error).__name__}); {_SIGN_IN_AGAIN}") from error
    except (BotoConnectionError, HTTPClientError, ResponseParserError) as error:
        raise UnreachableError(f"{asked}: no answer ({type(error).__name__})") from error
    except BotoCoreError as error:
        raise ActionError(f"{asked}: {error}; nothing was asked of AWS: look at the profile and the plan") from error


def permission(client: Any, operation: str) -> str:  # noqa: ANN401 - as above
    """What IAM calls the right to `operation` of `client`, such as `rds:PromoteReadReplica`."""
    prefix = client.meta.service_model.signing_name
    return _PERMISSIONS.get((prefix, operation), f"{_PREFIXES.get(prefix, prefix)}:{operation}")


def _told(asked: str, error: ClientError) -> Exception:
    """What `error` means for a drill."""
    said = error.response.get("Error", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", "")).rstrip(".")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return HeldBackError(f"{asked}: answered {status} {code}")
    if code in _THROTTLED or code.startswith("TooManyRequests") or code == "ThrottlingException":
        return HeldBackError(f"{asked}: is held back by AWS ({code})")
    if code in _DENIED:
        return DeniedError(f"{asked}: not allowed; grant {asked.partition(' ')[0]} to whoever runs the drill", code)
    if code in _SIGN_IN:
        return ActionError(f"{asked}: the credentials are not taken ({code}); {_SIGN_IN_AGAIN}", code)
    if code in _CLOCK:
        return ActionError(f"{asked}: the clock of this machine is wrong ({code}); set it, and resume", code)
    way_out = _WAYS_OUT.get(code.removesuffix("Fault"), "this call has changed nothing; see what AWS says, and resume")
    return ActionError(f"{asked}: refused, {code}: {message}; {way_out}", code)
