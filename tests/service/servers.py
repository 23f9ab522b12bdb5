"""The real things that the service is tested against: MariaDB, Redis or Valkey, and AWS as moto serves it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import botocore.session
import pymysql
import redis
from botocore.client import BaseClient

from functions.rotation.database import TABLES
from tests.service.certificates import Authority, Pair

REGION = "us-east-2"
WAIT_SECONDS = 15.0


def find(*names: str) -> str | None:
    """Return the path of the first of the programs that is on this machine."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_true: Callable[[], bool], what: str) -> None:
    """Return as soon as it is true; fail the test if it does not become so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about in {WAIT_SECONDS:.0f} s")
        time.sleep(0.05)


def finish(process: subprocess.Popen[bytes] | None) -> int | None:
    """Ask a process to end, insist after a while, and return its exit status."""
    if process is None:
        return None
    process.terminate()
    try:
        return process.wait(WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


class MariaDb:
    """A database server of its own, with the schema ``medical`` and the account ``service``."""

    def __init__(self, directory: Path, authority: Authority, *options: str) -> None:
        """Choose port and password; nothing runs yet. ``options`` are for the server."""
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._options = options
        self._directory = directory
        self._pair: Pair = authority.issue("database")
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None
        self._as_root = ["--user=root"] if os.geteuid() == 0 else []
        self._socket = directory / "s"

    def install(self) -> None:
        """Make its files, start it and create the account that the service uses."""
        command = [
            find("mariadb-install-db") or "",
            "--no-defaults",
            f"--datadir={self._directory}/data",
            *self._as_root,
        ]
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=4M"]
        # Several of these may run side by side; the kernel's own asynchronous writes are few and shared by all.
        options.append("--innodb-use-native-aio=0")
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603  our own
        if done.returncode != 0:
            raise RuntimeError(f"MariaDB could not be set up ({done.returncode}):\n{done.stdout}\n{done.stderr}")
        self.start()
        self.sql("CREATE DATABASE medical")
        self.sql(f"CREATE USER 'service'@'%' IDENTIFIED BY '{self.password}' REQUIRE SSL")
        self.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON medical.* TO 'service'@'%'")
        self.sql(*(f"GRANT CREATE ON medical.{table} TO 'service'@'%'" for table in TABLES))

    def start(self, *, with_tls: bool = True) -> None:
        """Run it, unless it runs already."""
        if self._process is not None:
            return
        pair = self._pair
        keys = [f"--ssl-cert={pair.certificate}", f"--ssl-key={pair.key}", f"--ssl-ca={self._authority.certificate}"]
        command = [find("mariadbd") or "", "--no-defaults", *self._as_root, f"--datadir={self._directory}/data"]
        place = ["--bind-address=127.0.0.1", f"--port={self.port}", f"--socket={self._socket}"]
        small = [
            "--innodb-use-native-aio=0",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=8M",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own arguments
                [*command, *place, *small, *self._options, *(keys if with_tls else ["--skip-ssl"])],
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "MariaDB")

    def stop(self) -> None:
        """End it in good order."""
        finish(self._process)
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def sql(self, *statements: str) -> None:
        """Execute statements as the administrator."""
        with (
            pymysql.connect(
                unix_socket=str(self._socket), user="root", ssl_disabled=True, autocommit=True
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)

    def ask(self, statement: str) -> object:
        """Return the one value that a statement gives."""
        with (
            pymysql.connect(unix_socket=str(self._socket), user="root", ssl_disabled=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return (cursor.fetchone() or (None,))[0]

    def disconnect_everybody(self) -> None:
        """Cut the service's connections, so that it has to log in again."""
        self.sql("KILL HARD USER 'service'@'%'")

    def _answers(self) -> bool:
        # Not PyMySQL yet: it leaves the socket of a refused connection to the garbage collector, with a warning.
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(self._socket)):
                return False
        self.sql("SELECT 1")
        return True


