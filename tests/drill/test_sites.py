"""Both places for drills: the local cloud by its world, and AWS by what can be tried without it."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain import manifest as manifests
from domain.manifest import Manifest
from ops.drill.model import Value
from ops.drill.site import Reply, SiteError, UnreachableError
from ops.drill.sites import identity
from ops.drill.sites.aws import AwsSite, Machine
from ops.drill.sites.https import Door
from ops.drill.sites.sandbox import SandboxSite
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.local import local_aws
from ops.sandbox.physics.clock import START
from ops.sandbox.refusals import GoneError, WorldError
from tests.support import ACCOUNT, HOME, RECOVERY
from tests.test_manifest import content

NAME = "us.app.example.com"


class ToldWorld:
    """A local cloud that does what it is told."""

    def __init__(self) -> None:
        """Begin at the start, with everybody there."""
        self.time = START
        self.gone = False
        self.refuses = False
        self.faults: list[tuple[str, str]] = []

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> datetime:
        self.time += timedelta(seconds=seconds)
        return self.time

    def inject(self, fault: str, region: str = "", parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
        self._check()
        self.faults.append((fault, region))
        return {"parameters": dict(parameters or {})}

    def lift(self, fault: str, region: str = "") -> bool:
        self._check()
        self.faults.remove((fault, region))
        return True

    def resolve(self, client: str, name: str) -> tuple[str, bool]:
        if self.gone:
            raise GoneError("nobody answers")
        return f"{name} for {client}", True

    def request(self, address: str, method: str, path: str, body: str = "") -> tuple[int, dict[str, Any]]:
        if self.gone:
            raise GoneError(f"{address} does not answer")
        return 200, {"asked": f"{method} {path} {body}".strip()}

    def apply(self, settings: Mapping[str, Value]) -> Mapping[str, Any]:
        self._check()
        return dict(settings)

    def _check(self) -> None:
        if self.refuses:
            raise WorldError("lift region-dark first")


def test_the_sandbox_lets_virtual_time_pass_and_nothing_else() -> None:
    site = SandboxSite(ToldWorld(), "http://127.0.0.1:9")
    site.sleep(90)
    assert START + timedelta(seconds=90) == site.now()


def test_the_sandbox_answers_as_its_world_does() -> None:
    world = ToldWorld()
    site = SandboxSite(world, "http://127.0.0.1:9")
    answer = site.resolve("user", NAME)
    assert (f"{NAME} for user", True) == (answer.address, answer.cached)
    assert Reply(status=200, body={"asked": "PUT /x y"}) == site.send("user", "lb", "PUT", "/x", "y")
    world.gone = True
    with pytest.raises(UnreachableError):
        site.resolve("user", NAME)
    with pytest.raises(UnreachableError):
        site.send("user", "lb", "GET", "/x")


def test_the_sandbox_makes_faults_and_updates_or_says_why_not() -> None:
    world = ToldWorld()
    site = SandboxSite(world, "http://127.0.0.1:9")
    site.inject("region-dark", HOME, {})
    assert [("region-dark", HOME)] == world.faults
    site.lift("region-dark", HOME)
    assert [] == world.faults
    assert "writer=recovery" in site.declare({"writer": "recovery"})
    world.refuses = True
    for refused in (
        lambda: site.inject("region-dark", HOME, {}),
        lambda: site.lift("region-dark", HOME),
        lambda: site.declare({"writer": "recovery"}),
    ):
        with pytest.raises(SiteError, match="lift region-dark first"):
            refused()


def test_a_client_of_the_sandbox_is_made_once_with_short_time_outs_and_passes_the_gate() -> None:
    passed: list[str] = []

    def attach(client: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        passed.append(client.meta.service_model.service_name)
        return client

    site = SandboxSite(ToldWorld(), "http://127.0.0.1:9", attach)
    first = site.client("s3", RECOVERY)
    assert (True, ["s3"]) == (first is site.client("s3", RECOVERY), passed)
    config = first.meta.config
    assert (3, 10, 1) == (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"])
    assert "http://127.0.0.1:9" == first.meta.endpoint_url


# -- AWS


def cell(account: str = ACCOUNT) -> Manifest:
    return manifests.read(manifests.write({**content(), "account_id": account}))


class Names:
    """A resolver that is told."""

    def __init__(self, manifest: Manifest) -> None:
        """Lead the cell's name to home."""
        self.known = {
            NAME: frozenset({"192.0.2.1"}),
            manifest.home.load_balancer: frozenset({"192.0.2.1", "192.0.2.2"}),
            manifest.recovery.load_balancer: frozenset({"198.51.100.1"}),
        }

    def look_up(self, name: str) -> frozenset[str]:
        if name not in self.known:
            raise UnreachableError(f"no address for {name}")
        return self.known[name]


@contextmanager
def aws(names: Names, clock: list[datetime], manifest: Manifest | None = None) -> Iterator[AwsSite]:
    with local_aws(ACCOUNT, managed_policies=False):
        machine = Machine(clock=lambda: clock[0], look_up=names.look_up)
        yield AwsSite(boto3.Session(**CREDENTIALS), manifest or cell(), NAME, machine)


def test_another_account_is_refused_with_a_way_out() -> None:
    other = cell("999988887777")
    with pytest.raises(SiteError, match=r"account 111122223333, and cell us is in 999988887777.*--profile"):
        aws(Names(other), [datetime.now(UTC)], other).__enter__()


def test_a_region_that_is_not_the_cells_is_refused() -> None:
    with aws(Names(cell()), [datetime.now(UTC)]) as site:
        assert RECOVERY == site.client("rds", RECOVERY).meta.region_name
        assert site.client("route53", "us-east-1") is not None
        for service, region in (("rds", "eu-west-1"), ("rds", "us-east-1")):
            with pytest.raises(SiteError, match="us-east-2 and us-west-2"):
                site.client(service, region)


