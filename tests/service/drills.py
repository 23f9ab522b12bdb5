"""A drill as the service meets it: its signed identity, and an AWS STS that checks signatures as AWS's does."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import unquote

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from typing_extensions import override

from tests.service.running import Json, Service
from tests.service.servers import REGION

ACCOUNT = "123456789012"
ROLE_NAME = "medical-us-global-drill"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ROLE_NAME}"
OTHER_REGION = "us-west-2"
CELL = "us"

Answer: TypeAlias = tuple[int, bytes, Mapping[str, str]]


@dataclass(frozen=True)
class Person:
    """Credentials, and what AWS STS calls their holder."""

    arn: str
    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


def person(arn: str) -> Person:
    """Return credentials of a session, the same for the same ARN."""
    digest = hashlib.sha256(arn.encode()).hexdigest()
    return Person(arn, f"ASIA{digest[:16].upper()}", digest, base64.b64encode(digest.encode()).decode() * 8)


DRILL = person(f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE_NAME}/amy@clinic.example")
OTHERS = {
    "another role of the account": person(f"arn:aws:sts::{ACCOUNT}:assumed-role/medical-us-use2-web/i-0123"),
    "a role whose name starts so": person(f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE_NAME}-2/amy"),
    "the role's name in another account": person(f"arn:aws:sts::999999999999:assumed-role/{ROLE_NAME}/amy"),
    "a user": person(f"arn:aws:iam::{ACCOUNT}:user/{ROLE_NAME}"),
    "a federated user": person(f"arn:aws:sts::{ACCOUNT}:federated-user/{ROLE_NAME}"),
    "the account itself": person(f"arn:aws:iam::{ACCOUNT}:root"),
}


def url(who: Person = DRILL, *, cell: str | None = CELL, region: str = REGION, seconds: int = 60) -> str:
    """Return a question to STS that ``who`` has signed for a cell, as a drill signs it."""
    place = f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", place, headers={} if cell is None else {"x-medical-cell": cell})
    SigV4QueryAuth(Credentials(who.key, who.secret, who.token), "sts", region, expires=seconds).add_auth(request)
    return str(request.url)


def encoded(text: str) -> str:
    """Return a URL as the header has it."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def header(who: Person = DRILL, *, cell: str | None = CELL, region: str = REGION, seconds: int = 60) -> str:
    """Return the header of a request by ``who``."""
    return encoded(url(who, cell=cell, region=region, seconds=seconds))


def said(arn: str) -> bytes:
    """Return STS's answer, in the form that it gives whoever accepts JSON."""
    result = {"Account": arn.split(":")[4], "Arn": arn, "UserId": "AROAEXAMPLE:amy"}
    answer = {"GetCallerIdentityResult": result, "ResponseMetadata": {"RequestId": "0123"}}
    return json.dumps({"GetCallerIdentityResponse": answer}).encode()


def put(service: Service, place: str, body: bytes = b"", claim: str | None = None) -> tuple[int, Json]:
    """Write a marker as a drill does."""
    identity = header() if claim is None else claim
    answer = service.request("PUT", f"/continuity/markers/{place}", body, x_medical_identity=identity)
    return answer.status_code, answer.json()


def get(service: Service, run: str) -> tuple[int, Json]:
    """Ask which markers are there as a drill does."""
    answer = service.get(f"/continuity/markers/{run}", x_medical_identity=header())
    return answer.status_code, answer.json()


class Sts:
    """A server that knows every person above, and refuses what they have not signed."""

    def __init__(self, *further: Person) -> None:
        """Choose a port; nobody is answered yet. It knows ``further`` people too."""
        self.asked: list[str] = []
        self.instead: Callable[[], Answer] | None = None
        known = {who.key: who for who in (DRILL, *OTHERS.values(), *further)}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                code, content, headers = outer.instead() if outer.instead else self._judged()
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # whoever asked may have stopped waiting
                    self.wfile.write(content)

            def _judged(self) -> Answer:
                fields = dict(pair.split("=", 1) for pair in self.path.removeprefix("/?").split("&"))
                who = known.get(unquote(fields["X-Amz-Credential"]).split("/")[0])
                headers = {name.lower(): value for name, value in self.headers.items()}
                if who and _is_signed(who, fields, headers) and _is_in_time(fields):
                    return 200, said(who.arn), {}
                return 403, b'{"Error": {"Code": "SignatureDoesNotMatch"}}', {}

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Have been asked nothing, and answer as STS does."""
        self.asked.clear()
        self.instead = None


def _is_signed(who: Person, fields: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """Whether Signature Version 4 holds, computed as AWS's reference says and not with botocore, which signed."""
    names = unquote(fields["X-Amz-SignedHeaders"]).split(";")
    canonical = (
        "GET",
        "/",
        "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "X-Amz-Signature"),
        *(f"{name}:{headers.get(name, '')}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(b"").hexdigest(),
    )
    scope = unquote(fields["X-Amz-Credential"]).split("/", 1)[1]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", fields["X-Amz-Date"], scope, digest))
    key = reduce(_hmac, scope.split("/"), f"AWS4{who.secret}".encode())
    return hmac.compare_digest(_hmac(key, text).hex(), fields["X-Amz-Signature"])


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _is_in_time(fields: Mapping[str, str]) -> bool:
    signed = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.now(UTC) < signed + timedelta(seconds=int(fields["X-Amz-Expires"]))
