"""The workflows of GitHub: what each may, that they call what there is, and what a pull request can make of them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from components.access import ci, ci_trust
from domain.naming import GLOBAL, Names
from ops.engine import project
from ops.engine.project import ROOT
from tests import package
from tests.support import CELLS
from tests.test_docs import OURS, unknown

GITHUB: Final = ROOT / ".github"
WORKFLOWS: Final = sorted((GITHUB / "workflows").iterdir())
SCRIPTS: Final = sorted(path for path in GITHUB.iterdir() if path.is_file())
OWNERS: Final = ("actions", "aws-actions", "pulumi")
_PINNED: Final = re.compile(r"(?P<owner>[a-z-]+)/[a-z-]+@[0-9a-f]{40}")
_USED: Final = re.compile(r"uses: (?P<what>[^./\s][^\s]*)(?P<said>.*)")
_EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_MAKE: Final = re.compile(r"^\s*make ((?:-C \S+ )?)(?P<target>[a-z]+)", re.MULTILINE)
# The one workflow that may write to pull requests, and so sees nothing of theirs but a text.
COMMENT: Final = GITHUB / "workflows" / "preview-comment.yml"
PREVIEW: Final = GITHUB / "workflows" / "preview.yml"

# What a preview of cell us needs of the project.
FOLDERS: Final = (".github", "components", "domain", "functions", "ops", "policies", "service", "settings")
FILES: Final = (".gitignore", "__main__.py", "Pulumi.yaml", "Pulumi.us.yaml", "pyproject.toml", "requirements.txt")

Job = Mapping[str, Any]


def read(path: Path) -> dict[str, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}  # YAML 1.1 reads `on` as true


def jobs(path: Path) -> dict[str, Job]:
    return dict(read(path)["jobs"])


def steps(path: Path) -> Iterator[Mapping[str, Any]]:
    for job in jobs(path).values():
        yield from job.get("steps", ())


def scripts(path: Path) -> list[str]:
    return [step["run"] for step in steps(path) if "run" in step]


def step(path: Path, name: str) -> str:
    (found,) = (item["run"] for item in steps(path) if item.get("name") == name)
    return str(found)


def name_of(path: Path) -> str:
    return path.name


def texts() -> list[str]:
    """Every piece of shell: of the workflows and of the scripts beside them."""
    return [text for path in WORKFLOWS for text in scripts(path)] + [
        path.read_text(encoding="utf-8") for path in SCRIPTS
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_grants_nothing_but_to_jobs_that_say_what_they_need(path: Path) -> None:
    assert {} == read(path)["permissions"]
    for name, job in jobs(path).items():
        assert isinstance(job["permissions"], dict), f"{name} lists each permission"
        assert {"read", "write"} >= set(job["permissions"].values()), name


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_identities_are_given_only_where_a_role_is_taken(path: Path) -> None:
    for name, job in jobs(path).items():
        used = [item.get("uses", "") for item in job.get("steps", ())]
        takes = any(item.startswith("aws-actions/configure-aws-credentials@") for item in used)
        calls = job.get("uses") == "./.github/workflows/deploy-cell.yml"
        assert (takes or calls) == ("id-token" in job["permissions"]), name


def test_what_may_be_written_is_a_comment_or_an_issue_and_nothing_else() -> None:
    written = {
        (path.name, permission)
        for path in WORKFLOWS
        for job in jobs(path).values()
        for permission, level in job["permissions"].items()
        if level == "write" and permission != "id-token"
    }
    assert {("preview-comment.yml", "pull-requests"), ("drill-aws.yml", "issues")} == written


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_no_workflow_runs_a_pull_requests_code_with_rights(path: Path) -> None:
    found = read(path)
    assert "pull_request_target" not in found["on"]
    if "pull_request" in found["on"]:
        assert [{"contents": "read"}] * len(found["jobs"]) == [job["permissions"] for job in found["jobs"].values()]
        assert "secrets." not in path.read_text(encoding="utf-8")
    if "workflow_run" in found["on"]:
        assert COMMENT == path
        assert [] == [item["uses"] for item in steps(path) if "uses" in item], "it checks out nothing"


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_nothing_of_an_event_is_put_into_a_script(path: Path) -> None:
    """It would be run as shell. What a script needs it gets as an environment variable."""
    assert [] == [found for text in scripts(path) for found in _EXPRESSION.findall(text)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_every_job_ends(path: Path) -> None:
    for name, job in jobs(path).items():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 120, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_actions_are_githubs_awss_and_pulumis_of_one_version(path: Path) -> None:
    for item in (*jobs(path).values(), *steps(path)):
        used = item.get("uses", "")
        if used.startswith("./"):
            assert (ROOT / used).is_file()
        elif used:
            pinned = _PINNED.fullmatch(used)
            assert pinned, f"{used} names a commit, which nobody can move as a tag"
            assert pinned["owner"] in OWNERS


def test_an_action_is_the_same_commit_everywhere_and_says_which_version_that_is() -> None:
    said = {
        (used["what"], re.split(r"[: ]", used["said"].strip(" #"))[0])
        for path in WORKFLOWS
        for used in _USED.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(said) == len({what.partition("@")[0] for what, _ in said}) == 5
    assert [] == [what for what, version in said if not re.fullmatch(r"v\d+\.\d+\.\d+", version)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    for item in steps(path):
        if item.get("uses", "").startswith("actions/checkout@"):
            assert item["with"]["persist-credentials"] is False


@pytest.mark.parametrize("text", texts())
def test_shell_is_shell_and_stops_at_a_mistake(text: str) -> None:
    done = subprocess.run(["/bin/bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert "set -euo pipefail" in text or "\n" not in text.strip()


def test_every_script_that_is_called_is_there_and_can_be_run() -> None:
    called = {
        found for path in WORKFLOWS for text in scripts(path) for found in re.findall(r"\.(?:github|ci)/\w+", text)
    }
    assert {".ci/run", *(f".github/{path.name}" for path in SCRIPTS)} == called
    assert all(os.access(ROOT / name, os.X_OK) for name in called)


def test_every_target_that_is_called_is_one_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    called = {match["target"] for text in texts() for match in _MAKE.finditer(text)}
    assert {"build", "fuzz", "sandbox"} == called
    assert called <= targets


def ours(text: str) -> Iterator[tuple[str, ...]]:
    """The words after `python -m ops`, or after a function that stands for it, with variables filled in."""
    for line in text.replace("\\\n", " ").splitlines():
        for found in re.finditer(
            rf"(?:{' '.join(OURS)}|\b(?:of_base|ops)) ((?:preview|drill|sandbox)\b[^|;)>]*)", line
        ):
            words = found[1].replace("%s", "us").replace("\\n", " ").replace("```", " ").partition("' ")[0]
            words = re.sub(r'"\$\{(?:@:2|against\[@\])\}"', "failover" if "drill" in words else "", words)
            yield tuple(re.sub(r"\$\w+", "1", word) for word in shlex.split(words.replace('"', "")))


def test_every_command_of_ours_is_one_that_we_know() -> None:
    found = [words for text in texts() for words in ours(text)]
    assert {"preview", "drill", "sandbox"} == {words[0] for words in found}
    assert [] == [f"{' '.join(words)}: {said}" for words in found if (said := unknown(words))]


def test_a_command_of_ours_that_we_do_not_know_is_found() -> None:
    (words,) = ours('python -m ops preview "$cell" --brieff > out')
    assert "No such option" in unknown(words)


def test_cells_are_deployed_one_after_the_other_from_environments_of_their_names() -> None:
    found = jobs(GITHUB / "workflows" / "deploy.yml")
    assert ["test", *sorted(CELLS)] == list(found)
    assert "./.github/workflows/test.yml" == found["test"]["uses"]
    for place, cell in enumerate(sorted(CELLS), start=1):
        job, before = found[cell], list(found)[:place]
        assert before == ([job["needs"]] if isinstance(job["needs"], str) else job["needs"])
        assert {"cell": cell} == job["with"]
        assert "!failure()" in job["if"]
        assert "refs/heads/main" in job["if"]
    preview, deploy = (jobs(GITHUB / "workflows" / "deploy-cell.yml")[name] for name in ("preview", "deploy"))
    assert ("${{ inputs.cell }}", "preview") == (deploy["environment"], deploy["needs"])
    assert "environment" not in preview, "people see it before they approve"
    assert {"group": "deploy-${{ inputs.cell }}", "cancel-in-progress": False} == deploy["concurrency"]


@pytest.mark.parametrize(("job", "role"), [("preview", ci.PREVIEW), ("deploy", ci.DEPLOY)])
def test_the_roles_are_called_as_the_program_calls_them(job: str, role: str) -> None:
    (taken,) = (
        item["with"]
        for item in jobs(GITHUB / "workflows" / "deploy-cell.yml")[job]["steps"]
        if item.get("uses", "").startswith("aws-actions/")
    )
    name = Names(cell="us", place=GLOBAL).of(role)
    assert taken["role-to-assume"].replace("${{ inputs.cell }}", "us").endswith(f":role/{name}")
    assert ci.SESSION_SECONDS >= taken.get("role-duration-seconds", 3600)


def test_the_jobs_are_those_whose_identities_the_roles_trust() -> None:
    deploy = json.loads(ci_trust.deploy("1" * 12, "clinic/platform", "us"))["Statement"][0]["Condition"]
    assert "repo:clinic/platform:environment:us" in deploy["StringEquals"].values()
    assert ["main"] == read(GITHUB / "workflows" / "deploy.yml")["on"]["push"]["branches"]


def test_what_is_updated_is_what_was_previewed() -> None:
    path = GITHUB / "workflows" / "deploy-cell.yml"
    assert '--plan "$RUNNER_TEMP/plan.json"' in step(path, "Update")
    plan = (GITHUB / "plan").read_text(encoding="utf-8")
    for words in ("--policy-pack policies", '--save-plan "$plan"'):
        assert words in plan
    assert "--policy-pack policies" in step(path, "Update")
    compare = step(path, "Compare with what was approved")
    for planned, approved, status in (("a", "a", 0), ("a", "b", 1), ("", "", 1)):
        assert status == run(compare, PLANNED=planned, APPROVED=approved, CELL="us").returncode


def run(script: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """A step as the runner runs it."""
    environment = {**os.environ, **variables}
    return subprocess.run(  # noqa: S603 - our own step
        ["/bin/bash", "-e", "-c", script], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


PULUMI: Final = """#!/bin/sh
# Stands for Pulumi's CLI: a preview leaves a plan of one update.
for last; do :; done
case "$1" in preview) cp plan-given "$last" ;; esac
"""


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq, which GitHub's runners have")
def test_people_who_approve_see_each_resource_that_is_touched(tmp_path: Path) -> None:
    for name, text in (("pulumi", PULUMI), ("make", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "policies").mkdir()
    urn = "urn:pulumi:us::medical-platform::"
    plans: dict[str, dict[str, list[str]]] = {
        f"{urn}b::one": {"steps": ["update"]},
        f"{urn}b::two": {"steps": ["same"]},
        f"{urn}c::three": {},
    }
    variables = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    for content, status in ((plans, 0), (None, 1)):
        (tmp_path / "plan-given").write_text(json.dumps({"resourcePlans": content}), encoding="utf-8")
        done = run(f"{GITHUB / 'plan'} us s3://state plan.json", tmp_path, **variables)
        assert status == min(done.returncode, 1), done.stderr
    shown = (tmp_path / "summary").read_text(encoding="utf-8")
    assert "### Cell us\n| resource | step |\n| --- | --- |\n| `b one` | update |\n" == shown
    assert re.fullmatch(r"steps=[0-9a-f]{64}\n", (tmp_path / "output").read_text(encoding="utf-8"))


@pytest.mark.parametrize("cell", CELLS)
def test_account_region_and_state_are_read_from_the_stacks_file(cell: str) -> None:
    config = project.load(cell).config
    account, home, recovery = (
        config[f"medical-platform:{key}"] for key in ("accountId", "homeRegion", "recoveryRegion")
    )
    done = run(f".github/stack {cell}")
    assert {
        f"account={account}",
        f"region={home}",
        f"state=s3://medical-platform-state-{cell}-{account}?region={recovery}&awssdk=v2",
    } == set(done.stdout.splitlines())


def test_a_stacks_file_without_an_account_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    shutil.copy(GITHUB / "stack", tmp_path / ".github")
    (tmp_path / "Pulumi.us.yaml").write_text("config:\n  medical-platform:accountId: yours\n", encoding="utf-8")
    done = run(".github/stack us", tmp_path)
    assert 2 == done.returncode
    assert "accountId 'yours' is no account" in done.stderr


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one cell, and a commit on top that changes it: what a pull request is when it is merged."""
    folder = tmp_path_factory.mktemp("clone")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)
    for path, handlers in package.SETTINGS.values():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(package.content(handlers=handlers))
    (folder / ".venv").symlink_to(Path(sys.prefix))
    git = "git -c user.name=n -c user.email=e@example.com -c commit.gpgsign=false"
    stack = folder / "Pulumi.us.yaml"
    done = run(f"git init -q && git add -A && {git} commit -qm base", folder)
    assert 0 == done.returncode, done.stderr
    stack.write_text(f"{stack.read_text(encoding='utf-8')}  medical-platform:webMax: 9\n", encoding="utf-8")
    done = run(
        f"{git} commit -qam head && git worktree add -q --detach ../base HEAD^1 "
        f"&& ln -s {sys.prefix} ../base/.venv && cp -r build ../base/",
        folder,
    )
    assert 0 == done.returncode, done.stderr
    return folder


