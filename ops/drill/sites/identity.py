"""Says to the application who asks for markers: a presigned question to STS that only the caller's key can sign.

The application puts the question to STS and learns the caller's ARN; it never sees a key. The question is good for a
minute, for this cell alone (its name is signed as a header), and for nothing but being asked who one is.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from botocore.signers import RequestSigner

HEADER: Final = "x-medical-identity"
CELL_HEADER: Final = "x-medical-cell"
EXPIRES_SECONDS: Final = 60


def header(session: Any, region: str, cell: str) -> str:  # noqa: ANN401 - boto3's session has no static type
    """The value of `HEADER` for the application of `cell` in `region`: base64url of the presigned URL.

    Never show it: for a minute, whoever has it can say that they are the caller.
    """
    core = session._session  # noqa: SLF001 - boto3 keeps the signer's parts in botocore's session alone
    service, events = core.get_service_model("sts").service_id, core.get_component("event_emitter")
    signer = RequestSigner(service, region, "sts", "v4", core.get_credentials(), events)
    request: dict[str, Any] = {
        "method": "GET",
        "url": f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {CELL_HEADER: cell},
        "context": {},
    }
    url = signer.generate_presigned_url(request, region_name=region, expires_in=EXPIRES_SECONDS, operation_name="")
    return base64.urlsafe_b64encode(url.encode()).decode()
