"""Textract's blocks become plain text, and a layout with tables, forms and confidence. Pure.

Confidence is Textract's, in percent. Boxes are left, top, width and height as shares of the page, rounded to a tenth of
a thousandth: 0.3 mm of an A3 page is finer than any use of them, and half the size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Block = Mapping[str, Any]
Json = dict[str, Any]

PAGE_BREAK: Final = "\f"
_TICKED: Final = {"SELECTED": "[x]", "NOT_SELECTED": "[ ]"}
_HEADER: Final = "COLUMN_HEADER"
_SCHEMA: Final = 1


@dataclass(frozen=True, kw_only=True)
class Text:
    """What is written. `text`: lines in reading order, pages parted by a form feed; `layout`: JSON."""

    text: bytes
    layout: bytes
    pages: int


def extract(blocks: Iterable[Block], *, pages: int, model: str, partial: bool = False) -> Text:
    """Text and layout of a document of `pages` pages; `partial`: some of them could not be read."""
    known = _Blocks(blocks)
    made = [_page(known, number) for number in range(1, pages + 1)]
    confidences = [line["confidence"] for page in made for line in page["lines"]]
    layout = {
        "schema": _SCHEMA,
        "model": model,
        "partial": partial,
        "confidence": {
            "mean": round(sum(confidences) / len(confidences), 2) if confidences else None,
            "lowest": min(confidences, default=None),
        },
        "pages": made,
    }
    text = PAGE_BREAK.join("".join(f"{line['text']}\n" for line in page["lines"]) for page in made)
    return Text(
        text=text.encode(),
        layout=json.dumps(layout, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n",
        pages=pages,
    )


class _Blocks:
    """Blocks by type and page, and what each leads to."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._by_id: dict[str, Block] = {}
        self._by_place: dict[tuple[str, int], list[Block]] = {}
        for block in blocks:
            self._by_id[block["Id"]] = block
            # A document of one page, read at once, names no page.
            self._by_place.setdefault((block["BlockType"], block.get("Page", 1)), []).append(block)

    def on(self, page: int, kind: str) -> list[Block]:
        """The blocks of a kind on a page, in Textract's order, which is the order of reading."""
        return self._by_place.get((kind, page), [])

    def led_to(self, block: Block, relation: str) -> Iterator[Block]:
        """What a block has by this relation. A page that could not be read leaves relations to nothing."""
        for item in block.get("Relationships") or ():
            if item["Type"] == relation:
                yield from (self._by_id[name] for name in item["Ids"] if name in self._by_id)

    def text(self, block: Block) -> str:
        """The words below a block, with ticks as [x] and [ ]."""
        return " ".join(filter(None, map(_word, self.led_to(block, "CHILD"))))


def _word(block: Block) -> str:
    if block["BlockType"] == "SELECTION_ELEMENT":
        return _TICKED.get(block["SelectionStatus"], "")
    return block.get("Text", "")


def _page(known: _Blocks, number: int) -> Json:
    return {
        "page": number,
        "lines": [{"text": line["Text"], **_where(line)} for line in known.on(number, "LINE")],
        "tables": [_table(known, table) for table in known.on(number, "TABLE")],
        "fields": [
            _field(known, block)
            for block in known.on(number, "KEY_VALUE_SET")
            if "KEY" in (block.get("EntityTypes") or ())
        ],
    }


def _where(block: Block) -> Json:
    box = block.get("Geometry", {}).get("BoundingBox")
    sides = box and [round(box[side], 4) for side in ("Left", "Top", "Width", "Height")]
    return {"confidence": round(block.get("Confidence", 0.0), 2), "box": sides}


def _table(known: _Blocks, table: Block) -> Json:
    merged = list(known.led_to(table, "MERGED_CELL"))
    covered = {cell["Id"] for block in merged for cell in known.led_to(block, "CHILD")}
    plain = [cell for cell in known.led_to(table, "CHILD") if cell["BlockType"] == "CELL"]
    cells = [_cell(known, cell, [cell]) for cell in plain if cell["Id"] not in covered]
    cells += [_cell(known, block, list(known.led_to(block, "CHILD"))) for block in merged]
    titles = known.led_to(table, "TABLE_TITLE")
    return {
        "title": " ".join(known.text(title) for title in titles) or None,
        "rows": max((cell["RowIndex"] for cell in plain), default=0),
        "columns": max((cell["ColumnIndex"] for cell in plain), default=0),
        "cells": sorted(cells, key=lambda cell: (cell["row"], cell["column"])),
        **_where(table),
    }


def _cell(known: _Blocks, place: Block, parts: list[Block]) -> Json:
    """A cell: its place from one block, its words from its parts, which are many in a merged one."""
    return {
        "row": place["RowIndex"],
        "column": place["ColumnIndex"],
        "row_span": place.get("RowSpan", 1),
        "column_span": place.get("ColumnSpan", 1),
        "header": any(_HEADER in (part.get("EntityTypes") or ()) for part in (place, *parts)),
        "text": " ".join(filter(None, map(known.text, parts))),
        **_where(place),
    }


def _field(known: _Blocks, key: Block) -> Json:
    """A pair of a form. `confidence` is the lower of the two: a sure name with an unsure value is unsure."""
    values = list(known.led_to(key, "VALUE"))
    confidence = min(block.get("Confidence", 0.0) for block in (key, *values))
    return {
        "key": known.text(key),
        "value": " ".join(filter(None, map(known.text, values))),
        "confidence": round(confidence, 2),
        "key_box": _where(key)["box"],
        "value_box": _where(values[0])["box"] if values else None,
    }