def test_the_side_is_told_by_the_load_balancers_addresses_and_kept_for_the_ttl() -> None:
    manifest, clock = cell(), [datetime.now(UTC)]
    names = Names(manifest)
    with aws(names, clock) as site:
        first = site.resolve("user", NAME)
        names.known[NAME] = frozenset({"198.51.100.1"})
        kept = site.resolve("user", NAME)
        other = site.resolve("another", NAME)
        clock[0] += timedelta(seconds=61)
        later = site.resolve("user", NAME)
    home, recovery = manifest.home.load_balancer, manifest.recovery.load_balancer
    assert [home, home, recovery, recovery] == [item.address for item in (first, kept, other, later)]
    assert [False, True, False, False] == [item.cached for item in (first, kept, other, later)]


def test_a_lost_side_without_a_name_does_not_hide_the_other() -> None:
    manifest = cell()
    names = Names(manifest)
    names.known[NAME] = frozenset({"198.51.100.1"})
    del names.known[manifest.home.load_balancer]
    with aws(names, [datetime.now(UTC)]) as site:
        assert manifest.recovery.load_balancer == site.resolve("user", NAME).address
        names.known[NAME] = frozenset({"203.0.113.9"})
        with pytest.raises(UnreachableError, match=r"203\.0\.113\.9"):
            site.resolve("somebody", NAME)


def test_a_wrong_clock_is_set_right_by_awss_own() -> None:
    clock = [datetime.now(UTC) - timedelta(seconds=240)]
    with aws(Names(cell()), clock) as site:
        assert 10 > abs((site.now() - datetime.now(UTC)).total_seconds())
        assert 230 < site.clock_error.total_seconds() < 250
    with aws(Names(cell()), [datetime.now(UTC)]) as site:
        assert 10 > abs((site.now() - datetime.now(UTC)).total_seconds())


def test_faults_on_aws_are_a_persons_to_make() -> None:
    with aws(Names(cell()), [datetime.now(UTC)]) as site:
        with pytest.raises(SiteError, match=r"AWS FIS.*network ACL"):
            site.inject("region-dark", HOME, {})
        with pytest.raises(SiteError, match="AWS FIS"):
            site.lift("region-dark", HOME)


def test_a_declaration_on_aws_is_the_commands_of_the_runbook() -> None:
    with aws(Names(cell()), [datetime.now(UTC)]) as site:
        lines = site.declare({"writer": "recovery", "homeGeneration": 2}).splitlines()
    assert ["  pulumi stack select us", "  pulumi config set writer recovery"] == lines[1:3]
    assert ["  pulumi config set homeGeneration 2", "  pulumi up"] == [lines[3], lines[-1]]


def test_an_address_of_another_cell_is_not_asked() -> None:
    with aws(Names(cell()), [datetime.now(UTC)]) as site, pytest.raises(SiteError, match="no load balancer"):
        site.send("user", "elsewhere.example", "GET", "/readyz")


def test_markers_are_asked_for_in_the_drills_role_alone() -> None:
    with (
        aws(Names(cell()), [datetime.now(UTC)]) as site,
        pytest.raises(UnreachableError, match="medical-us-global-drill"),
    ):
        site.send("user", cell().home.load_balancer, "PUT", "/continuity/markers/us-1/1", "x")


def test_the_identity_is_a_question_to_sts_for_one_cell_and_a_minute() -> None:
    text = identity.header(boto3.Session(**CREDENTIALS), RECOVERY, "us")
    url = urllib.parse.urlsplit(base64.urlsafe_b64decode(text).decode())
    query = dict(urllib.parse.parse_qsl(url.query))
    assert ("https", "sts.us-west-2.amazonaws.com") == (url.scheme, url.netloc)
    assert ("GetCallerIdentity", "60") == (query["Action"], query["X-Amz-Expires"])
    assert "host;x-medical-cell" == query["X-Amz-SignedHeaders"]
    assert CREDENTIALS["aws_secret_access_key"] not in query["X-Amz-Signature"]


# -- HTTPS


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(
            {"host": self.headers["Host"], "path": self.path, "agent": self.headers["User-Agent"]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A load balancer on localhost with the certificate of `NAME`, and who trusts it."""
    pem = _certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    found = http.server.HTTPServer(("127.0.0.1", 0), _Handler)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found.server_address[1], ssl.create_default_context(cafile=str(pem))
    found.shutdown()
    thread.join()
    found.server_close()


def test_a_load_balancer_is_asked_by_its_address_for_the_cells_certificate(
    server: tuple[int, ssl.SSLContext],
) -> None:
    port, trust = server
    reply = Door(name=NAME, trust=trust, port=port).ask("127.0.0.1", "GET", "/readyz", "", {})
    assert Reply(status=200, body={"host": NAME, "path": "/readyz", "agent": "medical-drill"}) == reply


def test_a_certificate_of_another_name_or_authority_is_refused(server: tuple[int, ssl.SSLContext]) -> None:
    port, trust = server
    for door in (
        Door(name="eu.app.example.com", trust=trust, port=port),
        Door(name=NAME, trust=ssl.create_default_context(), port=port),
    ):
        with pytest.raises(UnreachableError, match="certificate is refused"):
            door.ask("127.0.0.1", "GET", "/readyz", "", {})


def test_nobody_behind_an_address_is_unreachable(server: tuple[int, ssl.SSLContext]) -> None:
    with pytest.raises(UnreachableError, match="no answer"):
        Door(name=NAME, trust=server[1], port=1).ask("127.0.0.1", "GET", "/readyz", "", {})


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
