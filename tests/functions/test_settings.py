"""What the functions' environment must say."""

from __future__ import annotations

import pytest

from functions.documents import settings as environment
from functions.documents.images import Format
from functions.documents.kinds import Kind
from functions.documents.settings import SettingsError
from tests.functions.arrivals import variables


def test_a_full_environment_is_read_into_types() -> None:
    settings = environment.load(variables(IMAGE_FORMATS="webp, jpeg", TEXT_FORMATS="pdf", MAX_PAGES="3000"))
    assert {Format.WEBP, Format.JPEG} == settings.image_formats
    assert {Kind.PDF} == settings.text_kinds
    assert ("TABLES", "FORMS") == settings.text_features
    assert 3000 == settings.limits.max_pages
    assert 5_000_000 == settings.limits.max_bytes


@pytest.mark.parametrize("name", variables())
def test_a_missing_variable_is_refused_by_its_name(name: str) -> None:
    given = variables()
    del given[name]
    with pytest.raises(SettingsError, match=name):
        environment.load(given)


@pytest.mark.parametrize("name", variables())
def test_an_empty_variable_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        environment.load(variables(**{name: " "}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BYTES", "many"),
        ("MAX_BYTES", "0"),
        ("MAX_BYTES", "500000001"),  # more than a job of Textract takes
        ("MAX_PAGES", "3001"),  # as above
        ("MAX_PIXELS", "-1"),
        ("MAX_PIXELS", "²"),
        ("IMAGE_FORMATS", "webp,gif"),
        ("TEXT_FORMATS", "pdf,dicom"),
        ("TEXT_FEATURES", "QUERIES"),
        ("TOPICS", "[]"),
        ("TOPICS", "{"),
        ("TOPICS", '{"consultations": 1}'),
        ("TOPICS", '{"payments": "arn"}'),  # nowhere to tell of an upload that names no journey
    ],
)
def test_a_senseless_value_is_refused_by_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        environment.load(variables(**{name: value}))


def test_text_of_all_kinds_that_textract_reads_is_wanted_unless_said_otherwise() -> None:
    assert {Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG} == environment.load(variables()).text_kinds
    assert frozenset() == environment.load(variables(TEXT_FORMATS="")).text_kinds


def test_news_go_to_the_journey_that_the_key_names_or_else_to_consultations() -> None:
    settings = environment.load(variables(TOPICS='{"consultations": "c", "payments": "p"}'))
    assert "p" == settings.topic_of("payments/7/invoice.pdf")
    assert "c" == settings.topic_of("consultations/7/report.pdf")
    assert "c" == settings.topic_of("payments.pdf")
    assert "c" == settings.topic_of("elsewhere/payments/x.pdf")
