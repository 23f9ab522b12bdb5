"""The functions at work in the local cloud: the real handlers, fed from their queues."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from ops.sandbox.physics.functions.functions import POLL_SECONDS
from ops.sandbox.physics.functions.textract import MODEL
from ops.sandbox.physics.objects.scanning import EICAR
from tests.functions import files
from tests.physics.documents_cell import (
    LONGEST,
    RECEIVES,
    VISIBILITY,
    DocumentsCell,
    bucket,
    client,
    documents_cell,
)
from tests.support import HOME, RECOVERY

PICTURES = {"image.webp", "image.png", "thumbnail-256.webp", "thumbnail-1024.webp"}
TEXTS = {"text.txt", "layout.json"}


@pytest.fixture
def cell() -> Iterator[DocumentsCell]:
    with documents_cell() as made:
        made.world.begin(1)
        yield made


def letter(*pages: str) -> bytes:
    """A PDF with a line on each page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=595, height=842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    body = io.BytesIO()
    writer.write(body)
    assert len(pages) == len(PdfReader(body).pages)
    return body.getvalue()


def names(keys: list[str]) -> set[str]:
    return {key.rpartition("/")[2] for key in keys}


def test_a_picture_becomes_pictures_which_are_copied_to_the_other_side(cell: DocumentsCell) -> None:
    version = cell.put("consultations/7/scan", files.png())
    cell.world.advance(LONGEST)
    status = cell.status("consultations/7/scan", version)
    assert ("converted", "png") == (status["state"], status["kind"])
    assert PICTURES | TEXTS | {f"{version}.json"} == names(cell.keys(HOME))
    assert cell.keys(HOME) == cell.keys(RECOVERY)
    (news,) = cell.news()
    assert ("document.converted", "consultations/7/scan") == (news["event"], news["key"])
    assert [] == cell.news(RECOVERY), "the side that received it has told"


def test_a_document_of_two_pages_is_read_as_a_job(cell: DocumentsCell) -> None:
    version = cell.put("letter", letter("first", "second"))
    cell.world.advance(LONGEST)
    status = cell.status("letter", version)
    assert ("converted", "pdf", 2) == (status["state"], status["kind"], status["pages"])
    assert b"first\n\fsecond\n" == cell.body(HOME, f"texts/letter/{version}/text.txt")
    assert MODEL in cell.body(RECOVERY, f"texts/letter/{version}/layout.json").decode(), "and nobody takes it for real"


def test_a_document_of_one_page_is_read_at_once_and_a_picture_not_at_all(cell: DocumentsCell) -> None:
    version, picture = cell.put("letter", letter("only")), cell.put("picture", files.png())
    cell.world.advance(LONGEST)
    assert b"only\n" == cell.body(HOME, f"texts/letter/{version}/text.txt")
    assert b"" == cell.body(HOME, f"texts/picture/{picture}/text.txt")


def test_an_infected_file_is_refused_and_never_opened(cell: DocumentsCell) -> None:
    version = cell.put("letter", EICAR)
    cell.world.advance(LONGEST)
    status = cell.status("letter", version)
    assert ("refused", "infected", []) == (status["state"], status["reason_code"], status["outputs"])
    assert [f"status/letter/{version}.json"] == cell.keys(HOME)
    assert ["document.refused"] == [item["event"] for item in cell.news()]


def test_a_message_that_failed_comes_back_after_its_time_and_is_given_up_in_the_end(cell: DocumentsCell) -> None:
    client("sqs", HOME).send_message(QueueUrl=_url("convert"), MessageBody='{"detail-type": "nonsense"}')
    version = cell.put("letter", letter("only"))
    cell.world.advance(LONGEST)
    assert "converted" == cell.status("letter", version)["state"], "others of its batch are done with"
    assert 1 == len(_ran(cell)), "it is hidden until its time is over"
    cell.world.advance(VISIBILITY)
    assert 2 == len(_ran(cell))
    cell.world.advance(VISIBILITY)
    assert (RECEIVES, 0) == (len(_ran(cell)), len(cell.queue("convert")._messages))
    assert 1 == len(cell.queue("dead")._messages)


def test_a_function_that_cannot_begin_gives_all_messages_back(cell: DocumentsCell) -> None:
    client("lambda", HOME).update_function_configuration(FunctionName="convert", Environment={"Variables": {"A": "1"}})
    cell.put("letter", letter("only"))
    cell.world.advance(LONGEST)
    assert [{"region": HOME, "function": "convert", "error": "SettingsError"}] == cell.events("function-failed")[:1]
    assert 1 == len(cell.queue("convert")._messages)


def test_what_functions_say_is_in_their_log_groups_and_nowhere_else(
    cell: DocumentsCell, capfd: pytest.CaptureFixture[str]
) -> None:
    cell.put("letter", EICAR)
    cell.world.advance(LONGEST)
    logged = client("logs", HOME).filter_log_events(logGroupName="/documents/convert")["events"]
    assert "Refused" in {json.loads(item["message"]).get("message") for item in logged}
    assert ("", "") == capfd.readouterr()


def test_what_functions_count_is_in_cloudwatch(cell: DocumentsCell) -> None:
    cell.put("letter", EICAR)
    cell.world.advance(LONGEST)
    counted = cell.world.metrics.recent(HOME, "Medical", "Refused", {"service": "documents"}, LONGEST)
    assert [1] == [value for _, value in counted]


def test_what_is_deleted_for_good_takes_its_derivatives_along_and_leaves_a_record(cell: DocumentsCell) -> None:
    version = cell.put("letter", letter("only"))
    cell.world.advance(LONGEST)
    assert cell.keys(HOME)
    client("s3", HOME).delete_object(Bucket=bucket(HOME, "uploads"), Key="letter", VersionId=version)
    cell.world.advance(POLL_SECONDS)
    assert [] == cell.keys(HOME)
    (record,) = cell.keys(HOME, "audit")
    assert json.loads(cell.body(HOME, record, "audit"))["done"]
    assert 1 == len(cell.queue("erase")._messages), "it looks once more later"
    cell.world.advance(900 + 3 * POLL_SECONDS)
    assert 0 == len(cell.queue("erase")._messages)


def test_nothing_runs_in_a_dark_region_until_it_is_back(cell: DocumentsCell) -> None:
    client("sqs", HOME).send_message(QueueUrl=_url("convert"), MessageBody="{}")
    cell.world.faults.inject("region-dark", HOME)
    cell.world.advance(LONGEST)
    assert [] == _ran(cell)
    cell.world.faults.lift("region-dark", HOME)
    cell.world.advance(POLL_SECONDS)
    assert 1 == len(_ran(cell))


def test_empty_queues_cost_next_to_nothing(cell: DocumentsCell) -> None:
    def step() -> None:
        cell.world.scanning.step()
        cell.world.functions.step()

    start = time.process_time()
    cell.world.clock.advance(1000, step)
    assert 0.2 > time.process_time() - start


def _url(queue: str) -> str:
    return str(client("sqs", HOME).get_queue_url(QueueName=queue)["QueueUrl"])


def _ran(cell: DocumentsCell) -> list[dict[str, object]]:
    """Calls of the function with a message that failed."""
    return [facts for facts in cell.events("function-ran") if facts["failed"]]
