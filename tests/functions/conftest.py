"""A side of the platform for the functions, without any of AWS."""

from __future__ import annotations

import io
import logging
from collections.abc import Generator

import pytest
from moto import mock_aws

from functions.documents import entry
from tests.functions import stage as stages
from tests.functions.arrivals import REGION
from tests.functions.stage import Stage


@pytest.fixture
def log() -> Generator[io.StringIO]:
    """What the functions log: their logger writes where standard output was when it was made."""
    stream = io.StringIO()
    handler = entry.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    yield stream
    if before:
        handler.setStream(before)


@pytest.fixture
def runtime_log() -> Generator[io.StringIO]:
    """What every library would log in Lambda, whose runtime listens at the root; at the most talkative level."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def stage(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Generator[Stage]:
    """A side with nothing uploaded, whose Textract answers only what a test tells it to."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        made = stages.made(log)
        with made.stubber:
            yield made
            made.stubber.assert_no_pending_responses()
