"""What an instance does when it first starts: the script as text, and run for real in a folder of its own."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from components.web import boot, release
from components.web.boot import Boot
from ops.engine.project import ROOT

HOSTILE = "'; touch pwned; echo '$(touch pwned)`touch pwned`\n\"touch pwned\"\nEND_OF_UNIT\ntouch pwned\n@FOLDER@\\"
FIXED = (
    "/etc/logrotate.d",
    "/etc/medical",
    "/etc/systemd/system",
    "/opt/aws",
    "/opt/medical",
    "/var/log/medical",
)  # what a test moves below its own folder

CONFIG: dict[str, Any] = {
    "cell": "us",
    "side": "home",
    "region": "us-east-2",
    "release": "starter",
    "account": "111122223333",
    "other_region": "us-west-2",
    "drill_role": "arn:aws:iam::111122223333:role/medical-us-global-drill",
    "listen": {"host": "0.0.0.0", "port": 8443, "certificate": boot.CERTIFICATE, "key": boot.KEY},  # noqa: S104
    "database": {
        "host": "db.example",
        "port": 3306,
        "name": "medical",
        "secret": "arn:aws:secretsmanager:us-east-2:111122223333:secret:medical/us/use2/db-AbCdEf",
        "ca": "rds",
    },
    "cache": {"host": "cache.example", "port": 6379, "secret": "medical/us/use2/cache", "ca": "system"},
    "buckets": {"uploads": "medical-us-use2-uploads", "derived": "medical-us-use2-derived"},
    "topics": {"appointments": "arn:aws:sns:us-east-2:111122223333:medical-us-use2-appointments"},
    "queues": {"appointments": "arn:aws:sqs:us-east-2:111122223333:medical-us-use2-appointments"},
}
BOOT = Boot(
    region="us-east-2",
    bucket="releases",
    key="starter.zip",
    sha256="ab" * 32,
    config=CONFIG,
    agent="/medical/us/use2/web/agent",
)

# Stand for what only an instance has. `aws` copies from a folder that stands for S3; each call is noted.
STANDS = {
    "aws": 'cp "$BUCKETS/${@: -2:1}" "${@: -1}"',
    "chown": ":",
    "dnf": ":",
    "systemctl": ":",
    "useradd": ":",
    "python3.11": f'exec {shlex.quote(sys.executable)} "$@"',
}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A folder that stands for an instance."""

    root: Path

    def start(self, of: Boot, content: bytes) -> subprocess.CompletedProcess[str]:
        """Run the user data, with `content` as the file that S3 has."""
        file = self.root / "buckets" / "s3:" / of.bucket / of.key
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        return self.run(["bash", "-c", self.moved(boot.script(of))])

    def moved(self, text: str) -> str:
        """`text` with the system's folders below this machine's."""
        for path in FIXED:
            text = text.replace(path, f"{self.root}{path}")
        return text

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command with what stands for the system's own before it."""
        path = f"{self.root / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        fixed = {"PATH": path, "BUCKETS": str(self.root / "buckets"), "CALLS": str(self.root / "calls")}
        return subprocess.run(  # noqa: S603 - the script under test, in a folder of its own
            command, env=fixed | environment, cwd=self.root, capture_output=True, text=True, check=False
        )

    def calls(self) -> list[str]:
        """What was asked of the system, in order."""
        return (self.root / "calls").read_text().splitlines()


@dataclass(frozen=True, kw_only=True)
class Started:
    """An instance that has come up, and what its script has said of errors."""

    machine: Machine
    of: Boot
    errors: str


def machine_in(folder: Path) -> Machine:
    (folder / "bin").mkdir()
    (folder / "etc" / "systemd" / "system").mkdir(parents=True)
    for name, body in STANDS.items():
        file = folder / "bin" / name
        file.write_text(f'#!/bin/bash\necho "{name} $*" >> "$CALLS"\n{body}\n')
        file.chmod(0o755)
    return Machine(root=folder)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return machine_in(tmp_path)


@pytest.fixture(scope="module")
def starter() -> tuple[Boot, bytes]:
    found = release.starter(ROOT)
    assert found.path is not None
    return replace(BOOT, key=found.key, sha256=found.sha256), found.path.read_bytes()


@pytest.fixture(scope="module")
def started(starter: tuple[Boot, bytes], tmp_path_factory: pytest.TempPathFactory) -> Started:
    """An instance as it comes up, which tests only look at: to come up takes seconds."""
    made, (of, content) = machine_in(tmp_path_factory.mktemp("instance")), starter
    done = made.start(of, content)
    assert 0 == done.returncode, done.stderr
    return Started(machine=made, of=of, errors=done.stderr)


def test_bash_can_read_the_script() -> None:
    bash = shutil.which("bash")
    assert bash
    for of in (BOOT, replace(BOOT, key=HOSTILE, bucket=HOSTILE, region=HOSTILE, config={HOSTILE: HOSTILE})):
        read = subprocess.run([bash, "-n"], input=boot.script(of), capture_output=True, text=True, check=False)  # noqa: S603 - as above
        assert (0, "") == (read.returncode, read.stderr)


def test_the_script_makes_an_instance_that_can_serve(started: Started) -> None:
    machine, of = started.machine, started.of
    asked = [call.partition(" ")[0] for call in machine.calls()]
    assert asked.index("dnf") < asked.index("aws") < asked.index("systemctl")
    assert "systemctl enable --now medical.service" in machine.calls()
    folder = machine.root / "opt" / "medical" / "releases" / of.sha256
    config = machine.root / "etc" / "medical" / "service.json"
    checked = machine.run(
        [sys.executable, "-E", "-s", "-c", f"import os; os.chdir({str(folder)!r})\n" + _CHECK],
        SERVICE_CONFIG=str(config),
    )
    assert 0 == checked.returncode, checked.stderr
    assert "is valid: cell us, home, us-east-2" in checked.stdout


