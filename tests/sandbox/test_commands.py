"""`python -m ops sandbox`, as a person or a script runs it: with the real program, in processes of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.engine.project import ROOT
from ops.sandbox.cells.state import UNSET, VARIABLE, StateFolder
from tests.sandbox.conftest import end_all

REGIONS = {"us": ("us-east-2", "us-west-2"), "eu": ("eu-central-1", "eu-west-1")}
CIDRS = {"us": ("10.10.0.0/16", "10.11.0.0/16"), "eu": ("10.20.0.0/16", "10.21.0.0/16")}
LONGEST_SECONDS = 120
DEAF = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")  # starts a command that ignores Ctrl-C unless it sees to it


def environment(folder: StateFolder) -> dict[str, str]:
    # An endpoint that nobody answers at: a build must not follow what 'sandbox env' made the shell export.
    return {**os.environ, VARIABLE: str(folder.path), "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_PROFILE": "none"}


def sandbox(folder: StateFolder, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with its output piped, as scripts do; a process that keeps the pipe open runs into the timeout."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ops", "sandbox", *words],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=environment(folder),
        text=True,
        timeout=LONGEST_SECONDS,
    )


@dataclass(frozen=True, kw_only=True)
class Up:
    """Two cells that stand, and what was said when they were brought up."""

    folder: StateFolder
    report: dict[str, Any]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = StateFolder(tmp_path_factory.mktemp("state"))
    try:
        done = sandbox(folder, "up", "us", "eu", "--json")
        assert 0 == done.returncode, done.stderr
        yield Up(folder=folder, report=json.loads(done.stdout))
    finally:
        end_all(folder)


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
def test_the_report_tells_both_sides_of_each_cell_and_that_the_replica_is_linked(up: Up) -> None:
    assert [] == up.report["failed"]
    assert ["us", "eu"] == [cell["cell"] for cell in up.report["cells"]]
    for cell in up.report["cells"]:
        home, recovery = cell["sides"]
        assert ("home", "recovery") == (home["side"], recovery["side"])
        assert REGIONS[cell["cell"]] == (home["region"], recovery["region"])
        assert home["resources"] > 100
        assert recovery["resources"] > 100
        assert "primary" == home["database"]["role"]
        assert "replica" == recovery["database"]["role"]
        assert home["database"]["arn"] == recovery["database"]["source"]
        assert cell["replica_linked"] is True
        assert cell["trail"]["logging"] is True
        assert f"https://{cell['cell']}.app.example.com" == home["endpoints"]["app"]
        assert {"load_balancer", "database", "cache"} <= set(recovery["endpoints"])
        assert cell["peak_memory_mib"] > 0
        assert cell["seconds"] > 0
        assert sum(side["recorded"] for side in cell["sides"]) == sum(item["count"] for item in cell["recorded"])


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
def test_what_env_prints_makes_any_sdk_talk_to_the_cell_in_both_regions(up: Up) -> None:
    for cell, regions in REGIONS.items():
        done = sandbox(up.folder, "env", cell)
        exported = dict(re.findall(r"^export (\w+)=(\S+)$", done.stdout, re.MULTILINE))
        told = json.loads(sandbox(up.folder, "env", cell, "--json").stdout)
        assert list(UNSET) == told.pop("unset")
        assert told == exported
        assert regions[0] == exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"]
        keys = (exported["AWS_ACCESS_KEY_ID"], exported["AWS_SECRET_ACCESS_KEY"])
        for region, cidr in zip(regions, CIDRS[cell], strict=True):
            session: Any = boto3.Session(*keys, region_name=region)
            found = session.client("ec2", endpoint_url=exported["AWS_ENDPOINT_URL"]).describe_vpcs()["Vpcs"]
            assert cidr in {vpc["CidrBlock"] for vpc in found}


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
def test_what_a_shell_held_before_does_not_keep_it_from_the_cell(up: Up) -> None:
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    held = {
        "AWS_PROFILE": "missing",
        "AWS_DEFAULT_PROFILE": "missing",
        "AWS_SESSION_TOKEN": "old",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }
    evaluated = sandbox(up.folder, "env", "us").stdout
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f'eval "$1"; {sys.executable} -c "{code}"', "sh", evaluated],
        env={**os.environ, **held},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (0, f"{up.report['cells'][0]['account']}\n") == (done.returncode, done.stdout), done.stderr


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
def test_status_lists_what_stands(up: Up) -> None:
    found = json.loads(sandbox(up.folder, "status", "--json").stdout)["cells"]
    told = {cell["cell"]: cell["endpoint_url"] for cell in up.report["cells"]}
    assert told == {cell["cell"]: cell["endpoint_url"] for cell in found}
    plain = sandbox(up.folder, "status").stdout
    assert all(url in plain for url in told.values())


def test_ending_nothing_is_fine_and_says_so(folder: StateFolder) -> None:
    done = sandbox(folder, "down")
    assert (0, "nothing stood\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("up", "us", "uss"), "no cell 'uss'"),
        (("up", "us", "../us"), "no cell '../us'"),
        (("up", "us", "--jobs", "0"), "--jobs"),
        (("up", "us", "--keep-hours", "nan"), "--keep-hours"),
        (("up", "us", "--stacks", "/nowhere"), "/nowhere"),
        (("up", "us", "--stacks", ""), "names no file or folder"),
        (("up", "us", "--stacks", "x" * 5000), "is no folder"),
        (("up", "us", "--bogus"), "--bogus"),
        (("serve", "uss"), "no cell 'uss'"),
        (("env", "uss"), "no cell 'uss'"),
        (("down", "uss"), "no cell 'uss'"),
    ],
)
def test_a_mistake_on_the_command_line_is_refused_and_starts_nothing(
    folder: StateFolder, words: tuple[str, ...], told: str
) -> None:
    done = sandbox(folder, *words)
    assert 2 == done.returncode
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert [] == list(folder.path.glob("*.log")), "a process was started"


def stacks(folder: Path, cell: str, **changes: str) -> Path:
    """A folder with the stack file of `cell`, changed."""
    text = (ROOT / f"Pulumi.{cell}.yaml").read_text(encoding="utf-8")
    for key, value in changes.items():
        text = re.sub(rf"(:{key}:).*", rf"\1 {value}", text)
    folder.mkdir(exist_ok=True)
    (folder / f"Pulumi.{cell}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_settings_that_are_refused_start_nothing_not_even_the_cells_that_are_fine(
    folder: StateFolder, tmp_path: Path
) -> None:
    where = stacks(tmp_path / "stacks", "us", homeCidr="10.10.0.0/28")
    stacks(where, "eu")
    done = sandbox(folder, "up", "--stacks", str(where), "--json")
    assert 2 == done.returncode
    (problem,) = json.loads(done.stdout)["problems"]
    assert ("us", "homeCidr") == (problem["cell"], problem["key"])
    assert "10.10.0.0/28" in problem["value"]
    assert [] == list(folder.path.glob("*.log")), "a process was started"


def test_a_known_cell_that_does_not_stand_has_no_environment(folder: StateFolder) -> None:
    done = sandbox(folder, "env", "us")
    assert 1 == done.returncode
    assert "does not stand" in done.stderr
    assert not done.stdout, "a shell would evaluate it"


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("before", [(), DEAF], ids=["as a terminal starts it", "as a script's background job"])
def test_ctrl_c_ends_the_build_and_every_process_of_it(
    folder: StateFolder, tmp_path: Path, before: tuple[str, ...]
) -> None:
    where = stacks(tmp_path / "stacks-of-this-test", "us")
    with subprocess.Popen(  # noqa: S603 - our own command
        [*before, sys.executable, "-m", "ops", "sandbox", "up", "--stacks", str(where)],
        cwd=ROOT,
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    ) as building:
        assert building.stderr is not None
        assert "us: building" in building.stderr.readline()
        building.send_signal(signal.SIGINT)
        said = building.stderr.read()
    assert 130 == building.returncode
    assert "interrupted" in said
    assert "Traceback" not in said
    assert [] == running_with(str(where))


@pytest.mark.slow("builds whole cells in processes of their own, as a user does")
def test_serve_prints_the_environment_and_ends_what_it_started(folder: StateFolder) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ops", "sandbox", "serve", "us"],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        url = next(line for line in serving.stdout if line.startswith("export AWS_ENDPOINT_URL="))
        assert folder.standing()["us"].endpoint_url == url.partition("=")[2].strip()
        serving.send_signal(signal.SIGINT)
    assert 0 == serving.returncode
    assert {} == folder.standing()


@pytest.mark.parametrize("installed", [True, False])
def test_make_clean_ends_what_stands_before_it_takes_the_folder_away(tmp_path: Path, *, installed: bool) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".sandbox").mkdir()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@ while there is" .sandbox*\nexit 1\n', encoding="utf-8")
    python.chmod(0o755)
    if installed:
        (tmp_path / ".venv" / ".installed").touch()
    # A make of its own, also where the tests are run by make.
    alone = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--no-print-directory", "clean"]  # whichever make there is
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)  # noqa: S603
    said = "-m ops sandbox down while there is .sandbox\n" if installed else ""
    assert (0, said) == (done.returncode, done.stdout)
    assert ["Makefile"] == [path.name for path in tmp_path.iterdir()]


def running_with(word: str) -> list[Path]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if word.encode() in words:
            found.append(path)
    return found
