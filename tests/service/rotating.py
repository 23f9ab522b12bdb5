"""What a rotation is tested on: two real databases, of which one follows the other, a real cache, and moto's secrets.

Only what no Debian package brings is stood in for, each behind the interface of the real thing: Secrets Manager's
driving of the four steps, the call from one side's function to the other's, and ElastiCache's two tokens, which are
passwords of the cache's one account.
"""

from __future__ import annotations

import io
import json
import secrets
import threading
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import EndpointConnectionError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend, secretsmanager_backends

from functions.rotation import handler
from functions.rotation.cache import Cache
from functions.rotation.database import Database
from functions.rotation.desk import Desk
from functions.rotation.peer import Peer
from functions.rotation.settings import Place, Settings
from functions.rotation.steps import Step
from functions.rotation.vault import Vault
from tests.service.certificates import Authority
from tests.service.servers import REGION, MariaDb, Valkey, wait_until

OTHER_REGION: Final = "us-west-2"
MASTER: Final = "medical"
STEPS: Final = tuple(Step)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What Lambda says of a call: how long it may still take."""

    seconds: float = 60

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


class ElastiCache:
    """The two calls that rotation makes, for a real cache: its default account's passwords are the tokens."""

    def __init__(self, server: Valkey, first: str) -> None:
        """The cache has one token."""
        self._server = server
        self.tokens = [first]
        self.calls: list[str] = []
        self.statuses: list[str] = []

    def describe_replication_groups(self, **_: str) -> dict[str, Any]:
        return {"ReplicationGroups": [{"Status": self.statuses.pop(0) if self.statuses else "available"}]}

    def modify_replication_group(self, *, AuthToken: str, AuthTokenUpdateStrategy: str, **rest: object) -> None:  # noqa: N803  AWS's own spelling
        assert rest["ApplyImmediately"] is True, "ElastiCache takes a token only to be changed at once"
        self.calls.append(AuthTokenUpdateStrategy)
        if AuthTokenUpdateStrategy == "SET":
            for token in self.tokens:
                if token != AuthToken:
                    self._server.command("ACL", "SETUSER", "default", f"<{token}")
            self.tokens = [AuthToken]
        else:
            assert len(self.tokens) < 2, "ElastiCache holds two tokens: which one would go is not documented"
            self._server.command("ACL", "SETUSER", "default", f">{AuthToken}")
            self.tokens.append(AuthToken)
        self._server.token = AuthToken


