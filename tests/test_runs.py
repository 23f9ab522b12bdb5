"""Runs of the program that processes share: what invalidates one, and what is in it."""

from __future__ import annotations

import os
import pickle
import shutil
import stat
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ops.engine.project import ROOT
from ops.engine.record import Program, Registration, Secret, reveal
from tests import runs
from tests.support import CELLS, whole

EMPTY = Program(stack="us", registrations=(), exports={})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Files where the program has its own, one in each place."""
    for source in runs.SOURCES:
        place = tmp_path / source
        file = place if place.suffix else place / "part.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("FIGURE = 1\n")
    return tmp_path


@pytest.mark.parametrize("source", runs.SOURCES)
def test_a_changed_source_asks_for_a_new_run_and_the_old_text_for_the_old_one(checkout: Path, source: str) -> None:
    before = runs.sources(checkout)
    file = checkout / source if Path(source).suffix else checkout / source / "part.py"
    file.write_text("FIGURE = 2\n")
    assert before != runs.sources(checkout)
    file.write_text("FIGURE = 1\n")
    assert before == runs.sources(checkout)


def test_a_new_source_and_one_of_another_name_ask_for_a_new_run(checkout: Path) -> None:
    before = runs.sources(checkout)
    (checkout / "domain" / "new.py").write_text("")
    added = runs.sources(checkout)
    shutil.move(checkout / "domain" / "new.py", checkout / "domain" / "newer.py")
    assert 3 == len({before, added, runs.sources(checkout)})


def test_what_python_compiles_does_not(checkout: Path) -> None:
    before = runs.sources(checkout)
    (checkout / "domain" / "__pycache__").mkdir()
    (checkout / "domain" / "__pycache__" / "part.pyc").write_bytes(b"compiled")
    assert before == runs.sources(checkout)


def test_every_package_that_the_program_may_import_is_among_the_sources() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    never = {"bench", "ops", "policies"}
    assert never == packages - set(runs.SOURCES), "which it never imports, but for the engine under it"
    assert "ops/engine" in runs.SOURCES


def test_a_run_is_kept_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "version" / "key.pickle"
    made = runs.kept(place, lambda: EMPTY)
    assert EMPTY == made
    assert EMPTY == runs.kept(place, lambda: pytest.fail("it stands already"))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (place.parent, place)]
    assert [0o700, 0o600] == modes


def test_a_run_of_sources_that_changed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    place = tmp_path / "version" / "key.pickle"
    assert EMPTY == runs.kept(place, lambda: EMPTY, lambda: False)
    assert not place.exists()


def test_a_run_that_fails_is_not_kept_and_lets_the_next_one_try(tmp_path: Path) -> None:
    place = tmp_path / "version" / "key.pickle"

    def refused() -> Program:
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        runs.kept(place, refused)
    assert EMPTY == runs.kept(place, lambda: EMPTY)


def test_who_asks_while_another_works_it_out_waits_for_that_one(tmp_path: Path) -> None:
    place = tmp_path / "version" / "key.pickle"
    begun = threading.Event()
    made: list[int] = []

    def slowly() -> Program:
        made.append(threading.get_ident())
        begun.set()
        assert not second.is_alive() or made == [first.ident], "the second one waits"
        return EMPTY

    first = threading.Thread(target=lambda: runs.kept(place, slowly))
    second = threading.Thread(target=lambda: (begun.wait(), runs.kept(place, slowly)))
    second.start()
    first.start()
    first.join()
    second.join()
    assert 1 == len(made)


def test_only_the_last_versions_of_the_sources_are_kept(tmp_path: Path) -> None:
    for place in range(runs.VERSIONS_KEPT + 2):
        runs.kept(tmp_path / f"version-{place}" / "key.pickle", lambda: EMPTY)
        os.utime(tmp_path / f"version-{place}", (place, place))
    runs.kept(tmp_path / "version-now" / "key.pickle", lambda: EMPTY)
    found = {path.name for path in tmp_path.iterdir()}
    assert {"version-3", "version-4", "version-now"} == found


def secrets(value: object) -> list[Secret]:
    """Every secret in `value`."""
    if isinstance(value, Secret):
        return [value]
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in secrets(item)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [found for item in value for found in secrets(item)]
    return []


@pytest.mark.parametrize("cell", CELLS)
def test_no_secret_is_kept_but_a_mark_in_its_place(cell: str) -> None:
    passwords = whole(cell).of_type("random:index/randomPassword:RandomPassword")
    assert passwords
    for item in passwords:
        assert {f"${{{item.name}.result}}", f"${{{item.name}.bcryptHash}}"} == {
            reveal(item.outputs[name]) for name in ("result", "bcryptHash")
        }
        assert 2 == len(secrets(item.outputs)), "they are secret where they are real"


def test_what_is_read_back_is_what_was_run() -> None:
    def told(item: Registration) -> str:
        """All of it in clear, but for the addresses in memory of what is uploaded."""
        return repr({name: value for name, value in vars(item).items() if name not in {"inputs", "outputs"}})

    program = whole("us")
    again = pickle.loads(pickle.dumps(program))  # noqa: S301 - from the line above
    assert [told(item) for item in program.registrations] == [told(item) for item in again.registrations]
    assert [set(item.inputs) for item in program.registrations] == [set(item.inputs) for item in again.registrations]
    assert reveal(program.exports) == reveal(again.exports)