_CHECK = """
import runpy, sys
sys.path.insert(0, "")
sys.argv = ["service", "--check"]
runpy.run_module("service", run_name="__main__", alter_sys=True)
"""


def test_the_agent_starts_after_the_service_with_the_parameter_that_is_named(
    machine: Machine, starter: tuple[Boot, bytes]
) -> None:
    of, content = starter
    control = machine.root / "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    control.parent.mkdir(parents=True)
    control.write_text('#!/bin/bash\necho "agent $*" >> "$CALLS"\n')
    control.chmod(0o755)
    (machine.root / "etc/logrotate.d").mkdir(parents=True)
    assert 0 == machine.start(of, content).returncode
    calls = machine.calls()
    started = "agent -a fetch-config -m ec2 -s -c ssm:/medical/us/use2/web/agent"
    assert calls.index("systemctl enable --now medical.service") < calls.index(started)
    unit = (machine.root / "etc/systemd/system/medical-journal.service").read_text()
    assert f"StandardOutput=append:{machine.root}{boot.JOURNAL}" in unit
    rotated = (machine.root / "etc/logrotate.d/medical").read_text()
    assert f"{machine.root}{boot.JOURNAL} {{\n size 64M\n" in rotated


def test_the_service_runs_without_an_agent(started: Started) -> None:
    assert "amazon-cloudwatch-agent-ctl" in started.errors, "here is none"
    assert "systemctl enable --now medical.service" in started.machine.calls()


def test_the_configuration_arrives_as_it_was_asked_for(started: Started) -> None:
    machine = started.machine
    file = machine.root / "etc" / "medical" / "service.json"
    assert json.loads(machine.moved(json.dumps(CONFIG))) == json.loads(file.read_text())
    assert 0o640 == file.stat().st_mode & 0o777
    assert any(call.startswith("chown root:medical") and str(file) in call for call in machine.calls())


def test_hostile_values_stay_data(machine: Machine, starter: tuple[Boot, bytes]) -> None:
    of, content = starter
    hostile = {"cell": HOSTILE, HOSTILE: [HOSTILE, 3306, None, True], "topics": {"a": "é \x00 \u2028"}}
    done = machine.start(replace(of, bucket="x", key=HOSTILE.replace("/", ""), config=hostile), content)
    assert 0 == done.returncode, done.stderr
    assert not list(machine.root.rglob("pwned"))
    assert hostile == json.loads((machine.root / "etc" / "medical" / "service.json").read_text())


def test_a_release_of_another_digest_is_not_unpacked(machine: Machine, starter: tuple[Boot, bytes]) -> None:
    of, content = starter
    assert 0 != machine.start(of, content + b"tampered").returncode
    assert not (machine.root / "opt").exists()
    assert "systemctl" not in {call.partition(" ")[0] for call in machine.calls()}, "nothing is started"


def test_the_certificate_is_the_instances_own_and_its_key_is_for_the_service(started: Started) -> None:
    machine = started.machine
    folder = machine.root / "etc" / "medical"
    shown = machine.run(["openssl", "x509", "-in", str(folder / "tls.crt"), "-noout", "-text"]).stdout
    assert "CN = medical-web" in shown or "CN=medical-web" in shown
    assert "NIST CURVE: P-256" in shown
    seconds = 86_400
    for days, ends in ((824, 0), (826, 1)):
        checked = machine.run(
            ["openssl", "x509", "-in", str(folder / "tls.crt"), "-noout", "-checkend", str(days * seconds)]
        )
        assert ends == checked.returncode, "valid for 825 days"
    assert 0o640 == (folder / "tls.key").stat().st_mode & 0o777


def test_the_unit_runs_the_release_with_no_rights(started: Started) -> None:
    machine, of = started.machine, started.of
    unit = (machine.root / "etc" / "systemd" / "system" / "medical.service").read_text().splitlines()
    assert f"WorkingDirectory={machine.root}/opt/medical/releases/{of.sha256}" in unit
    assert {
        "User=medical",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "MemoryDenyWriteExecute=yes",
        "CapabilityBoundingSet=",
        "Restart=always",
        "TimeoutStopSec=35",
    } <= set(unit)


def test_the_user_data_holds_no_secret() -> None:
    text = boot.script(BOOT)
    assert "password" not in text.lower()
    assert "token" not in text.lower()
    assert CONFIG["database"]["secret"] in text, "only where AWS Secrets Manager keeps it"


def test_user_data_that_ec2_would_refuse_is_refused_here() -> None:
    assert boot.LARGEST > len(boot.script(BOOT).encode())
    with pytest.raises(ValueError, match=r"has \d+ bytes and EC2 takes 16384"):
        boot.script(replace(BOOT, config={"topics": "a" * boot.LARGEST}))


@pytest.mark.parametrize("digest", ["", "ab", "AB" * 32, "ab" * 32 + "\n", "../" + "ab" * 31])
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="must be 64 lower-case hex digits"):
        replace(BOOT, sha256=digest)


def test_the_digest_is_that_of_the_file(starter: tuple[Boot, bytes]) -> None:
    of, content = starter
    assert hashlib.sha256(content).hexdigest() == of.sha256