@pytest.fixture(scope="module")
def previewed(clone: Path) -> subprocess.CompletedProcess[str]:
    temp = clone.parent
    return run(step(PREVIEW, "Preview"), clone, RUNNER_TEMP=str(temp), GITHUB_STEP_SUMMARY=str(temp / "summary.md"))


@pytest.mark.slow("runs the workflow's own script over two checkouts, seven processes of the program")
def test_a_pull_request_is_told_what_it_changes(clone: Path, previewed: subprocess.CompletedProcess[str]) -> None:
    assert (0, "") == (previewed.returncode, previewed.stderr)
    out = clone.parent / "out"
    text = (out / "preview.txt").read_text(encoding="utf-8")
    assert re.match(r"cell us: 0 added, 0 removed, \d+ changed, 0 outputs\n  resources ", text)
    assert "!     maxSize: 6 -> 9\n" in text
    assert {"us-base.json", "us.html", "us.json", "us.txt"} == {path.name for path in (out / "pages").iterdir()}
    assert f"```diff\n{text}```\n" == (clone.parent / "summary.md").read_text(encoding="utf-8")


@pytest.mark.slow("runs the workflow's own script over two checkouts, seven processes of the program")
def test_a_cell_that_is_refused_fails_the_preview_and_says_why(
    clone: Path, previewed: subprocess.CompletedProcess[str]
) -> None:
    assert previewed.returncode == 0
    stack = clone / "Pulumi.us.yaml"
    kept = stack.read_text(encoding="utf-8")
    try:
        stack.write_text(kept.replace("webMax: 9", "webMax: 0"), encoding="utf-8")
        done = run(f".github/preview ../base {clone.parent / 'refused'}", clone)
    finally:
        stack.write_text(kept, encoding="utf-8")
    assert 1 == done.returncode
    text = (clone.parent / "refused" / "preview.txt").read_text(encoding="utf-8")
    assert "cell us: refused\n" in text
    assert "webMax = '0': must be a whole number between 1 and 100" in text


