"""What the program's own trail records, by its selectors as the local cloud reads them."""

from __future__ import annotations

from typing import Any

import pytest

from components.audit import rules
from components.audit.rules import Selector
from domain.naming import Names
from ops.sandbox.physics.trail import selectors as trail_selectors
from tests.support import ACCOUNT, HOME, RECOVERY

SIDES = {HOME: Names(cell="us", place="use2"), RECOVERY: Names(cell="us", place="usw2")}


def written(selector: Selector) -> dict[str, Any]:
    """A selector as CloudTrail keeps it."""
    words = {"Equals": "equals", "NotEquals": "not_equals", "StartsWith": "starts", "NotStartsWith": "not_starts"}
    return {
        "Name": selector.name,
        "FieldSelectors": [
            {"Field": name, **{word: list(getattr(test, part)) for word, part in words.items() if getattr(test, part)}}
            for name, test in selector.tests.items()
        ],
    }


def records(record: dict[str, Any], *, management: bool = True) -> bool:
    advanced = [written(item) for item in rules.selectors(SIDES, ACCOUNT, management=management)]
    return trail_selectors.selects([], advanced, record)


def touched(
    role: str, key: str = "k", name: str = "GetObject", *, cell: str = "us", place: str = "use2"
) -> dict[str, Any]:
    """A record of an object that was touched."""
    bucket = Names(cell=cell, place=place).bucket(role, ACCOUNT)
    return {
        "eventCategory": "Data",
        "eventName": name,
        "eventSource": "s3.amazonaws.com",
        "readOnly": name.startswith("Get"),
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
    }


@pytest.mark.parametrize("name", ["GetObject", "PutObject", "DeleteObject"])
@pytest.mark.parametrize("place", ["use2", "usw2"])
@pytest.mark.parametrize("role", ["uploads", "derived", "backups"])
def test_whoever_reads_or_writes_regulated_data_on_either_side_is_recorded(role: str, place: str, name: str) -> None:
    assert records(touched(role, name=name, place=place))


def test_another_cells_objects_are_not_recorded_here() -> None:
    assert not records(touched("uploads", cell="eu"))


def test_of_releases_only_changes_are_recorded() -> None:
    assert records(touched("releases", name="PutObject"))
    assert not records(touched("releases", name="GetObject"))


def test_evidence_that_is_read_or_forged_is_recorded_and_its_own_delivery_is_not() -> None:
    assert records(touched("audit", "trail/AWSLogs/f.json.gz", "GetObject"))
    assert records(touched("audit", "trail/AWSLogs/f.json.gz", "DeleteObject"))
    assert records(touched("audit", "erasures/e.json", "PutObject"))
    assert not records(touched("audit", "trail/AWSLogs/f.json.gz", "PutObject"))


def test_the_cells_functions_are_recorded_when_they_run() -> None:
    def run(function: str) -> dict[str, Any]:
        arn = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:{function}"
        found = {"eventCategory": "Data", "eventName": "Invoke", "eventSource": "lambda.amazonaws.com"}
        return {**found, "readOnly": False, "resources": [{"type": "AWS::Lambda::Function", "ARN": arn}]}

    assert records(run("medical-us-use2-documents-convert"))
    assert not records(run("medical-eu-euc1-documents-convert"))


def test_management_is_recorded_by_the_stack_that_owns_the_account_alone() -> None:
    record = {"eventCategory": "Management", "eventName": "PutKeyPolicy", "eventSource": "kms.amazonaws.com"}
    assert records({**record, "readOnly": False})
    assert not records({**record, "readOnly": False}, management=False)


@pytest.mark.parametrize(
    ("basic", "expected"),
    [
        ([], (True, False)),
        ([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}], (False, False)),
        ([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}], (True, False)),
        ([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}], (False, False)),
        (
            [
                {
                    "IncludeManagementEvents": False,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
                }
            ],
            (False, True),
        ),
    ],
)
def test_basic_selectors_are_read_too(basic: list[dict[str, Any]], expected: tuple[bool, bool]) -> None:
    read = {
        "eventCategory": "Management",
        "eventName": "ListKeys",
        "eventSource": "kms.amazonaws.com",
        "readOnly": True,
    }
    found = [trail_selectors.selects(basic, [], record) for record in (read, touched("uploads"))]
    assert expected == tuple(found)
