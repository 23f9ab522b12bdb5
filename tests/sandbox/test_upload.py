"""`sandbox upload`: a file put into a cell's bucket, followed to its end over HTTP, and what is said of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.refusal import RefusalError
from ops.sandbox.cells import control
from ops.sandbox.cells.state import Standing, StateFolder
from ops.sandbox.cli import app
from ops.sandbox.physics.functions.textract import MODEL
from ops.sandbox.physics.objects.scanning import EICAR
from ops.sandbox.remote import LocalWorld
from ops.sandbox.uploads import command as upload_command
from ops.sandbox.uploads.upload import Uploads
from tests.functions import files
from tests.physics.documents_cell import CELL, DocumentsCell, bucket, client, documents_cell
from tests.support import ACCOUNT, HOME, RECOVERY

PATIENCE = 120


class Watch:
    """A wall clock that only sleepers turn."""

    def __init__(self) -> None:
        """Zero."""
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def cell() -> Iterator[DocumentsCell]:
    with documents_cell() as made:
        yield made


@pytest.fixture
def served(cell: DocumentsCell) -> Iterator[tuple[Standing, Uploads]]:
    """The cell, served as `sandbox up` leaves it: its clock follows the wall clock."""
    watch = Watch()
    local = LocalWorld(cell.world, monotonic=watch)
    local.follow()
    server = control.serve(local)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    standing = Standing(
        cell=CELL,
        instance="test",
        pid=1,
        endpoint_url=f"http://{server.host}:{server.port}",
        account=ACCOUNT,
        home_region=HOME,
        resources=0,
        since="",
        until="",
    )
    yield standing, Uploads(standing, sleep=watch.sleep, monotonic=watch)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(served: tuple[Standing, Uploads], tmp_path: Path) -> Callable[..., int]:
    def upload(data: bytes, *, side: str = "home", patience: float = PATIENCE, as_json: bool = True) -> int:
        file = tmp_path / "Röntgen 1.bin"
        file.write_bytes(data)
        errand = upload_command.Errand(file=file, cell=CELL, side=side, journey="consultations", patience=patience)
        return upload_command.carry_out(served[0], errand, as_json=as_json, uploads=served[1])

    return upload


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


def test_a_picture_is_converted_and_copied(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(files.png())
    told = answer(capsys)
    assert ("converted", "png", "NO_THREATS_FOUND") == (told["state"], told["kind"], told["scan"])
    assert ("home", HOME, RECOVERY, True) == (told["side"], told["region"], told["copied_to"], told["copied"])
    assert told["key"].startswith("consultations/")
    assert told["key"].endswith("/R-ntgen-1.bin"), "a key that needs no quoting"
    outputs = {item["key"].rpartition("/")[2]: item for item in told["objects"]}
    assert {"image.webp", "image.png", "text.txt", "layout.json", f"{told['version']}.json"} < set(outputs)
    assert len(files.png()) == outputs["R-ntgen-1.bin"]["size"]
    assert MODEL == told["text"], "and nobody takes it for Textract's"


@pytest.mark.slow("has a cell's functions convert, scan and copy over HTTP")
def test_a_document_of_two_pages_is_told_in_words(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], cell: DocumentsCell
) -> None:
    assert 0 == run(files.pdf(2), side="recovery", as_json=False)
    said = capsys.readouterr()
    assert "converted: pdf, 2 pages, scanned NO_THREATS_FOUND" in said.out
    assert f"copied to {HOME}: {bucket(HOME, 'uploads')}" in said.out
    assert MODEL in said.out
    assert "its text is being read" in said.err
    assert cell.keys(HOME) == cell.keys(RECOVERY)


@pytest.mark.slow("has a cell's functions convert, scan and copy over HTTP")
def test_an_infected_file_is_refused_with_its_reason(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload_command.UNCONVERTED == run(EICAR)
    told = answer(capsys)
    assert ("refused", "infected", "THREATS_FOUND") == (told["state"], told["reason_code"], told["scan"])
    assert told["reason"]
    assert upload_command.UNCONVERTED == run(EICAR, as_json=False)
    assert "why: infected: " in capsys.readouterr().out


@pytest.mark.slow("has a cell's functions convert, scan and copy over HTTP")
def test_what_does_not_end_in_time_is_told_with_what_to_look_at(
    run: Callable[..., int], cell: DocumentsCell, capsys: pytest.CaptureFixture[str]
) -> None:
    for item in client("lambda", HOME).list_event_source_mappings()["EventSourceMappings"]:
        client("lambda", HOME).delete_event_source_mapping(UUID=item["UUID"])
    assert upload_command.LATE == run(files.png(), patience=20)
    said = capsys.readouterr()
    assert "dead letters" in said.err
    assert ("NO_THREATS_FOUND", None) == (json.loads(said.out)["scan"], json.loads(said.out)["state"])
    assert [] == cell.keys(HOME)


@pytest.mark.slow("has a cell's functions convert, scan and copy over HTTP")
def test_copies_that_do_not_arrive_in_time_are_named(
    run: Callable[..., int], cell: DocumentsCell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell.world.faults.inject("replication-stalled", RECOVERY)
    assert upload_command.LATE == run(EICAR, patience=60, as_json=False)
    said = capsys.readouterr()
    assert "refused, and not yet copied to us-west-2" in said.err
    assert "    status/consultations/" in said.err
    assert "" == said.out


def test_a_side_that_does_not_answer_is_told_in_words(run: Callable[..., int], cell: DocumentsCell) -> None:
    cell.world.faults.inject("region-dark", HOME)
    with pytest.raises(ConnectionError, match="does not answer as it should"):
        run(EICAR)


def test_a_cell_without_recovery_has_nothing_to_copy_and_no_such_side(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    for role in ("uploads", "derived"):
        client("s3", HOME).delete_bucket_replication(Bucket=bucket(HOME, role))
    with pytest.raises(RefusalError, match="no recovery side"):
        run(EICAR, side="recovery")
    assert upload_command.UNCONVERTED == run(EICAR)
    assert answer(capsys)["copied_to"] is None


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("{file}", "--cell", "us"), 1, "does not stand"),
        (("{file}", "--cell", "uss"), 2, "no cell 'uss'"),
        (("{file}",), 2, "--cell"),
        (("/nowhere", "--cell", "us"), 2, "is no file"),
        (("{file}", "--cell", "us", "--side", "left"), 2, "--side"),
        (("{file}", "--cell", "us", "--journey", "travels"), 2, "--journey"),
        (("{file}", "--cell", "us", "--patience", "0"), 2, "--patience"),
    ],
)
def test_a_mistake_on_the_command_line_is_refused(
    folder: StateFolder, tmp_path: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    (tmp_path / "a.png").write_bytes(files.png())
    done = CliRunner().invoke(app, ["upload", *(word.format(file=tmp_path / "a.png") for word in words)])
    assert status == done.exit_code
    assert told in done.stderr
    assert {} == folder.standing()