class Valkey:
    """A cache server of its own, Valkey or else Redis, that speaks TLS only and asks for a token."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        """Choose port and token; nothing runs yet."""
        self.port = free_port()
        self.token = secrets.token_hex(16)
        self._directory = directory
        self._pair = authority.issue("cache")
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, unless it runs already."""
        if self._process is not None:
            return
        tls = ["--tls-cert-file", self._pair.certificate, "--tls-key-file", self._pair.key]
        trust = ["--tls-ca-cert-file", self._authority.certificate, "--tls-auth-clients", "no"]
        place = ["--bind", "127.0.0.1", "--port", "0", "--tls-port", str(self.port), "--save", ""]
        command = [find("valkey-server", "redis-server") or "", *place, *tls, *trust, "--requirepass", self.token]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._directory)  # noqa: S603  as above
        wait_until(self._answers, "the cache")

    def stop(self) -> None:
        """End it."""
        finish(self._process)
        self._process = None

    def command(self, *words: str) -> object:
        """Execute a command as the administrator."""
        with self._admin() as client:
            return client.execute_command(*words)

    def rotate(self, fresh: str) -> None:
        """Change the token and cut all connections."""
        with self._admin() as client:
            client.config_set("requirepass", fresh)
            client.client_kill_filter(_type="normal", skipme=True)
        self.token = fresh

    def _admin(self) -> redis.Redis:
        return redis.Redis(
            "localhost", self.port, password=self.token, ssl=True, ssl_ca_certs=str(self._authority.certificate)
        )

    def _answers(self) -> bool:
        try:
            with self._admin() as client:
                return client.ping()
        except redis.RedisError:
            return False


class Aws:
    """AWS as moto serves it, with the service's secrets and buckets."""

    def __init__(self, endpoint: str) -> None:
        """Make the clients."""
        self.endpoint = endpoint
        session = botocore.session.Session()
        self._secrets = session.create_client("secretsmanager", region_name=REGION, endpoint_url=endpoint)
        self._s3 = session.create_client("s3", region_name=REGION, endpoint_url=endpoint)
        self._sns = session.create_client("sns", region_name=REGION, endpoint_url=endpoint)
        self._cloudwatch = session.create_client("cloudwatch", region_name=REGION, endpoint_url=endpoint)
        self._sqs = session.create_client("sqs", region_name=REGION, endpoint_url=endpoint)

    def secret(self, value: dict[str, str], name: str | None = None) -> str:
        """Keep a new secret and return its ARN."""
        name = name or f"medical/{secrets.token_hex(4)}"
        return str(_call(self._secrets, "create_secret", Name=name, SecretString=json.dumps(value))["ARN"])

    def rotate(self, arn: str, value: dict[str, str]) -> None:
        """Make a new version the current one."""
        _call(self._secrets, "put_secret_value", SecretId=arn, SecretString=json.dumps(value))

    def create_bucket(self, name: str) -> None:
        """Make a bucket in the region."""
        _call(self._s3, "create_bucket", Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def encrypt_bucket(self, name: str, key: str) -> None:
        """Have a bucket encrypt with a key unless it is told another."""
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        configuration = {"Rules": [default]}
        _call(self._s3, "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration=configuration)

    def put(self, bucket: str, key: str, text: bytes) -> None:
        """Put an object, as somebody else would."""
        _call(self._s3, "put_object", Bucket=bucket, Key=key, Body=text)

    def listened_topic(self, name: str) -> tuple[str, Callable[[], list[str]]]:
        """Make a topic with a queue, and return its ARN and what gives the messages in the queue."""
        queue = _call(self._sqs, "create_queue", QueueName=name)["QueueUrl"]
        arn = str(_call(self._sns, "create_topic", Name=name)["TopicArn"])
        endpoint, raw = arn.replace(":sns:", ":sqs:"), {"RawMessageDelivery": "true"}
        _call(self._sns, "subscribe", TopicArn=arn, Protocol="sqs", Endpoint=endpoint, Attributes=raw)

        def received() -> list[str]:
            answer = _call(self._sqs, "receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            assert isinstance(messages, list)
            return [str(message["Body"]) for message in messages]

        return arn, received

    def dimensions(self, namespace: str, metric: str) -> list[tuple[str, str]]:
        """Return what the one metric of that name is of."""
        answer = _call(self._cloudwatch, "list_metrics", Namespace=namespace, MetricName=metric)["Metrics"]
        assert isinstance(answer, list)
        (found,) = answer
        return [(item["Name"], item["Value"]) for item in found["Dimensions"]]

    def remove(self, bucket: str, key: str) -> None:
        """Take an object away."""
        _call(self._s3, "delete_object", Bucket=bucket, Key=key)

    def head(self, bucket: str, key: str) -> dict[str, object]:
        """Return what is known of an object."""
        return _call(self._s3, "head_object", Bucket=bucket, Key=key)


def _call(client: BaseClient, operation: str, **arguments: object) -> dict[str, object]:
    # botocore makes these methods at run time, where no type checker sees them.
    method: Callable[..., dict[str, object]] = getattr(client, operation)
    return method(**arguments)
