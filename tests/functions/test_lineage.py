"""Where outputs lie and what they say of their origin."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.documents import lineage
from functions.documents.lineage import Source

KEY, VERSION = "consultations/2026/Befund Müller.pdf", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
KEYS = st.text(min_size=1, max_size=1024).filter(lambda key: len(key.encode(errors="replace")) <= 1024)
VERSIONS = st.text("abcXYZ019._", min_size=1, max_size=32)


def source(key: str = KEY) -> Source:
    return Source(bucket="us-uploads", key=key, version=VERSION, sha256="ab" * 32, size=5)


def test_keys_are_those_of_the_contract() -> None:
    assert f"texts/{KEY}/{VERSION}/text.txt" == lineage.text_key(KEY, VERSION, "text.txt")
    assert f"images/{KEY}/{VERSION}/thumbnail-256.webp" == lineage.image_key(KEY, VERSION, "thumbnail-256.webp")
    assert f"status/{KEY}/{VERSION}.json" == lineage.status_key(KEY, VERSION)


def test_all_outputs_of_a_version_are_known_beforehand_and_the_status_is_last() -> None:
    keys = lineage.output_keys(KEY, VERSION)
    assert len(lineage.TEXT_NAMES) + len(lineage.IMAGE_NAMES) + 1 == len(set(keys))
    assert lineage.status_key(KEY, VERSION) == keys[-1]


@pytest.mark.parametrize("name", ["image.gif", "../text.txt", ""])
def test_a_name_that_is_no_output_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no output"):
        lineage.image_key(KEY, VERSION, name)
    with pytest.raises(ValueError, match="is no output"):
        lineage.text_key(KEY, VERSION, name)


@pytest.mark.parametrize(("key", "version"), [("", VERSION), (KEY, ""), (KEY, "a/b")])
def test_half_an_origin_is_refused(key: str, version: str) -> None:
    with pytest.raises(ValueError, match="S3 gives both"):
        lineage.status_key(key, version)


def test_an_upload_named_after_another_ones_outputs_shares_none_of_them() -> None:
    mine, theirs = (set(lineage.output_keys(key, VERSION)) for key in ("a", f"a/{VERSION}"))
    assert mine.isdisjoint(theirs)


@given(KEYS, KEYS, VERSIONS, VERSIONS)
def test_other_keys_or_versions_never_share_an_output(one: str, other: str, first: str, second: str) -> None:
    same = (one, first) == (other, second)
    shared = set(lineage.output_keys(one, first)) & set(lineage.output_keys(other, second))
    assert same == bool(shared)


@pytest.mark.parametrize("key", ["k" * 1024, "ü" * 512, "x" * 800, "x" * 801])
def test_outputs_of_the_longest_keys_fit_into_s3(key: str) -> None:
    assert max(len(made.encode()) for made in lineage.output_keys(key, "v" * 32)) <= 1024


def test_long_keys_that_begin_alike_are_kept_apart() -> None:
    assert lineage.status_key("k" * 1000 + "a", VERSION) != lineage.status_key("k" * 1000 + "b", VERSION)


@given(KEYS)
def test_metadata_is_ascii_and_fits_into_s3(key: str) -> None:
    metadata = lineage.object_metadata(source(key))
    assert all((name + value).isascii() for name, value in metadata.items())
    assert sum(len(name) + len(value) for name, value in metadata.items()) <= 2048


def test_metadata_repeats_the_lineage() -> None:
    metadata = lineage.object_metadata(source())
    assert metadata["source-key"] == "consultations/2026/Befund%20M%C3%BCller.pdf"
    assert (VERSION, "ab" * 32, "us-uploads") == tuple(
        metadata[f"source-{name}"] for name in ("version", "sha256", "bucket")
    )
    assert f"documents/{lineage.VERSION} pillow/" in metadata["tool"]


def test_a_key_too_long_for_metadata_is_given_as_its_hash() -> None:
    metadata = lineage.object_metadata(source("ü" * 500))
    assert "source-key" not in metadata
    assert hashlib.sha256(("ü" * 500).encode()).hexdigest() == metadata["source-key-sha256"]


def test_tools_are_those_that_are_installed() -> None:
    tools = lineage.tools()
    assert Image.__version__ == tools["pillow"]
    assert {"documents", "pillow-heif", "libheif", "pydicom", "webp", "libjpeg_turbo"} <= set(tools)
    assert all(tools.values())


def test_sha256_is_the_usual_one_in_hex() -> None:
    assert lineage.sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
