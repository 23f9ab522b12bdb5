"""AWS as a place for drills.

Owns: the account check, the user's DNS with its cache, and what a person does that a drill must not. Does not own: any
change; those are the actions'.

The clock is AWS's own: how far this machine's is off is measured once, by the answer to the account check, so that no
datapoint is judged by a wrong time.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError

from domain import drills, markers
from domain.manifest import Manifest
from domain.regions import GLOBAL_REGION
from domain.routing import ALIAS_TTL_SECONDS
from ops.drill.calls import SHORT, call
from ops.drill.model import Value
from ops.drill.site import Answer, Reply, SiteError, UnreachableError
from ops.drill.sites import identity
from ops.drill.sites.https import Door

_DATE_STEP: Final = timedelta(seconds=2)  # an answer says its time in whole seconds, and was a while on its way
_GLOBAL: Final = frozenset({"iam", "route53"})
_BY_HAND: Final = (
    "{what} on AWS is a person's to do: start an AWS FIS experiment on region {region}, or deny the traffic of its "
    "subnets with a network ACL, and end it the same way; the drill goes on when it sees what has become of it"
)


def _clock() -> datetime:
    return datetime.now(UTC)


def look_up(name: str) -> frozenset[str]:
    """The addresses that the system's resolver gives for `name`.

    Raises:
        UnreachableError: there are none.
    """
    try:
        found = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnreachableError(f"no address for {name} ({error.strerror})") from error
    return frozenset(str(item[4][0]) for item in found)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the site needs of the machine that the drill runs on."""

    clock: Callable[[], datetime] = _clock
    wait: Callable[[float], None] = time.sleep
    look_up: Callable[[str], frozenset[str]] = look_up
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    port: int = 443


def session(profile: str | None) -> Any:  # noqa: ANN401 - boto3's session has no static type
    """The session of a profile; without one, that of the environment.

    Raises:
        SiteError: there is no such profile.
    """
    try:
        return boto3.Session(profile_name=profile)
    except BotoCoreError as error:
        raise SiteError(f"{error}; give a profile of ~/.aws/config with --profile") from error


class AwsSite:
    """A cell's account, in its two regions."""

    name: Final = "aws"

    def __init__(self, aws: Any, manifest: Manifest, cell_domain: str, machine: Machine | None = None) -> None:  # noqa: ANN401
        """Use the session `aws` for the cell of `manifest`, whose users ask for `cell_domain`.

        Raises:
            SiteError: the session is of another account.
            UnreachableError, ActionError: STS in the recovery region did not answer, or refused.
        """
        self._aws = aws
        self._manifest = manifest
        self._machine = machine or Machine()
        self._door = Door(name=cell_domain, trust=self._machine.trust, port=self._machine.port)
        self._regions = {side.load_balancer: side.region for side in (manifest.home, manifest.recovery)}
        self._clients: dict[tuple[str, str], Any] = {}
        self._cache: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._ahead = timedelta()
        self._caller = ""
        self._check_account()

    @property
    def clock_error(self) -> timedelta:
        """How far AWS's clock was ahead of this machine's when the account was checked."""
        return self._ahead

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A boto3 client, made once.

        Raises:
            SiteError: the region is neither of the cell's.
        """
        if region not in self._regions.values() and (service not in _GLOBAL or region != GLOBAL_REGION):
            home, recovery = self._manifest.home.region, self._manifest.recovery.region
            raise SiteError(f"{region} is no region of cell {self._manifest.cell}; it has {home} and {recovery}")
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._aws.client(service, region_name=region, config=SHORT)
        return self._clients[key]

    def now(self) -> datetime:
        """The time by AWS's clock."""
        return self._machine.clock() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._machine.wait(seconds)

    def resolve(self, client: str, name: str) -> Answer:
        """The load balancer whose addresses `name` has; kept for a client for as long as an alias may be.

        Raises:
            UnreachableError: there is no address, or one of neither side.
        """
        kept = self._cache.get((client, name))
        if kept and self.now() < kept[1]:
            return Answer(name=name, address=kept[0], cached=True)
        found = self._machine.look_up(name)
        for address in self._regions:
            if found & self._addresses(address):
                self._cache[client, name] = (address, self.now() + timedelta(seconds=ALIAS_TTL_SECONDS))
                return Answer(name=name, address=address, cached=False)
        raise UnreachableError(f"{name} leads to {', '.join(sorted(found))}, which is no load balancer of the cell")

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:  # noqa: ARG002 - all alike
        """Send a request to the load balancer at `address`; for markers, with the caller's identity.

        Raises:
            UnreachableError: nobody answered, or not with the cell's certificate.
            SiteError: the address is none of the cell's.
        """
        region = self._regions.get(address)
        if region is None:
            raise SiteError(f"{address} is no load balancer of cell {self._manifest.cell}; read the manifest again")
        headers = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        if path.startswith(f"{markers.PATH}/"):
            headers[identity.HEADER] = self._identity(region)
        return self._door.ask(address, method, path, body, headers)

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> None:  # noqa: ARG002 - as a site does
        """Refuse: no drill breaks what patients use.

        Raises:
            SiteError: always; it says what a person does.
        """
        raise SiteError(_BY_HAND.format(what=fault, region=region or "the cell's"))

    def lift(self, fault: str, region: str) -> None:
        """Refuse, as `inject` does.

        Raises:
            SiteError: always; it says what a person does.
        """
        raise SiteError(_BY_HAND.format(what=f"the end of {fault}", region=region or "the cell's"))

    def declare(self, settings: Mapping[str, Value]) -> str:
        """The commands by which a person has the program declare `settings`."""
        lines = [f"pulumi stack select {self._manifest.cell}"]
        lines += [f"pulumi config set {key} {value}" for key, value in settings.items()]
        lines += ["pulumi refresh --preview-only", "pulumi refresh --yes", "pulumi preview --diff", "pulumi up"]
        return "\n".join(("for a person to do:", *(f"  {line}" for line in lines)))

    def _identity(self, region: str) -> str:
        role = drills.role_name(self._manifest.cell)
        if f":assumed-role/{role}/" not in self._caller:
            raise UnreachableError(
                f"markers were not asked for: {self._caller} is no session of {role}, and the application answers "
                f"nobody else; give a profile with --profile that takes the role"
            )
        try:
            return identity.header(self._aws, region, self._manifest.cell)
        except BotoCoreError as error:
            raise UnreachableError(f"markers were not asked for: no credentials ({type(error).__name__})") from error

    def _addresses(self, load_balancer: str) -> frozenset[str]:
        """The addresses of a load balancer; none if its name has none, as of a region that is lost."""
        try:
            return self._machine.look_up(load_balancer)
        except UnreachableError:
            return frozenset()

    def _check_account(self) -> None:
        sts = self.client("sts", self._manifest.recovery.region)
        found = call(sts, "get_caller_identity")
        account, expected = str(found["Account"]), self._manifest.account_id
        self._caller = str(found["Arn"])
        if account != expected:
            raise SiteError(
                f"the credentials are of account {account}, and cell {self._manifest.cell} is in {expected}; choose "
                "its profile with --profile, or set AWS_PROFILE"
            )
        told = found["ResponseMetadata"]["HTTPHeaders"].get("date")
        if told:
            ahead = parsedate_to_datetime(told) - self._machine.clock()
            self._ahead = ahead if abs(ahead) > _DATE_STEP else timedelta()
