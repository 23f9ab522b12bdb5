"""The package that Lambda runs: what goes into it, that its bytes depend on nothing else, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from bench import imports
from ops import cli
from ops.build import archive, contents, pins, report, target, wheels, work
from ops.build.packages import DOCUMENTS, PACKAGES, ROTATION
from ops.build.report import Part, Report
from ops.engine.project import ROOT
from ops.refusal import RefusalError
from tests.wheels import ANY, ARM, CODE, cache, checkout, package, pin, wheel

Capture = pytest.CaptureFixture[str]
SOURCE = b"ANSWER = 42\n" * 100


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pip is pointed at an empty folder instead of an index, and nothing of the person's own configuration counts."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    (tmp_path / "shelf").mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    monkeypatch.setenv("CI", "true")


def small(root: Path) -> Path:
    """A checkout whose two wheels are already in its cache."""
    seed = wheel(cache(root), "seed", {"seed/__init__.py": SOURCE, "seed.libs/libseed.so.1": b"\x7fELF" * 50})
    soil = wheel(cache(root), "soil", {"soil.py": b"DEEP = True\n"}, tag=ANY)
    return checkout(root, seed, soil)


def built(root: Path) -> Report:
    (found,) = work.run(work.Options(root=root, as_json=True), io.StringIO(), [DOCUMENTS])
    return found


def names(of: Report) -> list[str]:
    with zipfile.ZipFile(of.path) as opened:
        return opened.namelist()


def refusal(root: Path) -> str:
    with pytest.raises(RefusalError) as refused:
        built(root)
    return refused.value.message


def test_the_same_inputs_give_the_same_bytes_whatever_the_place_the_time_and_the_rights(tmp_path: Path) -> None:
    first, second = small(tmp_path / "a"), tmp_path / "other" / "b"
    (second / "build").mkdir(parents=True)
    cache(first).rename(cache(second))
    checkout(second, *cache(second).glob("*.whl"))
    cache(first).symlink_to(cache(second))
    for path in [*second.rglob("*.py"), *cache(second).iterdir()]:
        os.utime(path, (0, 0))
        path.chmod(0o600)
    assert built(first).path.read_bytes() == built(second).path.read_bytes()


def test_another_byte_of_our_code_gives_another_package(tmp_path: Path) -> None:
    root = small(tmp_path)
    before = built(root)
    (root / "functions/documents/handler.py").write_bytes(b"changed = True\n")
    after = built(root)
    assert before.digest != after.digest
    assert after.content == after.path.read_bytes()


def test_a_member_keeps_the_bytes_that_its_maker_compressed(tmp_path: Path) -> None:
    root = small(tmp_path)
    (given,) = [file for file in archive.members(next(cache(root).glob("seed*"))) if file.name == "seed/__init__.py"]
    (found,) = [file for file in archive.members(built(root).path) if file.name == "seed/__init__.py"]
    assert given == found
    assert len(given.packed) < given.size


def test_every_member_says_the_first_day_and_that_everybody_may_read_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(built(small(tmp_path)).path) as opened:
        entries = opened.infolist()
        assert SOURCE == opened.read("seed/__init__.py")
    assert sorted(entry.filename for entry in entries) == [entry.filename for entry in entries]
    assert {(1980, 1, 1, 0, 0, 0)} == {entry.date_time for entry in entries}
    assert {0o100644} == {entry.external_attr >> 16 for entry in entries}
    assert {b""} == {entry.extra + entry.comment for entry in entries}


def test_the_package_can_be_imported_as_lambda_does(tmp_path: Path) -> None:
    package = built(small(tmp_path)).path
    program = "from functions.documents import handler; import seed; print(handler.handler({}, None), seed.ANSWER)"
    said = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(package)!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "{'batchItemFailures': []} 42\n" == said.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("numpy/__init__.py", "numpy/__init__.py"),
        ("numpy.libs/libopenblas-1b.so", "numpy.libs/libopenblas-1b.so"),
        ("pillow.libs/libtiff-0c.so.6.3.0", "pillow.libs/libtiff-0c.so.6.3.0"),
        ("numpy/testing/__init__.py", "numpy/testing/__init__.py"),
        ("seed-1.0.data/platlib/seed/core.so", "seed/core.so"),
        ("pydicom-3.0.2.dist-info/METADATA", "pydicom-3.0.2.dist-info/METADATA"),
        ("numpy-2.dist-info/licenses/a/LICENSE.md", "numpy-2.dist-info/licenses/a/LICENSE.md"),
        ("aws_xray_sdk-2.dist-info/NOTICE", "aws_xray_sdk-2.dist-info/NOTICE"),
        ("pydicom/data/urls.json", "pydicom/data/urls.json"),
        ("pydicom/data/test_files/CT_small.dcm", None),
        ("pydicom-3.0.2.dist-info/RECORD", None),
        ("seed-1.0.data/scripts/seed", None),
        ("numpy/_core/tests/test_umath.py", None),
        ("numpy/_core/lib/libnpymath.a", None),
        ("numpy/_core/include/numpy/arrayobject.h", None),
        ("numpy/__init__.pyi", None),
        ("wrapt/_wrappers.c", None),
        ("PIL/py.typed", None),
        ("PIL/__pycache__/Image.cpython-313.pyc", None),
        ("numpy/", None),
    ],
)
def test_what_lambda_runs_is_taken_and_the_rest_is_left(name: str, expected: str | None) -> None:
    assert expected == contents.place(name)


@pytest.mark.parametrize("name", ["/etc/passwd", "../handler.py", "a/../../b.py", "..\\b.py"])
def test_a_wheel_that_leads_out_of_the_package_is_refused(name: str) -> None:
    with pytest.raises(RefusalError, match="leads out of the package"):
        contents.place(name)


def test_of_our_code_tests_caches_and_leftovers_stay_out(tmp_path: Path) -> None:
    kept = {**CODE, "functions/documents/tests_of_kinds.py": b""}
    left = [
        "functions/documents/__pycache__/handler.cpython-313.pyc",
        "functions/documents/tests/test_handler.py",
        "functions/documents/.handler.py.swp",
        "functions/documents/handler.py~",
        "functions/documents/handler.py.orig",
        "functions/requirements.in",
        "functions/other/__init__.py",
    ]
    checkout(tmp_path, code={**kept, **dict.fromkeys(left, b"left")})
    assert kept == contents.code(tmp_path, DOCUMENTS)


def test_the_manifest_inside_names_versions_and_hashes_and_no_time_or_place(tmp_path: Path) -> None:
    found = built(small(tmp_path))
    with zipfile.ZipFile(found.path) as opened:
        manifest: dict[str, Any] = json.loads(opened.read(work.MANIFEST))
    (seed,) = cache(tmp_path).glob("seed*")
    assert {"architecture", "code", "packages", "python"} == set(manifest)
    assert ("3.13", "arm64") == (manifest["python"], manifest["architecture"])
    assert ["seed", "soil"] == [package["name"] for package in manifest["packages"]]
    assert {
        "name": "seed",
        "version": "1.0",
        "wheel": seed.name,
        "sha256": hashlib.sha256(seed.read_bytes()).hexdigest(),
    } == manifest["packages"][0]
    assert str(tmp_path) not in json.dumps(manifest)


def test_a_missing_wheel_is_fetched_once_and_then_never_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = wheel(tmp_path / "shelf", "seed", {"seed.py": SOURCE})
    wheel(tmp_path / "shelf", "seed", {"seed.py": b"of another machine"}, tag="cp313-cp313-win_amd64")
    root = checkout(tmp_path / "root", seed)
    first = built(root)
    assert [seed.name] == [path.name for path in cache(root).iterdir()]
    monkeypatch.setattr(sys, "executable", "/no/python/may/be/run")
    assert first.digest == built(root).digest


def test_a_wheel_that_cannot_be_fetched_is_refused_with_the_way_out(tmp_path: Path) -> None:
    gone = wheel(tmp_path / "elsewhere", "seed", {"seed.py": SOURCE})
    root = checkout(tmp_path / "root", gone)
    message = refusal(root)
    assert message.startswith("pip could not fetch seed 1.0: ")
    assert f"copy *.whl into {cache(root)} from a machine where make build has run" in message
    assert [] == list(cache(root).iterdir())
    assert not (root / work.FOLDER).exists()


def test_what_is_not_as_pinned_is_never_used(tmp_path: Path) -> None:
    seed = wheel(tmp_path / "shelf", "seed", {"seed.py": SOURCE})
    root = checkout(tmp_path / "root", seed)
    wheel(tmp_path / "shelf", "seed", {"seed.py": b"tampered with"})
    assert "is not what functions/requirements.txt pins, so it is not used" in refusal(root)
    assert [] == list(cache(root).iterdir())


def test_a_broken_file_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    seed = wheel(tmp_path / "shelf", "seed", {"seed.py": SOURCE})
    root = checkout(tmp_path / "root", seed)
    cache(root).mkdir(parents=True)
    (cache(root) / seed.name).write_bytes(seed.read_bytes()[:99])
    assert "seed.py" in names(built(root))
    assert seed.read_bytes() == (cache(root) / seed.name).read_bytes()


def test_an_address_that_pip_names_is_kept_out_of_the_refusal(tmp_path: Path) -> None:
    wanted = pins.Pin(name="seed", version="1.0", hashes=frozenset({"0" * 64}))
    message = wheels._refusal(
        DOCUMENTS, [wanted], tmp_path, "ERROR: no https://me:secret@packages.example/simple/seed here\n"
    )
    assert "secret" not in message
    assert "packages.example" not in message
    assert "no (address) here" in message


def test_a_python_without_pip_is_told_where_one_with_it_is(tmp_path: Path) -> None:
    assert "has no pip: run make build" in wheels._refusal(
        DOCUMENTS, [], tmp_path, "/usr/bin/python3: No module named pip\n"
    )


@pytest.mark.parametrize(
    ("better", "worse"),
    [(ARM, ANY), (ARM, "cp313-cp313-manylinux_2_17_aarch64"), (ARM, "cp39-abi3-manylinux2014_aarch64")],
)
def test_of_two_pinned_wheels_the_one_for_the_target_is_taken(better: str, worse: str, tmp_path: Path) -> None:
    paths = [wheel(tmp_path, "seed", {"seed.py": tag.encode()}, tag=tag) for tag in (worse, better)]
    hashes = frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    found = wheels.held(pins.Pin(name="seed", version="1.0", hashes=hashes), tmp_path)
    assert found is not None
    assert paths[1] == found.path


@pytest.mark.parametrize(
    "tag",
    [
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_28_aarch64",
        "cp313-cp313t-manylinux_2_28_aarch64",
        "cp313-cp313-musllinux_1_2_aarch64",
        "cp313-cp313-manylinux_2_39_aarch64",
    ],
)
def test_a_wheel_for_another_machine_or_python_does_not_count(tag: str, tmp_path: Path) -> None:
    path = wheel(tmp_path, "seed", {"seed.py": SOURCE}, tag=tag)
    wanted = pins.Pin(name="seed", version="1.0", hashes=frozenset({hashlib.sha256(path.read_bytes()).hexdigest()}))
    assert wheels.held(wanted, tmp_path) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed>=1.0 --hash=sha256:" + "a" * 64, "'seed>=1.0' with 1 hashes"),
        ("seed==1.0", "'seed==1.0' with 0 hashes"),
        ("seed==1.0 --hash=md5:abc", "has 'seed==1.0 --hash=md5:abc'"),
        ("--index-url somewhere", "has '--index-url somewhere'"),
        ("", "pins nothing"),
        (f"seed==1.0 --hash=sha256:{'a' * 64}\nSeed==2.0 --hash=sha256:{'b' * 64}", "pins seed more than once"),
    ],
)
def test_a_requirement_that_leaves_anything_open_is_refused(line: str, said: str, tmp_path: Path) -> None:
    checkout(tmp_path)
    (tmp_path / DOCUMENTS.requirements).write_text(f"# a comment\n{line}\n")
    message = refusal(tmp_path)
    assert said in message
    assert "write it with make lock" in message


def test_a_checkout_without_requirements_or_code_is_refused(tmp_path: Path) -> None:
    assert "functions/requirements.txt cannot be read" in refusal(tmp_path / "nothing")
    root = checkout(tmp_path / "bare", code={"functions/__init__.py": b""})
    (root / DOCUMENTS.requirements).write_text(pin(wheel(cache(root), "seed", {})))
    assert "is not a Python package: build from a whole checkout" in refusal(root)


def test_two_packages_with_the_same_file_are_refused(tmp_path: Path) -> None:
    paths = [wheel(cache(tmp_path), name, {"shared.py": name.encode()}) for name in ("seed", "soil")]
    assert "shared.py comes from two packages" in refusal(checkout(tmp_path, *paths))


def test_a_wheel_that_hides_our_code_is_refused(tmp_path: Path) -> None:
    path = wheel(cache(tmp_path), "seed", {"functions/documents/handler.py": b"theirs"})
    assert "functions/documents/handler.py comes from two packages" in refusal(checkout(tmp_path, path))


def test_a_pinned_wheel_that_is_broken_inside_is_refused(tmp_path: Path) -> None:
    path = wheel(cache(tmp_path), "seed", {"seed.py": SOURCE})
    content = bytearray(path.read_bytes())
    place = content.index(b"seed.py") + len("seed.py") + 4
    content[place] ^= 0xFF
    path.write_bytes(content)
    assert "the package does not unpack at" in refusal(checkout(tmp_path, path))


def test_what_is_no_zip_or_compressed_otherwise_is_refused(tmp_path: Path) -> None:
    no_zip = tmp_path / "seed.whl"
    no_zip.write_bytes(b"<html>not found</html>")
    with pytest.raises(RefusalError, match="is no wheel"):
        list(archive.members(no_zip))
    with zipfile.ZipFile(tmp_path / "other.whl", "w", zipfile.ZIP_BZIP2) as opened:
        opened.writestr("seed.py", SOURCE)
    with pytest.raises(RefusalError, match=r"holds seed.py by method 12, and Lambda takes what is stored or deflated"):
        list(archive.members(tmp_path / "other.whl"))


def test_lambdas_limit_is_kept_to_the_byte() -> None:
    part = Part(name="seed", version="1.0", wheel="", sha256="", files=1, zipped=1, unzipped=300 * report.MEBIBYTE)
    report.check((part,), report.UNZIPPED_LIMIT, DOCUMENTS.required)
    with pytest.raises(RefusalError, match=r"250\.0 MiB.*require less in functions/requirements\.in.*seed with 300\.0"):
        report.check((part,), report.UNZIPPED_LIMIT + 1, DOCUMENTS.required)


def test_a_package_above_the_limit_leaves_the_one_before_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = built(small(tmp_path))
    (tmp_path / "functions/documents/handler.py").write_bytes(b"# more\n")
    monkeypatch.setattr(report.check, "__defaults__", (10,))
    assert "Lambda allows 0.0 MiB" in refusal(tmp_path)
    assert before.content == before.path.read_bytes()


@pytest.mark.parametrize(("size", "expected"), [(50 * 1024 * 1024, "direct"), (50 * 1024 * 1024 + 1, "s3")])
def test_above_50_mib_zipped_the_way_leads_through_s3(size: int, expected: str) -> None:
    assert expected == Report(path=Path("p.zip"), content=bytes(size), parts=(), unzipped=size).upload


def test_more_files_than_a_zip_counts_are_refused() -> None:
    many = [archive.stored(str(number), b"") for number in range(65_536)]
    assert 65_535 == struct.unpack("<H", archive.pack(many[1:])[-12:-10])[0]
    with pytest.raises(RefusalError, match="65536 files"):
        archive.pack(many)


def test_the_answer_says_sizes_beside_lambdas_limits(tmp_path: Path) -> None:
    out = io.StringIO()
    (found,) = work.run(work.Options(root=small(tmp_path)), out, [DOCUMENTS])
    said = out.getvalue()
    assert re.search(r"(?m)^seed 1\.0 +0\.0 MiB unzipped$", said)
    assert f"{found.path}  sha256 {hashlib.sha256(found.path.read_bytes()).hexdigest()}" in said
    assert "unzipped of 250 MiB" in said
    assert "zipped of 50 MiB for a direct upload: Lambda takes it directly" in said


def test_in_json_every_size_adds_up(tmp_path: Path) -> None:
    found = built(small(tmp_path))
    said = json.loads(json.dumps(found.as_json()))
    with zipfile.ZipFile(found.path) as opened:
        manifest = opened.getinfo(work.MANIFEST).file_size
        assert sum(entry.file_size for entry in opened.infolist()) == said["unzippedBytes"]
    assert said["unzippedBytes"] == manifest + sum(part["unzippedBytes"] for part in said["parts"])
    assert found.path.stat().st_size == said["zippedBytes"]
    assert ["functions/documents", "seed", "soil"] == [part["name"] for part in said["parts"]]


def test_progress_is_silent_in_ci_and_on_standard_error_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    root = small(tmp_path)
    built(root)
    assert ("", "") == tuple(capsys.readouterr())
    monkeypatch.setenv("CI", "")
    built(root)
    assert ("", "packing 2 wheels\n") == tuple(capsys.readouterr())


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    root = small(tmp_path / "root")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RefusalError, match=r"documents\.zip cannot be written: .*free it, or give --out DIR"):
        work.run(work.Options(root=root, out=tmp_path / "file"), io.StringIO(), [DOCUMENTS])
    (found,) = work.run(work.Options(root=root, out=tmp_path / "out"), io.StringIO(), [DOCUMENTS])
    assert tmp_path / "out" / "documents.zip" == found.path
    assert [found.path] == list((tmp_path / "out").iterdir())


def test_the_command_refuses_for_people_and_for_machines(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    gone = replace(DOCUMENTS, requirements="functions/no-such-file.txt")
    monkeypatch.setattr(work.run, "__defaults__", ([gone],))
    assert 2 == cli.main(["build"])
    out, err = capsys.readouterr()
    assert ("", True) == (out, err.startswith("error: functions/no-such-file.txt cannot be read"))
    assert 2 == cli.main(["build", "--json"])
    assert {"error", "problems"} == set(json.loads(capsys.readouterr().out))
    assert 2 == cli.main(["build", "--out", ""])
    assert "names no file or folder" in capsys.readouterr().err


def test_what_tests_run_is_what_lambda_runs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = re.findall(r"(?m)^([a-z][^\s#]+)", (ROOT / DOCUMENTS.required).read_text())
    assert sorted(wanted) == sorted(need for need in extras["functions"] if Requirement(need).name != "boto3")
    tested = dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (ROOT / "requirements-dev.txt").read_text()))
    shipped = {found.name: found.version for package in PACKAGES for found in pins.read(ROOT, package.requirements)}
    assert shipped == {name: tested[name] for name in shipped}


def test_what_lambdas_runtime_brings_is_not_shipped() -> None:
    shipped = {found.name for package in PACKAGES for found in pins.read(ROOT, package.requirements)}
    assert set() == shipped & {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
    assert {Requirement(line).name for line in ("pillow", "pillow-heif", "pydicom", "pypdf", "numpy")} <= shipped


def test_what_rotates_passwords_brings_no_more_than_it_needs() -> None:
    assert ["pymysql", "redis"] == [found.name for found in pins.read(ROOT, ROTATION.requirements)]
    held = contents.code(ROOT, ROTATION)
    assert {"functions/rotation/handler.py", "functions/rotation/certificates/us-east-2.pem"} <= set(held)
    assert not [name for name in held if name.startswith("functions/documents")]


def test_the_lock_is_made_for_what_the_package_is_built_for() -> None:
    recipe = (ROOT / "Makefile").read_text()
    assert f"--python-version {'.'.join(map(str, target.PYTHON))} " in recipe
    (packaged,) = re.findall(r"(?m)^PACKAGED := (.+)$", recipe)
    assert [package.requirements.removesuffix(".txt") for package in PACKAGES] == packaged.split()
    assert f"--python-platform aarch64-{target.PLATFORMS[0].removesuffix('_aarch64')} " in recipe


def test_import_times_are_summed_by_package_without_what_they_import_in_turn() -> None:
    said = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:       500 |        500 |     numpy._core\n"
        "import time:      1500 |       2000 |   numpy\n"
        "import time:       250 |        250 |   json.decoder\n"
        "import time:       750 |       3000 | functions.documents\n"
    )
    assert {"numpy": 0.002, "the standard library": 0.00025, "functions": 0.00075} == imports.by_package(said)


def test_a_tiny_package_stands_in_for_the_real_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(package(tmp_path)) as opened:
        assert "functions/documents/handler.py" in opened.namelist()
