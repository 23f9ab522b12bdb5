"""A call to AWS as CloudTrail sees it: read off a request over HTTP and its answer.

Owns: which operation a request is, what it asks with, and what became of it. moto's own router and parsers read it, by
the services' own models. Does not own: what a record says of it (`ops.sandbox.physics.trail.records`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import UnknownServiceError
from botocore.parsers import ResponseParserError, create_parser

from ops.sandbox.physics.trail.words import is_read_only

if TYPE_CHECKING:
    from ops.sandbox.physics.gate import Scope

# What services sign for where that is not their name in the SDK.
_SERVICES: Final = MappingProxyType(
    {
        "elasticloadbalancing": "elbv2",
        "monitoring": "cloudwatch",
        "states": "stepfunctions",
        "tagging": "resourcegroupstaggingapi",
    }
)
_OBJECTS: Final = "s3"
_MOST_BODY_BYTES: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Call:
    """An answered call. `params` are by the API's own names, `answer` what it gave; `error` is the service's code."""

    model: Any
    region: str
    params: Mapping[str, Any]
    access_key: str
    address: str
    agent: str
    error: str = ""
    message: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""
    bytes_in: int = 0
    bytes_out: int = 0

    @property
    def service(self) -> str:
        """Its service's name in the SDK."""
        return str(self.model.service_model.service_name)

    @property
    def name(self) -> str:
        """Its operation's name in the API."""
        return str(self.model.name)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a request was answered over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def keep_body(environ: dict[str, Any], asked: Scope) -> bytes:
    """The body of a request that a record may need, left in `environ` for moto too; empty where none needs it.

    Objects are not read: no record holds their content.
    """
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if asked.service == _OBJECTS or not 0 < length <= _MOST_BODY_BYTES:
        return b""
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def read(environ: Mapping[str, Any], body: bytes, asked: Scope, answered: Answered) -> Call | None:
    """The call that a request was; None if it is of no operation that the SDK knows."""
    found = _operation(environ, body, asked)
    if found is None:
        return None
    model, params = found
    answer, error, message = _outcome(model, answered)
    return Call(
        model=model,
        region=asked.region,
        params=params,
        access_key=access_key(str(environ.get("HTTP_AUTHORIZATION", ""))),
        address=str(environ.get("REMOTE_ADDR", "")),
        agent=str(environ.get("HTTP_USER_AGENT", "")),
        error=error,
        message=message,
        answer=answer,
        request_id=answered.headers.get("x-amzn-requestid") or answered.headers.get("x-amz-request-id", ""),
        bytes_in=int(environ.get("CONTENT_LENGTH") or 0),
        bytes_out=len(answered.body),
    )


def access_key(authorization: str) -> str:
    """The id of the key that signed a call, by its `Authorization`."""
    return authorization.partition("Credential=")[2].partition("/")[0]


def _operation(environ: Mapping[str, Any], body: bytes, asked: Scope) -> tuple[Any, Mapping[str, Any]] | None:
    from moto.core.parse import PROTOCOL_PARSERS, RequestParserError  # noqa: PLC0415 - moto reads its environment first
    from moto.core.request import Request, determine_request_protocol  # noqa: PLC0415 - as above
    from moto.core.routing import get_service_router  # noqa: PLC0415 - as above
    from werkzeug.exceptions import NotFound  # noqa: PLC0415 - only who serves needs it

    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    try:
        model, uri = get_service_router(_SERVICES.get(asked.service, asked.service)).match(request)
        protocol = determine_request_protocol(model.service_model, request.content_type)
    except (UnknownServiceError, NotFound, NotImplementedError):
        return None
    parts = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": body,
        "url_path": request.path,
        "url_params": uri,
    }
    try:
        params: Mapping[str, Any] = PROTOCOL_PARSERS[protocol](model).parse(parts)
    except (RequestParserError, ValueError, KeyError, TypeError, AttributeError):
        params = dict(uri)  # what cannot be read was most likely refused: that it was asked is still told
    return model, params


def _outcome(model: Any, answered: Answered) -> tuple[Mapping[str, Any], str, str]:  # noqa: ANN401 - botocore's
    """What a call gave, and the code and message of its refusal. What only reads is not looked into."""
    failed = answered.status >= HTTPStatus.MULTIPLE_CHOICES
    if not failed and is_read_only(model.service_model.service_name, model.name):
        return {}, "", ""
    parts = {"status_code": answered.status, "headers": answered.headers, "body": answered.body}
    try:
        shape: Any = None if model.has_streaming_output and not failed else model.output_shape
        found = create_parser(_protocol(model.metadata)).parse(parts, shape)
    except ResponseParserError:
        return {}, str(answered.status) if failed else "", ""
    return outcome(found)


def outcome(parsed: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, str]:
    """A parsed answer without what is about the answer itself; and the code and message of a refusal."""
    error = parsed.get("Error") or {}
    code = str(error.get("Code", ""))
    if int(parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.OK)) < HTTPStatus.MULTIPLE_CHOICES:
        code = ""
    answer = {} if code else {key: value for key, value in parsed.items() if key not in ("ResponseMetadata", "Error")}
    return answer, code, str(error.get("Message", "")) if code else ""


def _protocol(metadata: Mapping[str, Any]) -> str:
    named: Sequence[str] = metadata.get("protocols") or [metadata["protocol"]]
    known = ("json", "rest-json", "rest-xml", "query", "ec2")
    return next((name for name in known if name in named), str(metadata["protocol"]))
