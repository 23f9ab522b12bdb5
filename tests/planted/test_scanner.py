"""The scanner finds a value that is leaked, in each of the ways in which it may be written."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from pathlib import Path
from typing import Final

import pytest

from ops.engine.record import Secret
from tests.planted import scanner

PLANTED: Final = 'Pl4nted!<&>%+=?:#)(*^-_{}[]x/"\u00e9'


@pytest.mark.parametrize("name", scanner.ENCODINGS)
@pytest.mark.parametrize(
    "around", [(b"", b""), (b"a", b"b"), (b'{"password": "', b'"}\n'), (b"\0" * 1001, b"\xff" * 7)]
)
def test_a_value_that_is_leaked_is_found_in_each_encoding(name: str, around: tuple[bytes, bytes]) -> None:
    for form in scanner.ENCODINGS[name](PLANTED):
        assert name in scanner.shows(form.join(around), PLANTED)


def test_base64_of_a_text_that_holds_it_is_found_wherever_it_begins() -> None:
    for lead in range(7):
        text = base64.b64encode(("x" * lead + PLANTED + "y" * 5).encode())
        assert "base64" in scanner.shows(b"data: " + text, PLANTED), lead
    assert [] == scanner.shows(base64.b64encode(b"something else that is long enough"), PLANTED)


def test_it_is_found_in_archives_files_and_names(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", f"a{PLANTED}b")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "function.zip").write_bytes(packed.getvalue())
    (tmp_path / "log.gz").write_bytes(gzip.compress(PLANTED.encode()))
    (tmp_path / "plain.log").write_text(f"error: {PLANTED}", encoding="utf-8")
    (tmp_path / "clean.log").write_text("nothing", encoding="utf-8")
    (tmp_path / "named-Sesame99.txt").write_text("", encoding="utf-8")
    found = scanner.in_folder(tmp_path, PLANTED)
    assert ["deep/function.zip", "log.gz", "plain.log"] == [line.partition(":")[0] for line in found]
    (named,) = scanner.in_folder(tmp_path, "Sesame99")
    assert named.startswith("named-Sesame99.txt: as it is")


def test_what_is_not_marked_as_secret_is_looked_at_and_what_is_marked_is_not() -> None:
    tree = {"a": [Secret(PLANTED), {"b": f"x{PLANTED}"}], "c": Secret({"d": PLANTED})}
    assert 1 == sum("as it is" in scanner.shows(text, PLANTED) for text in scanner.open_texts(tree))
