"""The release that instances run: what is packed, and what is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from components.web import package, release
from components.web.package import ReleaseError
from components.web.release import Release
from domain.regions import REGIONS
from ops import cli
from ops.engine import project, runner
from ops.engine.project import ROOT
from ops.engine.record import Request
from ops.engine.synthetic import Synthetic
from service import tls
from tests.support import CELLS

MEBIBYTE = 1024 * 1024
DIGEST = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def packed() -> Release:
    return release.starter(ROOT)


def checkout(folder: Path) -> Path:
    """A small checkout with a service of one file, pinned as this one is."""
    (folder / "service").mkdir(parents=True)
    (folder / "service" / "__init__.py").write_text("ANSWER = 42\n")
    shutil.copy(ROOT / package.REQUIREMENTS, folder)
    return folder


def names(of: Release) -> list[str]:
    assert of.path is not None
    with zipfile.ZipFile(of.path) as archive:
        return archive.namelist()


@pytest.mark.slow("packs the release's wheels twice")
def test_the_same_requirements_give_the_same_bytes_whatever_the_place_and_the_time(tmp_path: Path) -> None:
    first, second = checkout(tmp_path / "a"), checkout(tmp_path / "other" / "b")
    os.utime(second / "service" / "__init__.py", (0, 0))
    (second / "service" / "__init__.py").chmod(0o600)
    (second / "service" / "__pycache__").mkdir()
    (second / "service" / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"left by Python")
    (second / "service" / ".app.py.swp").write_bytes(b"left by an editor")
    one, other = release.starter(first), release.starter(second)
    assert one.sha256 == other.sha256
    assert one.path is not None
    assert other.path is not None
    assert one.path.read_bytes() == other.path.read_bytes()


@pytest.mark.slow("packs the release's wheels twice")
def test_a_changed_service_is_another_release(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    before = release.starter(root)
    (root / "service" / "__init__.py").write_text("ANSWER = 43\n")
    assert before.key != release.starter(root).key


def test_the_release_is_named_by_its_own_digest(packed: Release) -> None:
    assert packed.path is not None
    assert hashlib.sha256(packed.path.read_bytes()).hexdigest() == packed.sha256
    assert f"starter-{packed.sha256[:12]}.zip" == packed.key
    assert ROOT / "build" == packed.path.parent


@pytest.mark.slow("packs the release's wheels twice")
def test_whoever_may_read_the_checkout_may_read_what_was_packed(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    release.starter(root)
    assert {0o644} == {path.stat().st_mode & 0o777 for path in (root / "build").iterdir()}


def test_a_packed_release_is_found_again_quickly(packed: Release) -> None:
    seconds = []
    for _ in range(3):  # the quickest counts: other tests run beside this one
        started = time.perf_counter()
        again = release.starter(ROOT)
        seconds.append(time.perf_counter() - started)
        assert packed == again
    assert 0.1 > min(seconds), "every preview asks for it, twice a cell"


@pytest.mark.slow("packs the release's wheels twice")
def test_a_spoilt_file_is_packed_again(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    whole = release.starter(root)
    assert whole.path is not None
    content = whole.path.read_bytes()
    whole.path.write_bytes(content[:-1])
    release.starter(root)
    assert content == whole.path.read_bytes()


def test_the_unpacked_release_alone_has_everything_that_the_service_imports(packed: Release, tmp_path: Path) -> None:
    assert packed.path is not None
    with zipfile.ZipFile(packed.path) as archive:
        archive.extractall(tmp_path)
    modules = [f"service.{path.stem}" for path in (ROOT / "service").glob("[a-z]*.py")]
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import importlib
for module in {[*modules, "service.__main__", "uvicorn", "uvicorn.protocols.http.h11_impl"]!r}:
    importlib.import_module(module)
import botocore.session
session = botocore.session.Session()
keys = dict(aws_access_key_id="none", aws_secret_access_key="none")
for service in {sorted(package.AWS_SERVICES)!r}:
    session.create_client(service, region_name="us-east-2", **keys)
assert not [path for path in sys.path if "site-packages" in path], "the standard library and the release, no more"
"""
    ran = subprocess.run(  # noqa: S603 - this interpreter, on the lines above
        [sys.executable, "-I", "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (0, "") == (ran.returncode, ran.stderr)


def test_the_release_has_nothing_but_what_runs(packed: Release) -> None:
    paths = [PurePosixPath(name) for name in names(packed)]
    assert not [path for path in paths if path.parts[0] == "tests"]
    assert not [path for path in paths if path.suffix in {".pyc", ".so", ".pyi"} or "__pycache__" in path.parts]
    assert not [path for path in paths if path.is_absolute() or ".." in path.parts]
    described = {path.parts[2] for path in paths if path.parts[:2] == ("botocore", "data") and len(path.parts) > 3}
    assert {"kms", "s3", "secretsmanager", "sns", "sqs", "sts"} == described
    assert {"service/__main__.py", "botocore/data/endpoints.json", "six.py"} <= {str(path) for path in paths}


def test_the_release_is_small(packed: Release) -> None:
    assert packed.path is not None
    assert 5 * MEBIBYTE > packed.path.stat().st_size


def test_the_closure_follows_the_markers_of_the_instances_not_of_this_machine() -> None:
    found = {distribution.name.lower() for distribution in package.closure(("redis", "uvicorn"))}
    assert {"redis", "uvicorn", "click", "h11"} == found, "async-timeout is for older Pythons, colorama for Windows"


def test_what_is_not_installed_is_refused_with_the_way_out() -> None:
    with pytest.raises(ReleaseError, match=r"no-such-distribution.*run pulumi install"):
        package.closure(("no-such-distribution",))


def test_an_installed_version_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    pins = root / package.REQUIREMENTS
    pins.write_text(pins.read_text().replace(f"redis=={metadata.version('redis')}", "redis==0.0.1"))
    with pytest.raises(ReleaseError, match=r"redis .* is installed and requirements.txt pins 0\.0\.1"):
        release.starter(root)


class Counting:
    """Counts what it is asked to make."""

    unknown_outputs = False

    def __init__(self) -> None:
        """Start at none."""
        self.created = 0
        self._engine = Synthetic()

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """Count it and make it."""
        self.created += 1
        return self._engine.create(request)


def previewed(home: str, recovery: str, jurisdiction: str) -> str:
    """What a preview of these regions is refused with; empty if it is not."""
    overrides = {"homeRegion": home, "recoveryRegion": recovery, "jurisdiction": jurisdiction}
    engine = Counting()
    try:
        runner.run(project.load("us", overrides=overrides), engine)
    except ReleaseError as error:
        assert 0 == engine.created, "nothing is made before the refusal"
        return str(error)
    assert engine.created, "the count can rise"
    return ""


def test_a_region_whose_databases_the_starter_could_not_believe_is_refused_before_anything_is_made() -> None:
    message = previewed("ca-central-1", "ca-west-1", "CA")
    assert message.startswith("ca-west-1: the starter release cannot run there")
    assert "RDS certificate authorities of these regions: af-south-1, " in message
    assert "choose one of them, or set release to a release of your own" in message
    assert previewed("ca-west-1", "ca-central-1", "CA").startswith("ca-west-1: "), "home as well"
    assert "" == previewed("us-west-2", "us-east-2", "US"), "and no other"


def test_a_users_own_release_may_run_in_any_region() -> None:
    overrides = {"homeRegion": "ca-central-1", "recoveryRegion": "ca-west-1", "jurisdiction": "CA"}
    own = {**overrides, "release": f"web.zip@sha256:{DIGEST}"}
    assert runner.run(project.load("us", overrides=own), Synthetic()).registrations


def test_the_command_line_refuses_it_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("homeRegion=ca-central-1", "recoveryRegion=ca-west-1", "jurisdiction=CA")
    status = cli.main(["preview", "us", *(word for text in asked for word in ("--set", text))])
    printed = capsys.readouterr()
    assert (2, "") == (status, printed.out)
    assert printed.err.startswith("error: ca-west-1: the starter release cannot run there")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("cell", CELLS)
def test_the_starter_runs_in_every_region_of_the_shipped_stacks(cell: str) -> None:
    config = project.load(cell).config
    places = [config[f"medical-platform:{key}"] for key in ("homeRegion", "recoveryRegion")]
    assert release.starter(ROOT) == release.starter(ROOT, places)


def test_the_starter_is_refused_exactly_where_the_service_has_no_authorities() -> None:
    refused = set()
    for name in REGIONS:
        try:
            release.starter(ROOT, (name,))
        except ReleaseError:
            refused.add(name)
    assert set(REGIONS) - set(tls.rds_authorities()) == refused
    assert {"ca-west-1", "il-central-1", "mx-central-1"} == refused


def distribution(folder: Path, *files: str) -> metadata.Distribution:
    """An installed distribution that has `files`."""
    info = folder / "demo-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in (*files, "demo-1.0.dist-info/METADATA")))
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    return metadata.PathDistribution(info)


def test_a_compiled_module_is_left_out_only_where_the_same_stands_in_python(tmp_path: Path) -> None:
    compiled = "demo/fast.cpython-311-x86_64-linux-gnu.so"
    both = distribution(tmp_path / "both", compiled, "demo/fast.py")
    assert {"demo/fast.py", "demo-1.0.dist-info/METADATA"} == {name for name, _ in package.distribution_files(both)}
    alone = distribution(tmp_path / "alone", compiled)
    with pytest.raises(ReleaseError, match=r"demo has demo/fast.*compiled for one machine"):
        list(package.distribution_files(alone))


def test_the_users_own_release_is_named_by_key_and_digest() -> None:
    assert Release(key="web/1.4.2.zip", sha256=DIGEST) == release.parse(f"web/1.4.2.zip@sha256:{DIGEST}")


@pytest.mark.parametrize(
    "text",
    ["web.zip", f"@sha256:{DIGEST}", "web.zip@sha256:0123", f"web.zip@sha256:{DIGEST}\n", f"-x@sha256:{DIGEST}", ""],
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError, match="must be <key in the releases bucket>@sha256:<64 hex digits>"):
        release.parse(text)


def test_the_name_that_the_service_shows_is_never_too_long_for_it() -> None:
    long = Release(key="web/" + "a" * 200, sha256=DIGEST)
    assert 64 == len(long.name)
    assert "web.zip" == Release(key="web.zip", sha256=DIGEST).name
