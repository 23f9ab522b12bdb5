"""What a record tells of a call's parameters and answer: CloudTrail's own spelling, and no secret. Pure.

What the service's model calls sensitive is hidden, and so is what is a secret by its name; content (bodies, blobs) and
tokens that only keep a call from being made twice are left out. Source: CloudTrail user guide, "CloudTrail record
contents". Lists of EC2 are told as they were asked, without the `items` that CloudTrail puts round them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
MOST_BYTES: Final = 32_768
"""Of parameters or an answer; what is larger is left out, and the record says so."""

_SECRET: Final = re.compile(
    r"authtoken|messagebody|passphrase|password|plaintext|privatekey|samlassertion|secretaccesskey|secretbinary"
    r"|secretstring|sessiontoken|userdata|webidentitytoken",
    re.IGNORECASE,
)
_SECRET_BY_SERVICE: Final = frozenset({("ssm", "Value"), ("lambda", "Environment"), ("sns", "Message")})
_RENAMED: Final = {"Bucket": "bucketName", "Key": "key", "VersionId": "versionId"}


def told(service: str, shape: Any, params: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401 - botocore's
    """`params` of `shape` (botocore's) as a record holds them; None if there are none."""
    if shape is None or not params:
        return None
    found = _s3(shape, params) if service == "s3" else _structure(service, shape, params)
    size = len(json.dumps(found, default=str))
    if size > MOST_BYTES:
        return {"omitted": True, "originalSize": size, "reason": f"larger than {MOST_BYTES} bytes"}
    return found or None


def _s3(shape: Any, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Of S3, headers and query are told by their own names, and its XML by its own; objects' content never is."""
    found: dict[str, Any] = {}
    payload = shape.serialization.get("payload")
    for name, value in params.items():
        member = shape.members.get(name)
        if member is None or value is None or (name == payload and member.type_name in ("blob", "string")):
            continue
        wire = member.serialization
        spelled = wire.get("name", name) if wire.get("location") in ("header", "querystring") else _lowered(name)
        found[_RENAMED.get(name, spelled)] = _value("s3", member, value)
    return found


def _structure(service: str, shape: Any, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - as above
    found: dict[str, Any] = {}
    for name, value in params.items():
        member = shape.members.get(name)
        if member is None or value is None or member.metadata.get("idempotencyToken"):
            continue
        if _SECRET.search(name) or (service, name) in _SECRET_BY_SERVICE:
            found[_lowered(name)] = HIDDEN
        elif member.type_name != "blob":
            found[_lowered(name)] = _value(service, member, value)
    return found


def _value(service: str, shape: Any, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if shape.metadata.get("sensitive"):
        return HIDDEN
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return _structure(service, shape, value)
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [_value(service, shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {
            str(key): HIDDEN if _SECRET.search(str(key)) else _value(service, shape.value, item)
            for key, item in value.items()
        }
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool)) else None


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]