GH: Final = """#!/bin/sh
# Stands for GitHub's CLI: answers what the test has laid down, and keeps what it is told.
echo "$@" >> calls
case "$*" in
  *"/pulls "*) cat numbers ;;
  *"/artifacts --jq"*) echo 7 ;;
  *"/artifacts/7/zip"*) cat given.zip ;;
  *"/comments --jq"*) cat comments ;;
esac
"""


def commented(folder: Path, text: bytes, *, numbers: str = "12", comments: str = "") -> tuple[str, list[str]]:
    """What the steps of the comment's workflow post of `text`, and the calls that they make of GitHub."""
    folder.mkdir(parents=True)
    gh, output = folder / "gh", folder / "output"
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)
    (folder / "preview.txt").write_bytes(text)
    for name, content in (("numbers", numbers), ("comments", comments), ("output", "")):
        (folder / name).write_text(content, encoding="utf-8")
    shutil.make_archive(str(folder / "given"), "zip", folder, "preview.txt")
    given = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(output),
        "REPOSITORY": "clinic/platform",
        "RUN_ID": "1",
        "RUN_URL": "https://github.example/run",
        "CONCLUSION": "success",
        "HEAD_SHA": "a" * 40,
        "HEAD_OWNER": "stranger",
        "HEAD_BRANCH": "main",
        "MARKER": "<!-- preview of the medical platform -->",
    }
    done = run(step(COMMENT, "Find the pull request"), folder, **given)
    assert 0 == done.returncode, done.stderr
    number = output.read_text(encoding="utf-8").strip().partition("=")[2]
    for name in ("Fetch the text", "Comment") if number else ():
        done = run(step(COMMENT, name), folder, **given, NUMBER=number)
        assert 0 == done.returncode, done.stderr
    body = folder / "body"
    return body.read_text(encoding="utf-8") if body.exists() else "", (folder / "calls").read_text().splitlines()