@dataclass
class Lambda:
    """The other side's function, called as boto3 would."""

    desk: Callable[[], Desk]
    dark: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  AWS's own spelling
        if self.dark:
            raise EndpointConnectionError(endpoint_url=FunctionName)
        event = json.loads(Payload)
        self.asked.append(event)
        try:
            answer = handler.take(self.desk(), event, Context())
        except Exception as error:  # noqa: BLE001  as Lambda tells any
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return {"Payload": io.BytesIO(json.dumps(told).encode()), "FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


class Pair:
    """A cell's two databases: `recovery` follows `home`, until it is promoted."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        """Choose ports; nothing runs yet."""
        (directory / "h").mkdir()
        (directory / "r").mkdir()
        self.home = MariaDb(directory / "h", authority, "--log-bin", "--server-id=1")
        self.recovery = MariaDb(directory / "r", authority, "--log-bin", "--log-slave-updates", "--server-id=2")
        self.master_password = secrets.token_hex(16)

    def start(self) -> None:
        """Make both, and have the second follow the first."""
        for server in (self.home, self.recovery):
            server.install()
        self.home.sql(
            "RESET MASTER",
            f"CREATE USER '{MASTER}'@'%' IDENTIFIED BY '{self.master_password}' REQUIRE SSL",
            # What RDS's master has, as far as it matters here: no way around read_only.
            f"GRANT CREATE USER ON *.* TO '{MASTER}'@'%'",
            f"GRANT ALL ON medical.* TO '{MASTER}'@'%' WITH GRANT OPTION",
            "CREATE USER 'follower'@'%' IDENTIFIED BY 'follower'",
            "GRANT REPLICATION SLAVE ON *.* TO 'follower'@'%'",
            "CREATE TABLE medical.visit (id INT AUTO_INCREMENT PRIMARY KEY, who VARCHAR(20))",
        )
        self.recovery.sql(
            "RESET MASTER",
            f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={self.home.port}, MASTER_USER='follower', "
            "MASTER_PASSWORD='follower', MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_USE_GTID=slave_pos",
            "START SLAVE",
            "SET GLOBAL read_only = 1",
        )
        wait_until(self.caught_up, "the replica")

    def caught_up(self) -> bool:
        """Whether the replica has all that was written at home."""
        wrote, has = self.home.ask("SELECT @@gtid_binlog_pos"), self.recovery.ask("SELECT @@gtid_slave_pos")
        return wrote == has

    def fail_over(self) -> None:
        """Fence home, and promote recovery."""
        self.home.sql("SET GLOBAL read_only = 1")
        wait_until(self.caught_up, "the replica")
        self.recovery.sql("STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0")

    def stop(self) -> None:
        """End both."""
        self.home.stop()
        self.recovery.stop()


@dataclass
class Cell:
    """A cell's two sides as rotation sees them. `desks` are the functions', by region."""

    pair: Pair
    endpoint: str
    desks: dict[str, Desk]
    elasticache: ElastiCache
    peers: dict[str, Lambda]
    arns: dict[str, str]

    def client(self, region: str = REGION) -> Any:  # noqa: ANN401 - boto3's own
        return boto3.client("secretsmanager", region_name=region, endpoint_url=self.endpoint)

    def begin(self, secret: str, region: str = REGION) -> str:
        """Register the version that is rotated to, as Secrets Manager does before the first step.

        Secrets Manager itself would refuse while another version is pending, unless a person took its label away, which
        is what this does.
        """
        token = str(uuid.uuid4())
        kept = _kept(self.arn(secret, region))
        assert isinstance(kept, FakeSecret), "a replica is not rotated"
        kept.remove_version_stages_from_old_versions(["AWSPENDING"])
        kept.versions[token] = {
            "createdate": int(datetime.now(UTC).timestamp()),
            "version_id": token,
            "version_stages": ["AWSPENDING"],
        }
        return token

    def arn(self, secret: str, region: str = REGION) -> str:
        return self.arns[secret].replace(f":{REGION}:", f":{region}:")

    def step(self, secret: str, step: str, token: str, region: str = REGION) -> None:
        """Call the function, as Secrets Manager does."""
        event = {"Step": step, "SecretId": self.arn(secret, region), "ClientRequestToken": token}
        handler.take(self.desks[region], event, Context())

    def rotate(self, secret: str, region: str = REGION) -> str:
        """A whole rotation; give the version."""
        token = self.begin(secret, region)
        for step in STEPS:
            self.step(secret, step, token, region)
        return token

    def values(self, secret: str, label: str = "AWSCURRENT", region: str = REGION) -> dict[str, str]:
        """What a version says."""
        found = self.client(region).get_secret_value(SecretId=self.arn(secret, region), VersionStage=label)
        values: dict[str, str] = json.loads(found["SecretString"])
        return values

    def everything_secret(self) -> set[str]:
        """Every password and token that any version ever had."""
        found: set[str] = set()
        for secret in self.arns:
            kept = _kept(self.arn(secret))
            for version in kept.versions.values():
                values = json.loads(version.get("secret_string", "{}"))
                found |= {value for name, value in values.items() if name != "username"}
        return found


def build(pair: Pair, cache: Valkey, endpoint: str, authority: Path) -> Cell:
    """A cell that was just made: the application is the master still, and nothing was rotated."""
    home = boto3.client("secretsmanager", region_name=REGION, endpoint_url=endpoint)
    far = [{"Region": OTHER_REGION}]
    unique = secrets.token_hex(4)
    master = {"username": MASTER, "password": pair.master_password}
    texts: Mapping[str, dict[str, Any]] = {
        "application": {"SecretString": json.dumps(master), "AddReplicaRegions": far},
        "master": {"SecretString": json.dumps(master), "AddReplicaRegions": far},
        "token": {"SecretString": json.dumps({"token": cache.token})},
    }
    arns = {name: home.create_secret(Name=f"cell-{unique}/{name}", **text)["ARN"] for name, text in texts.items()}
    cell = Cell(
        pair=pair,
        endpoint=endpoint,
        desks={},
        elasticache=ElastiCache(cache, cache.token),
        peers={region: Lambda(lambda region=region: cell.desks[region]) for region in (REGION, OTHER_REGION)},
        arns=arns,
    )
    servers = {REGION: pair.home, OTHER_REGION: pair.recovery}
    for region, other in ((REGION, OTHER_REGION), (OTHER_REGION, REGION)):
        settings = Settings(
            region=region,
            application=f"cell-{unique}/application",
            master=f"cell-{unique}/master",
            token=f"cell-{unique}/token",
            database=Place(host="localhost", port=servers[region].port, authority=authority),
            schema="medical",
            cache=Place(host="localhost", port=cache.port, authority=authority),
            cache_group="cache",
            other=f"arn:aws:lambda:{other}:{DEFAULT_ACCOUNT_ID}:function:rotation",
            days=30,
        )
        cell.desks[region] = Desk(
            settings=settings,
            vaults={name: Vault(cell.client(name)) for name in (REGION, OTHER_REGION)},
            database=Database(settings.database, settings.schema),
            cache=Cache(client=cell.elasticache, group="cache", place=settings.cache),
            peer=Peer(client=cell.peers[other], function=settings.other, region=region),
            now=lambda: datetime.now(UTC),
        )
    return cell


def alone(cell: Cell) -> Cell:
    """The same with one side."""
    desk = replace(cell.desks[REGION], peer=None, vaults={REGION: cell.desks[REGION].vault})
    return replace(cell, desks={REGION: desk})


class Clients:
    """Threads that ask without pause. What they could not get is in `failed`."""

    def __init__(self, ask: Callable[[], object], count: int) -> None:
        """Nobody asks yet."""
        self.failed: list[object] = []
        self._ask = ask
        self._stop = threading.Event()
        self._asked = [0] * count
        self._threads = [threading.Thread(target=self._work, args=(place,)) for place in range(count)]

    def _work(self, place: int) -> None:
        while not self._stop.is_set():
            try:
                self._ask()
            except Exception as error:  # noqa: BLE001  whatever it is, a user would have seen it
                self.failed.append((type(error).__name__, str(error)))
            self._asked[place] += 1

    def go_on(self, times: int = 4) -> None:
        """Wait until each has asked so often from now on: rotations lie days apart, and no request spans two."""
        before = list(self._asked)
        wait_until(
            lambda: all(now - then >= times for now, then in zip(self._asked, before, strict=True)), "more requests"
        )

    def start(self) -> None:
        """Let them ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each end its last request."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


@contextmanager
def clients(ask: Callable[[], object], count: int = 4) -> Generator[Clients]:
    """As many clients ask until the block ends, before and after what happens in it."""
    asking = Clients(ask, count)
    asking.start()
    try:
        asking.go_on()
        yield asking
        asking.go_on()
    finally:
        asking.stop()


def _backend(arn: str) -> SecretsManagerBackend:
    """Where moto keeps a secret: which account is its own, an earlier test of the same process may have said."""
    _, _, _, region, account, *_ = arn.split(":")
    return secretsmanager_backends[account][region]


def _kept(arn: str) -> FakeSecret | ReplicaSecret:
    return _backend(arn).secrets[arn]


def promote(cell: Cell, secret: str, text: str) -> str:
    """Make the copy of a secret in the other region one of its own, as StopReplicationToReplica does there."""
    arn = cell.arn(secret, OTHER_REGION)
    backend = _backend(arn)
    name = backend.secrets[arn].name
    del backend.secrets[arn]
    made = cell.client(OTHER_REGION).create_secret(Name=name, SecretString=text)["ARN"]
    cell.arns[secret] = made.replace(f":{OTHER_REGION}:", f":{REGION}:")
    return str(made)
