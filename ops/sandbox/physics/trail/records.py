"""CloudTrail's record of a call. Pure: who, when and which region are given.

Source: CloudTrail user guide, "CloudTrail record contents", as of November 2026. Left out: `tlsDetails`, for the local
cloud speaks plain HTTP, and what a service adds of its own but for S3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from domain.regions import GLOBAL_REGION
from ops.sandbox.physics.trail import parameters, words
from ops.sandbox.physics.trail.calls import Call
from ops.sandbox.physics.trail.identities import Identity
from ops.sandbox.physics.trail.words import DATA, FUNCTION, MANAGEMENT, OBJECT

Record: TypeAlias = dict[str, Any]

VERSION: Final = "1.11"
_MOST_MESSAGE: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What makes a record of a call this one."""

    account: str
    at: datetime
    event_id: str
    request_id: str


def of_call(call: Call, identity: Identity, stamp: Stamp) -> Record:
    """The record of a call."""
    service, name = call.service, call.name
    reads = words.is_read_only(service, name)
    source = words.source(service)
    found = base(
        stamp,
        identity=identity,
        source=source,
        name=words.event_name(service, name),
        region=GLOBAL_REGION if words.is_global(source) else call.region,
        address=call.address,
        agent=call.agent,
    )
    if call.error:
        found["errorCode"] = f"Client.{call.error}" if service == "ec2" else call.error
        found["errorMessage"] = call.message[:_MOST_MESSAGE]
    answer = None if reads else parameters.told(service, call.model.output_shape, call.answer)
    found |= {
        "requestParameters": parameters.told(service, call.model.input_shape, call.params),
        "responseElements": answer,
    }
    if service == "s3":
        found["requestParameters"] = {
            **(found["requestParameters"] or {}),
            "Host": _host(call),
        }
        found["additionalEventData"] = {
            "AuthenticationMethod": "AuthHeader",
            "SignatureVersion": "SigV4",
            "bytesTransferredIn": call.bytes_in,
            "bytesTransferredOut": call.bytes_out,
        }
    kind = words.category(service, name, of_object="Key" in call.params)
    return ended(found, stamp, category=kind, reads=reads, resources=_resources(call, stamp.account))


def base(stamp: Stamp, *, identity: Identity, source: str, name: str, region: str, address: str, agent: str) -> Record:
    """The head of a record."""
    return {
        "eventVersion": VERSION,
        "userIdentity": dict(identity),
        "eventTime": f"{stamp.at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": address,
        "userAgent": agent,
    }


def ended(found: Record, stamp: Stamp, *, category: str, reads: bool, resources: list[Mapping[str, str]]) -> Record:
    """`found` with the end of a record."""
    found |= {"requestID": stamp.request_id, "eventID": stamp.event_id, "readOnly": reads}
    if resources:
        found["resources"] = resources
    found |= {
        "eventType": "AwsApiCall",
        "managementEvent": category == MANAGEMENT,
        "recipientAccountId": stamp.account,
        "eventCategory": category,
    }
    return found


def objects(account: str, bucket: str, key: str) -> list[Mapping[str, str]]:
    """An object and its bucket, as resources."""
    return [
        {"type": OBJECT, "ARN": f"arn:aws:s3:::{bucket}/{key}"},
        {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
    ]


def _resources(call: Call, account: str) -> list[Mapping[str, str]]:
    """What the services that name resources name."""
    params = call.params
    if call.service == "s3" and params.get("Bucket"):
        of_bucket = objects(account, str(params["Bucket"]), str(params.get("Key", "")))
        if "Key" in params:
            return of_bucket
        arn = of_bucket[1]["ARN"]
        is_data = words.category("s3", call.name, of_object=False) == DATA
        return [{"type": OBJECT, "ARNPrefix": f"{arn}/"}, of_bucket[1]] if is_data else [of_bucket[1]]
    arn, type_ = {
        "kms": (_arn(call, account, "key/", params.get("KeyId")), "AWS::KMS::Key"),
        "lambda": (_arn(call, account, "function:", params.get("FunctionName")), FUNCTION),
        "secretsmanager": (_arn(call, account, "secret:", params.get("SecretId")), "AWS::SecretsManager::Secret"),
        "sts": (str(params.get("RoleArn") or ""), "AWS::IAM::Role"),
    }.get(call.service, ("", ""))
    return [{"accountId": account, "type": type_, "ARN": arn}] if arn else []


def _arn(call: Call, account: str, kind: str, name: object) -> str:
    """The ARN of what a call names, by its own name or already by its ARN."""
    text = str(name or "")
    if not text or text.startswith("arn:"):
        return text
    return f"arn:aws:{call.service}:{call.region}:{account}:{kind}{text}"


def _host(call: Call) -> str:
    bucket = call.params.get("Bucket")
    return f"{bucket}.s3.{call.region}.amazonaws.com" if bucket else f"s3.{call.region}.amazonaws.com"