needs_unzip = pytest.mark.skipif(shutil.which("unzip") is None, reason="needs unzip, which GitHub's runners have")


@needs_unzip
def test_a_comment_is_posted_once_and_then_updated_in_place(tmp_path: Path) -> None:
    body, calls = commented(tmp_path / "first", b"cell us: no difference\n")
    assert body.startswith("<!-- preview of the medical platform -->\n### Preview\n")
    assert body.endswith("```diff\ncell us: no difference\n\n```\n")
    assert "api --method POST repos/clinic/platform/issues/12/comments -F body=@body --silent" == calls[-1]
    _, calls = commented(tmp_path / "second", b"x", comments="34\n56\n")
    assert "api --method PATCH repos/clinic/platform/issues/comments/34 -F body=@body --silent" == calls[-1]


@needs_unzip
def test_a_strangers_text_stays_a_text_and_within_a_comment(tmp_path: Path) -> None:
    hostile = "```\n<img src=x onerror=alert(1)> @everyone [approve](https://evil.example)\x1b[31m\u202e\x00\n".encode()
    body, _ = commented(tmp_path / "hostile", hostile)
    assert 2 == body.count("```"), "its fence closes nothing"
    inside = body.partition("```diff\n")[2].partition("\n```")[0]
    assert inside.startswith("'''\n<img src=x")
    assert re.fullmatch(r"[\n -~]*", inside)
    body, _ = commented(tmp_path / "long", b"`" * 5_000_000)
    assert 60_000 < len(body) < 65_536


@pytest.mark.parametrize("numbers", ["", "12\n13", "12; rm -rf /"])
def test_nothing_is_told_where_the_event_names_no_single_pull_request(tmp_path: Path, numbers: str) -> None:
    body, calls = commented(tmp_path / "none", b"x", numbers=numbers)
    assert ("", 1) == (body, len(calls))
    assert "head=stranger:main" in calls[0]
