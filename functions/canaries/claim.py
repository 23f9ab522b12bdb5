"""Says to the service who walks: a presigned question to AWS STS that only the canary's role can have signed.

The service puts the question and learns the role's name; it never sees a key. The question is good for a minute, for
this cell alone, whose name is signed with it, and for nothing but being asked who one is.
"""

from __future__ import annotations

import base64
from typing import Any, Final

import botocore.session
from botocore.signers import RequestSigner

HEADER: Final = "x-medical-identity"
_CELL_HEADER: Final = "x-medical-cell"
_EXPIRES_SECONDS: Final = 60


def header(region: str, cell: str) -> str:
    """The value of `HEADER` for `cell`, asked in `region`: base64url of the presigned address.

    Never log it: for a minute, whoever has it can say that they are the canary.
    """
    session = botocore.session.get_session()
    service, events = session.get_service_model("sts").service_id, session.get_component("event_emitter")
    signer = RequestSigner(service, region, "sts", "v4", session.get_credentials(), events)
    question: dict[str, Any] = {
        "method": "GET",
        "url": f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {_CELL_HEADER: cell},
        "context": {},
    }
    url = signer.generate_presigned_url(question, region_name=region, expires_in=_EXPIRES_SECONDS, operation_name="")
    return base64.urlsafe_b64encode(url.encode()).decode()
