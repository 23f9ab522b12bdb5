"""Textract's blocks, as text and layout."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.documents import texts
from functions.documents.texts import Text
from tests.functions.arrivals import Json, line


def word(name: str, text: str) -> Json:
    return {"Id": name, "BlockType": "WORD", "Text": text, "Page": 1, "Confidence": 98.0}


def tick(name: str, *, ticked: bool) -> Json:
    state = "SELECTED" if ticked else "NOT_SELECTED"
    return {"Id": name, "BlockType": "SELECTION_ELEMENT", "SelectionStatus": state, "Page": 1, "Confidence": 97.0}


def block(name: str, kind: str, confidence: float = 96.0, **rest: Any) -> Json:  # noqa: ANN401 - a block's fields
    links = {
        relation: rest.pop(relation)
        for relation in ("CHILD", "VALUE", "MERGED_CELL", "TABLE_TITLE")
        if relation in rest
    }
    relations = [{"Type": relation, "Ids": ids} for relation, ids in links.items()]
    return {"Id": name, "BlockType": kind, "Page": 1, "Confidence": confidence, "Relationships": relations, **rest}


def cell(name: str, row: int, column: int, words: list[str], kind: str = "CELL", **rest: Any) -> Json:  # noqa: ANN401 - as above
    return block(name, kind, RowIndex=row, ColumnIndex=column, CHILD=words, **rest)


def layout(text: Text) -> Json:
    return json.loads(text.layout)


def test_lines_come_in_their_order_and_pages_are_parted_by_a_form_feed() -> None:
    blocks = [line("Name: Ann"), line("Blood: A+"), line("second page", page=2)]
    made = texts.extract(blocks, pages=2, model="1.0")
    assert "Name: Ann\nBlood: A+\n\fsecond page\n" == made.text.decode()


def test_a_page_without_text_keeps_its_place() -> None:
    made = texts.extract([line("third", page=3)], pages=3, model="1.0")
    assert "\f\fthird\n" == made.text.decode()
    assert [[], [], ["third"]] == [[item["text"] for item in page["lines"]] for page in layout(made)["pages"]]


def test_a_document_without_any_text_has_an_empty_text_and_no_confidence() -> None:
    made = texts.extract([], pages=1, model="1.0")
    assert b"" == made.text
    assert {"mean": None, "lowest": None} == layout(made)["confidence"]


def test_confidence_is_kept_for_each_line_and_for_the_whole() -> None:
    made = layout(texts.extract([line("a", confidence=90.0), line("b", confidence=99.5)], pages=1, model="2.1"))
    assert [90.0, 99.5] == [item["confidence"] for item in made["pages"][0]["lines"]]
    assert {"mean": 94.75, "lowest": 90.0} == made["confidence"]
    assert [0.1, 0.2, 0.3, 0.04] == made["pages"][0]["lines"][0]["box"]
    assert "2.1" == made["model"]


def test_a_table_keeps_its_cells_headers_and_title() -> None:
    blocks = [
        word("w1", "Dose"),
        word("w2", "5"),
        word("w3", "mg"),
        word("w4", "Plan"),
        block("title", "TABLE_TITLE", CHILD=["w4"]),
        cell("c2", 2, 1, ["w2", "w3"]),
        cell("c1", 1, 1, ["w1"], EntityTypes=["COLUMN_HEADER"]),
        block("t", "TABLE", CHILD=["c2", "c1"], TABLE_TITLE=["title"], confidence=91.234),
    ]
    table = layout(texts.extract(blocks, pages=1, model="1.0"))["pages"][0]["tables"][0]
    assert ("Plan", 2, 1, 91.23) == (table["title"], table["rows"], table["columns"], table["confidence"])
    assert [("Dose", True), ("5 mg", False)] == [(item["text"], item["header"]) for item in table["cells"]]


def test_merged_cells_stand_once_with_their_span() -> None:
    blocks = [
        word("w1", "Left"),
        word("w2", "right"),
        cell("c1", 1, 1, ["w1"]),
        cell("c2", 1, 2, ["w2"]),
        cell("c3", 2, 1, []),
        cell("m", 1, 1, ["c1", "c2"], kind="MERGED_CELL", RowSpan=1, ColumnSpan=2),
        block("t", "TABLE", CHILD=["c1", "c2", "c3"], MERGED_CELL=["m"]),
    ]
    table = layout(texts.extract(blocks, pages=1, model="1.0"))["pages"][0]["tables"][0]
    assert [("Left right", 2), ("", 1)] == [(item["text"], item["column_span"]) for item in table["cells"]]
    assert 2 == table["columns"]


def test_a_form_keeps_its_pairs_with_ticks_and_the_lower_confidence() -> None:
    blocks = [
        word("w1", "Smoker"),
        tick("s1", ticked=True),
        tick("s2", ticked=False),
        block("v1", "KEY_VALUE_SET", 71.0, EntityTypes=["VALUE"], CHILD=["s1", "s2"]),
        block("k1", "KEY_VALUE_SET", 95.0, EntityTypes=["KEY"], CHILD=["w1"], VALUE=["v1"]),
    ]
    fields = layout(texts.extract(blocks, pages=1, model="1.0"))["pages"][0]["fields"]
    assert [("Smoker", "[x] [ ]", 71.0)] == [(item["key"], item["value"], item["confidence"]) for item in fields]


def test_a_relation_to_a_block_that_is_missing_is_left_out() -> None:
    blocks = [block("k1", "KEY_VALUE_SET", EntityTypes=["KEY"], CHILD=["gone"], VALUE=["gone too"])]
    fields = layout(texts.extract(blocks, pages=1, model="1.0", partial=True))["pages"][0]["fields"]
    assert [("", "", None)] == [(item["key"], item["value"], item["value_box"]) for item in fields]


def test_a_partial_reading_says_so() -> None:
    assert layout(texts.extract([], pages=1, model="1.0", partial=True))["partial"]
    assert not layout(texts.extract([], pages=1, model="1.0"))["partial"]


@given(st.lists(st.tuples(st.integers(1, 4), st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))))
def test_no_line_is_lost_and_none_changes_its_page(lines: list[tuple[int, str]]) -> None:
    blocks = [{**line(text, page), "Id": str(number)} for number, (page, text) in enumerate(lines)]
    made = texts.extract(blocks, pages=4, model="1.0")
    pages = made.text.decode().split(texts.PAGE_BREAK)
    for page in range(1, 5):
        assert [text for number, text in lines if number == page] == pages[page - 1].split("\n")[:-1]
