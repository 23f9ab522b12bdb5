"""The scanner of uploads in the local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.sandbox.physics.objects.scanning import EICAR, INFECTED
from tests.physics.documents_cell import LONGEST, DocumentsCell, bucket, client, documents_cell
from tests.support import HOME, RECOVERY

CLEAN = "NO_THREATS_FOUND"


@pytest.fixture
def cell() -> Iterator[DocumentsCell]:
    with documents_cell() as made:
        for region in (HOME, RECOVERY):  # what is told waits in its queue
            for item in client("lambda", region).list_event_source_mappings()["EventSourceMappings"]:
                client("lambda", region).delete_event_source_mapping(UUID=item["UUID"])
        yield made


def told(cell: DocumentsCell, region: str = HOME) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in cell.queue("convert", region)._messages]


@pytest.mark.parametrize(("data", "result"), [(b"a letter", CLEAN), (b"a letter with " + EICAR, INFECTED)])
def test_an_upload_is_scanned_after_a_while_tagged_and_told_of(cell: DocumentsCell, data: bytes, result: str) -> None:
    cell.world.begin(1)
    version = cell.put("letter", data)
    cell.world.advance(1)
    assert cell.tag("letter") is None, "the scan takes a while"
    cell.world.advance(LONGEST)
    assert result == cell.tag("letter")
    (event,) = told(cell)
    assert ("aws.guardduty", HOME) == (event["source"], event["region"])
    detail = event["detail"]
    place = detail["s3ObjectDetails"]
    assert (bucket(HOME, "uploads"), "letter", version) == (place["bucketName"], place["objectKey"], place["versionId"])
    assert result == detail["scanResultDetails"]["scanResultStatus"]


def test_a_replica_is_scanned_where_it_arrives(cell: DocumentsCell) -> None:
    cell.world.begin(1)
    cell.put("letter", b"a letter")
    cell.world.advance(LONGEST)
    assert CLEAN == cell.tag("letter", RECOVERY)
    assert 1 == len(told(cell, RECOVERY))


def test_nothing_is_scanned_where_nobody_asked_for_it(cell: DocumentsCell) -> None:
    cell.world.begin(1)
    client("s3", HOME).put_object(Bucket=bucket(HOME, "derived"), Key="texts/letter", Body=EICAR)
    cell.world.advance(LONGEST)
    assert [] == cell.events("scanned")


def test_what_stood_before_the_beginning_is_scanned_once(cell: DocumentsCell) -> None:
    cell.put("letter", b"a letter")
    assert cell.tag("letter") is None
    cell.world.begin(1)
    cell.world.advance(LONGEST)
    assert CLEAN == cell.tag("letter")
    cell.world.begin(2)
    cell.world.advance(LONGEST)
    assert [] == cell.events("scanned"), "it carries the scanner's word already"


def test_a_dark_region_scans_nothing_until_it_is_back(cell: DocumentsCell) -> None:
    cell.world.begin(1)
    cell.put("letter", b"a letter")
    cell.world.faults.inject("region-dark", HOME)
    cell.world.advance(LONGEST)
    assert cell.tag("letter") is None
    cell.world.faults.lift("region-dark", HOME)
    cell.world.advance(1)
    assert CLEAN == cell.tag("letter")


def test_a_version_that_is_gone_is_not_told_of(cell: DocumentsCell) -> None:
    cell.world.begin(1)
    version = cell.put("letter", b"a letter")
    client("s3", HOME).delete_object(Bucket=bucket(HOME, "uploads"), Key="letter", VersionId=version)
    cell.world.advance(LONGEST)
    assert [] == told(cell)
