"""`python -m ops preview`, as people and machines call it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from ops import cli
from ops.engine import project

Capture = pytest.CaptureFixture[str]


def called(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    """The exit status, stdout and stderr of a call."""
    status = cli.main(["preview", *argv])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def refused(capsys: Capture, *argv: str) -> str:
    """The message of a call that must be refused."""
    status, out, err = called(capsys, *argv)
    assert 2 == status
    assert "" == out
    assert "Traceback" not in err
    return err


def refused_in_json(capsys: Capture, *argv: str) -> dict[str, Any]:
    status, out, err = called(capsys, *argv, "--json")
    assert (2, "") == (status, err)
    found = json.loads(out)
    assert {"error", "problems"} == set(found)
    return dict(found)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "us.json"
    assert 0 == cli.main(["preview", "us", "--summary", "--save", str(path)])
    return path


def test_the_whole_cell_is_printed_as_a_tree_with_counts_and_outputs(capsys: Capture) -> None:
    status, out, err = called(capsys, "us")
    assert (0, "") == (status, err)
    head, *rest = out.splitlines()
    assert "cell us  jurisdiction US  home us-east-2 10.10.0.0/16  recovery us-west-2 10.11.0.0/16" == head
    assert any("home-network  ec2:Vpc  us-east-2  cidrBlock=10.10.0.0/16" in line for line in rest)
    assert any(line.startswith("total") for line in rest)
    assert "Outputs" in rest
    assert "\x1b" not in out


def test_json_holds_every_resource_with_what_is_known_of_it(capsys: Capture) -> None:
    status, out, err = called(capsys, "us", "--json")
    assert (0, "") == (status, err)
    found = json.loads(out)
    keys = {"urn", "type", "name", "parent", "side", "region", "inputs", "dependencies", "key", "protect"}
    assert all(keys <= set(item) for item in found["resources"])
    assert found["total"] == len(found["resources"])
    assert {"home", "recovery"} <= {item["side"] for item in found["resources"]}


def test_a_summary_is_counts_only(capsys: Capture) -> None:
    _, out, _ = called(capsys, "us", "--summary")
    assert "total" in out
    assert "home-network" not in out


def test_a_saved_preview_shows_no_difference_from_its_cell(capsys: Capture, saved: Path) -> None:
    status, out, _ = called(capsys, "us", "--against", str(saved), "--exit-code")
    told, warned = out.split("\n", maxsplit=1)
    assert (0, "us against us: no difference") == (status, told)
    assert warned.startswith("Warning: nobody is told")


def test_a_difference_ends_with_1_only_if_that_is_asked_for(capsys: Capture, saved: Path) -> None:
    argv = ("us", "--against", str(saved), "--set", "webMax=9")
    status, out, _ = called(capsys, *argv)
    assert 0 == status
    assert "maxSize: 6 -> 9" in out
    status, out, _ = called(capsys, *argv, "--exit-code", "--json")
    assert 1 == status
    found = json.loads(out)
    assert found["different"]
    changes = [change for item in found["changed"] for change in item["changes"]]
    assert {"path": "maxSize", "before": 6, "after": 9} in changes


def test_stack_files_can_come_from_elsewhere(capsys: Capture, tmp_path: Path) -> None:
    text = (project.ROOT / "Pulumi.eu.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.fr.yaml").write_text(
        text.replace("eu-central-1", "eu-west-3").replace("accountOwner: us", "accountOwner: own"), encoding="utf-8"
    )
    status, out, _ = called(capsys, "fr", "--stacks", str(tmp_path), "--summary")
    assert 0 == status
    assert out.startswith("cell fr  jurisdiction EU  home eu-west-3")


def test_a_refused_setting_says_key_value_rule_and_way_out(capsys: Capture) -> None:
    message = refused(capsys, "us", "--set", "homeCidr=8.8.8.0/16", "--set", "webMax=many")
    assert "homeCidr = '8.8.8.0/16': must lie in one of the private ranges" in message
    assert "webMax = 'many': must be a whole number between 1 and 100" in message


def test_a_refused_setting_is_told_to_machines_one_by_one(capsys: Capture) -> None:
    found = refused_in_json(capsys, "us", "--set", "webMax=0", "--set", "zoen=x")
    assert {"webMax", "zoen"} == {problem["key"] for problem in found["problems"]}
    assert all({"key", "value", "rule"} == set(problem) for problem in found["problems"])


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("usa",), "the cells here are apac, eu, us"),
        (("",), "the cells here are apac, eu, us"),
        (("../us",), "the cells here are apac, eu, us"),
        (("us", "--stacks", "/nowhere"), "the cells here are none"),
        (("us", "--set", "webMax"), "KEY=VALUE"),
        (("us", "--set", "=1"), "KEY=VALUE"),
        (("us", "--set", "webMax=1", "--set", "webMax=2"), "webMax twice"),
        (("us", "--exit-code"), "--against"),
        (("us", "--no-such-option"), "--no-such-option"),
        (("us", "eu"), "eu"),
        ((), "CELL"),
    ],
)
def test_a_mistake_on_the_command_line_is_refused(capsys: Capture, argv: tuple[str, ...], words: str) -> None:
    assert words in refused(capsys, *argv)
    assert words in refused_in_json(capsys, *argv)["error"]


def test_what_cannot_be_compared_with_is_refused(capsys: Capture, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.json"
    garbage.write_bytes(b"\x00\xff{")
    for other, words in (
        ("usa", "the cells are apac, eu, us"),
        ("", "the cells are apac, eu, us"),
        (str(tmp_path), "directory"),
        (str(garbage), "no saved preview"),
        ("x" * 5000, "cannot be read"),
    ):
        assert words in refused(capsys, "us", "--against", other)


@pytest.mark.parametrize("name", ["no/us.json", "", "../folder", "x" * 300, "fifo", "loop", "us.json/below"])
def test_what_cannot_be_written_is_refused_and_leaves_nothing(capsys: Capture, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to("loop")
    (folder / "us.json").write_text("kept", encoding="utf-8")
    before = sorted(folder.iterdir())
    message = refused(capsys, "us", "--save", str(folder / name))
    assert "cannot be written" in message
    assert "name a file in a folder that you may write" in message
    assert before == sorted(folder.iterdir())
    assert "kept" == (folder / "us.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--save", "--stacks"])
def test_an_empty_path_is_refused_and_does_not_mean_the_current_folder(capsys: Capture, option: str) -> None:
    assert "'' names no file or folder" in refused(capsys, "us", option, "")


def test_a_device_is_never_replaced_by_a_file(capsys: Capture) -> None:
    assert "is not a regular file" in refused(capsys, "us", "--save", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_a_folder_that_nobody_may_write_is_refused(capsys: Capture) -> None:
    assert "/proc/us.json" in refused(capsys, "us", "--save", "/proc/us.json")


def test_a_preview_is_saved_through_a_link_to_where_it_leads(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text("old", encoding="utf-8")
    (tmp_path / "link.json").symlink_to("target.json")
    assert 0 == called(capsys, "us", "--save", str(tmp_path / "link.json"))[0]
    assert (tmp_path / "link.json").is_symlink()
    assert "us" == json.loads((tmp_path / "target.json").read_bytes())["cell"]
    assert {"link.json", "target.json"} == {path.name for path in tmp_path.iterdir()}


def test_the_longest_name_that_a_file_may_have_can_be_saved_to(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    assert 0 == called(capsys, "us", "--save", str(path))[0]
    assert [path] == list(tmp_path.iterdir())


def test_a_pipe_or_a_device_is_refused_at_once(capsys: Capture, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Pulumi.us.yaml")
    os.mkfifo(tmp_path / "saved.json")
    assert "is not a regular file" in refused(capsys, "us", "--stacks", str(tmp_path))
    for other in (tmp_path / "saved.json", Path("/dev/zero")):
        assert "is not a regular file" in refused(capsys, "us", "--against", str(other))


def test_a_broken_stack_file_is_refused_by_name(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.us.yaml").write_text("config:\n  webMax: 1\n  webMax: 2\n", encoding="utf-8")
    assert "'webMax' stands twice" in refused(capsys, "us", "--stacks", str(tmp_path))


def test_help_needs_neither_pulumi_nor_a_local_cloud() -> None:
    heavy = "pulumi", "pulumi_aws", "moto", "boto3"
    code = f"import sys, ops.cli; sys.exit(str([name for name in {heavy!r} if name in sys.modules] or ''))"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], cwd=project.ROOT, capture_output=True, text=True, check=False
    )
    assert "" == done.stderr.strip()


@pytest.mark.slow("runs the program in processes of its own, which is the point")
def test_a_preview_needs_no_credentials_and_is_the_same_in_every_process(tmp_path: Path, saved: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C"}
    environment[project.DEFAULTS_VARIABLE] = os.environ[project.DEFAULTS_VARIABLE]
    done = subprocess.run(
        [sys.executable, "-m", "ops", "preview", "us", "--json"],
        cwd=project.ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (0, b"") == (done.returncode, done.stderr)
    assert saved.read_bytes() == done.stdout


def test_the_commands_are_listed_when_none_is_named(capsys: Capture) -> None:
    assert 0 == cli.main([])
    assert "preview" in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys: Capture) -> None:
    assert 2 == cli.main(["perview"])
    assert "perview" in capsys.readouterr().err


OWN: Final = pytest.mark.slow("runs the program in a process of its own")


def piped(command: str) -> subprocess.CompletedProcess[str]:
    """A command as a shell runs it."""
    environment = {**os.environ, "OPS": f"{sys.executable} -m ops"}
    return subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", command], cwd=project.ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize("words", [pytest.param("preview us --summary", marks=OWN), "--help", "sandbox --help"])
def test_an_answer_that_cannot_be_written_is_one_line_and_a_failure(words: str) -> None:
    done = piped(f"$OPS {words} > /dev/full")
    assert (1, "error: the answer cannot be written: No space left on device\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("words", [pytest.param("preview us --json", marks=OWN), "--help"])
def test_a_reader_that_leaves_early_is_no_trouble(words: str) -> None:
    done = piped(f"$OPS {words} | true")
    assert ("", "") == (done.stdout, done.stderr)


@pytest.mark.slow("runs the program in a process of its own")
def test_nobody_to_answer_to_is_one_line_and_a_failure() -> None:
    done = piped("$OPS preview us --summary >&-")
    assert (1, "error: the answer cannot be written: standard output is closed\n") == (done.returncode, done.stderr)


def test_a_preview_shows_where_data_live_and_that_no_copy_leaves_the_jurisdiction(capsys: Capture) -> None:
    _, out, _ = called(capsys, "us")
    assert "Residency: no copy leaves the jurisdiction" in out
    assert re.search(r"patient records +patient data +us-west-2 +recovery-keys", out)


def test_machines_get_the_map_of_data_too(capsys: Capture) -> None:
    found = json.loads(called(capsys, "us", "--json")[1])["residency"]
    assert ("US", []) == (found["jurisdiction"], found["violations"])
    assert {"us-east-2", "us-west-2"} == {place["region"] for place in found["places"]}
