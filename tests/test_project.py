"""How stack files are read: as the Pulumi engine does, and never half."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.engine import project
from ops.engine.project import ProjectError

P = "medical-platform"
# Nine lists of nine, ten deep: few lines, and more values than fit into any memory.
BOMB = "config:\n  x0: &x0 [a]\n" + "".join(f"  x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 10))
MERGES = "config:\n  x0: &x0 {a: b}\n" + "".join(
    f"  x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 9)}]}}\n" for n in range(1, 10)
)


def config_of(folder: Path, content: str | bytes, **overrides: object) -> dict[str, str]:
    path = folder / "Pulumi.us.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return dict(project.load("us", folder=folder, overrides=overrides).config)


@pytest.mark.parametrize(
    ("scalar", "text"),
    [
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", "true"),
        ("2026-11-21", "2026-11-21"),
        ("011122223333", "011122223333"),  # octal to YAML 1.1
        ("111122223333", "111122223333"),
        ('"111122223333"', "111122223333"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("12:30:45", "12:30:45"),  # base 60 to YAML 1.1
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("~", ""),
        ("null", ""),
        ("", ""),
        ('"null"', "null"),
    ],
)
def test_a_scalar_reaches_the_program_as_it_is_written(tmp_path: Path, scalar: str, text: str) -> None:
    assert text == config_of(tmp_path, f"config:\n  domain: {scalar}\n")[f"{P}:domain"]


def test_a_list_reaches_the_program_as_json(tmp_path: Path) -> None:
    found = config_of(tmp_path, "config:\n  interfaceEndpoints: [ssm, no, 1, 1.5, true, 2026-11-21, ~]\n")
    assert '["ssm", "no", 1, 1.5, true, "2026-11-21", null]' == found[f"{P}:interfaceEndpoints"]


def test_an_anchor_stands_for_what_it_names(tmp_path: Path) -> None:
    found = config_of(tmp_path, "config:\n  domain: &d example.org\n  zone: *d\n  a: &a {x: 1}\n  b: {<<: *a, x: 2}\n")
    assert "example.org" == found[f"{P}:zone"]
    assert '{"x": 2}' == found[f"{P}:b"], "what is written beside a merge wins, and is no second key"


def test_defaults_come_from_the_project_file_and_the_stacks_file_wins(tmp_path: Path) -> None:
    found = config_of(tmp_path, "config:\n  medical-platform:webMax: 9\n")
    assert "9" == found[f"{P}:webMax"]
    assert "false" == found[f"{P}:natPerAz"]


def test_an_override_wins_over_the_stacks_file(tmp_path: Path) -> None:
    assert "7" == config_of(tmp_path, "config:\n  webMax: 9\n", webMax=7)[f"{P}:webMax"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "must hold a map"),
        ("# nothing\n", "must hold a map"),
        ("[1, 2]", "must hold a map"),
        ("config", "must hold a map"),
        ("config:\n", "no 'config:' map"),
        ("config: [1]\n", "no 'config:' map"),
        ("other: {}\n", "no 'config:' map"),
        ("config:\n\tdomain: a\n", "line 2"),
        ("config: {a: 1", "cannot be read as YAML"),
        ("config:\n  webMax: 1\n  webMax: 2\n", "line 3: 'webMax' stands twice"),
        ("config:\n  a:\n    b: 1\n    b: 2\n", "line 4: 'b' stands twice"),
        ("config: {}\nconfig: {}\n", "'config' stands twice"),
        ("config:\n  webMax: 1\n  medical-platform:webMax: 2\n", "stands twice"),
        ("config:\n  [a]: 1\n", "a key must be text"),
        ("config: {}\n---\nconfig: {}\n", "another document"),
        ("config:\n  interfaceEndpoints: &x [*x]\n", "holds itself"),
        ("config:\n  domain: *unknown\n", "unknown"),
        (
            "config:\n  domain: !!python/object/apply:os.getcwd []\n",
            "is a tag, and no setting needs one; write the value alone",
        ),
        ("config:\n  domain: !!timestamp never\n", "'tag:yaml.org,2002:timestamp' is a tag"),
        ("config:\n  domain: !!int ''\n", "is a tag"),
        ("config:\n  domain: !!bool maybe\n", "is a tag"),
        ("config:\n  released: !!set {a}\n", "is a tag"),
        (BOMB, "its anchors stand for more than 10000 values"),
        (MERGES, "its anchors stand for more than 10000 values"),
        (f"config:\n  domain: {'a' * 2**20}\n", "1048576 are read at most"),
        ("config:\n  domain: {secure: v1:abc}\n", "encrypted"),
        (b"\xff\xfe\x00\x01", "cannot be read as YAML"),
        (b"\x00\x01", "cannot be read as YAML"),
        ("config:\n  a: " + "[" * 20000, "cannot be read as YAML"),
    ],
)
def test_a_file_that_cannot_be_a_stacks_is_refused_by_name(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(ProjectError) as caught:
        config_of(tmp_path, content)
    assert words in str(caught.value)
    assert "Pulumi.us.yaml" in str(caught.value)


def test_a_folder_in_a_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.us.yaml").mkdir()
    with pytest.raises(ProjectError, match="directory"):
        project.load("us", folder=tmp_path)


@pytest.mark.parametrize("cell", ["usa", "", "../us", "us/x", "x" * 5000, "us\0", "ü"])
def test_an_unknown_cell_is_refused_with_those_that_there_are(cell: str) -> None:
    with pytest.raises(ProjectError, match="the cells here are apac, eu, us"):
        project.load(cell)


def test_a_folder_without_stack_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="the cells here are none"):
        project.load("us", folder=tmp_path)


def test_the_environment_stands_in_for_the_projects_defaults_and_for_nothing_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(project.DEFAULTS_VARIABLE, '{"webMax": 9, "logDays": 30, "domain": "a.example"}')
    found = config_of(tmp_path, "config:\n  domain: b.example\n", logDays=90)
    assert ("9", "90", "b.example") == tuple(found[f"{P}:{key}"] for key in ("webMax", "logDays", "domain"))
    monkeypatch.delenv(project.DEFAULTS_VARIABLE)
    assert "6" == config_of(tmp_path, "config: {}\n")[f"{P}:webMax"]


@pytest.mark.parametrize("text", ["no JSON", "[1]"])
def test_an_environment_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(project.DEFAULTS_VARIABLE, text)
    with pytest.raises(ProjectError, match=f"{project.DEFAULTS_VARIABLE} = .*: must be a JSON object of settings"):
        config_of(tmp_path, "config: {}\n")
