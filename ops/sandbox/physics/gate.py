"""The gate that every call to the API of a region passes: whether it is answered, and how long it takes.

Owns: which calls a dark or brown region and lost control planes refuse, and the time that a call costs. Does not own:
what an admitted call does, and how a refusal travels: over HTTP the control of the local cloud closes the connection
or answers 503, and in this process `attach` does the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError

from domain.regions import GLOBAL_REGION
from ops.sandbox.physics.trail.taps import Tap

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

UNAVAILABLE: Final = 503
_SCOPE_PARTS: Final = 5  # key, date, region, service and "aws4_request"
_CONTROL_PLANES: Final = frozenset({"iam", "route53", "sts"})


class Refusal(StrEnum):
    """Why a call is not answered as it should be."""

    DARK = "the region is dark: nobody answers"
    CONTROL_PLANE_GONE = "the service's control plane is gone: nobody answers"
    BROWN = "the region is brown: 503"

    @property
    def silent(self) -> bool:
        """Whether there is no answer at all."""
        return self is not Refusal.BROWN


class Scope(NamedTuple):
    """What a call is signed for."""

    service: str
    region: str


def scope(authorization: str) -> Scope | None:
    """What a call is for, by the credential scope of its `Authorization` (Signature Version 4); None without one."""
    _, _, rest = authorization.partition("Credential=")
    parts = rest.partition(",")[0].strip().split("/")
    return Scope(service=parts[3], region=parts[2]) if len(parts) == _SCOPE_PARTS else None


class Gate:
    """Admits calls to the APIs of the account's regions.

    `charges` says whether a call costs time; it is not to where the clock follows the wall, where it takes its own.
    """

    def __init__(self, world: World) -> None:
        """Begin with no call counted."""
        self.charges = True
        self._world = world
        self._owed: dict[str, float] = {}
        self._tap = Tap(world)

    def admit(self, service: str, region: str) -> Refusal | None:
        """Why a call to `service` in `region` is refused, or None. Lets the time pass that the call takes.

        A call that nobody answers costs as long as one to a brown region: the caller gives up after seconds.
        """
        refusal = self._refusal(service, region)
        if self.charges and self._world.running:
            slow = refusal or self._world.faults.active("region-brown", region)
            self._world.advance(self._world.draw("brown_call" if slow else "api_call", f"{service} {region}"))
        return refusal

    def attach(self, client: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """Have `client`, which talks to moto in this process, pass the gate with each call; gives it back.

        What passes is recorded by CloudTrail, as what comes over HTTP is.

        A refusal is raised at once and not retried: botocore retries only what was sent.
        """
        client.meta.events.register_first("before-call", self._before_call)
        return self._tap.attach(client)

    def _refusal(self, service: str, region: str) -> Refusal | None:
        faults = self._world.faults
        if faults.active("region-dark", region):
            return Refusal.DARK
        if service in _CONTROL_PLANES and region == GLOBAL_REGION and faults.active("control-plane-gone"):
            return Refusal.CONTROL_PLANE_GONE
        if faults.active("region-brown", region) and self._fails(region):
            return Refusal.BROWN
        return None

    def _fails(self, region: str) -> bool:
        """Whether this call to a brown region is among those that fail, which are evenly spread."""
        owed = self._owed.get(region, 0.0) + self._world.draw("brown_errors", region)
        self._owed[region] = owed % 1
        return owed >= 1

    def _before_call(
        self,
        params: Mapping[str, Any],
        request_signer: Any,  # noqa: ANN401 - botocore's signer has no static type
        context: Mapping[str, Any],
        **_: object,
    ) -> tuple[AWSResponse, Mapping[str, Any]] | None:
        signing = context.get("signing", {})
        service = signing.get("signing_name") or request_signer.signing_name
        refusal = self.admit(service, signing.get("region") or request_signer.region_name)
        if refusal is None:
            return None
        if refusal.silent:
            raise ConnectionClosedError(endpoint_url=params["url"])
        response = AWSResponse(params["url"], UNAVAILABLE, HTTPHeaders(), None)
        error = {"Code": str(UNAVAILABLE), "Message": "Service Unavailable"}
        return response, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": UNAVAILABLE}}
