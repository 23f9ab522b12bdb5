"""The service as a process, asked over HTTPS."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import httpx

from tests.service.servers import finish, wait_until

ROOT = Path(__file__).parents[2]
Json: TypeAlias = "dict[str, Json | str | int]"


def environment(**values: str) -> dict[str, str]:
    """Return what a process is started with: nothing of AWS but what is given here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SERVICE_"))}
    return kept | values


def section(config: Json, name: str) -> Json:
    """Return one section of a configuration, to change it."""
    found = config[name]
    assert isinstance(found, dict), f"{name} is no section"
    return found


class Service:
    """``python -m service`` with one configuration, running."""

    module = "service"

    def __init__(self, directory: Path, config: Json, authority: Path, endpoint: str, sts: str) -> None:
        """Write the configuration; nothing runs yet. ``endpoint`` is AWS's, but for STS."""
        self._log = directory / "output"
        file = directory / "service.json"
        file.write_text(json.dumps(config))
        self.port = int(str(section(config, "listen")["port"]))
        self._environment = environment(
            SERVICE_CONFIG=str(file),
            AWS_ENDPOINT_URL=endpoint,
            AWS_ENDPOINT_URL_STS=sts,
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",  # noqa: S106  moto asks for one, any will do
            AWS_EC2_METADATA_DISABLED="true",
            PYTHONWARNINGS="error",
        )
        self.address = f"https://localhost:{self.port}"
        self._authority = authority
        self._client = httpx.Client(base_url=self.address, verify=self.context(), timeout=10)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, and return when it answers."""
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", self.module]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)  # noqa: S603  ours
        wait_until(self._lives, "the service")

    @property
    def output(self) -> str:
        """Everything that the process has written."""
        return self._log.read_text()

    def lines(self, event: str) -> list[Json]:
        """Return the log lines of one kind."""
        parsed: list[Json] = [json.loads(line) for line in self.output.splitlines()]
        return [line for line in parsed if line["event"] == event]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path; underscores in a header's name stand for hyphens."""
        return self._client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        """Ask with any method; underscores in a header's name stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.request(method, path, content=body, headers=named)

    def context(self) -> ssl.SSLContext:
        """Return what a visitor needs to believe the service."""
        return ssl.create_default_context(cafile=self._authority)

    def becomes(self, status: str) -> Json:
        """Wait until the service says of itself that it is so, and return its report."""
        wait_until(lambda: status == self.get("/readyz").json()["status"], f"status {status}")
        report: Json = self.get("/readyz").json()
        assert status == report["status"], f"{status} did not last"
        return report

    def fails(self, check: str, reason: str) -> Json:
        """Wait until a check fails for this reason, see that 503 is answered, and return the report."""

        def failing() -> bool:
            answer = self.get("/readyz")
            return answer.status_code == 503 and answer.json()["checks"][check].get("reason") == reason

        wait_until(failing, f"{check} failing with {reason}")
        report: Json = self.get("/readyz").json()
        return report

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    @contextmanager
    def idle_connection(self) -> Generator[None]:
        """Hold a connection open that says nothing and does not answer a farewell."""
        with (
            socket.create_connection(("localhost", self.port)) as plain,
            self.context().wrap_socket(plain, server_hostname="localhost"),
        ):
            yield

    def ends(self, within_seconds: float) -> int | None:
        """Return the exit status, as soon as there is one."""
        return self._process.wait(within_seconds) if self._process else None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int | None:
        """End it and return its exit status."""
        self._client.close()
        return finish(self._process)

    def _lives(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise AssertionError(f"the service ended: {self.output}")
        try:
            return self.get("/livez").status_code == 200
        except httpx.TransportError:
            return False


Start: TypeAlias = Callable[[Json], Service]
