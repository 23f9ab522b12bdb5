"""What the functions' environment tells them: read once, typed, refused if missing or senseless. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from functions.documents.images import Format
from functions.documents.kinds import TEXT_KINDS, Kind
from functions.documents.limits import Limits

DEFAULT_JOURNEY: Final = "consultations"
"""Where the news of an upload go whose key names no journey."""

# Amazon Textract's quotas for asynchronous operations (PDF and TIFF).
_TEXTRACT_BYTES: Final = 500_000_000
_TEXTRACT_PAGES: Final = 3000
_FEATURES: Final = ("TABLES", "FORMS", "LAYOUT")
_ALL_TEXT_KINDS: Final = ",".join(sorted(TEXT_KINDS))
_FORMATS: Final = {"webp": Format.WEBP, "jpeg": Format.JPEG, "jpg": Format.JPEG, "png": Format.PNG}


class SettingsError(ValueError):
    """The environment is not what the functions need."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One side's buckets, key and topics, and what is made from an upload.

    `topics`: ARN by journey. `text_kinds`: sources that are read by Textract, with `text_features`. `image_formats`:
    the full-size pictures that are written.
    """

    uploads: str
    derived: str
    audit: str
    key_arn: str
    topics: Mapping[str, str]
    textract_topic_arn: str
    textract_role_arn: str
    limits: Limits
    image_formats: frozenset[Format]
    text_kinds: frozenset[Kind]
    text_features: tuple[str, ...]

    def topic_of(self, key: str) -> str:
        """The topic of the journey that the first part of a source key names, or of consultations."""
        return self.topics.get(key.partition("/")[0], self.topics[DEFAULT_JOURNEY])


def load(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises SettingsError, which names the variable."""
    return Settings(
        uploads=_word(environment, "UPLOADS_BUCKET"),
        derived=_word(environment, "DERIVED_BUCKET"),
        audit=_word(environment, "AUDIT_BUCKET"),
        key_arn=_word(environment, "KEY_ARN"),
        topics=_topics(environment),
        textract_topic_arn=_word(environment, "TEXTRACT_TOPIC_ARN"),
        textract_role_arn=_word(environment, "TEXTRACT_ROLE_ARN"),
        limits=Limits(
            max_bytes=_number(environment, "MAX_BYTES", most=_TEXTRACT_BYTES),
            max_pixels=_number(environment, "MAX_PIXELS"),
            max_pages=_number(environment, "MAX_PAGES", most=_TEXTRACT_PAGES),
        ),
        image_formats=frozenset(
            _FORMATS[name] for name in _names(environment, "IMAGE_FORMATS", tuple(_FORMATS), at_least_one=True)
        ),
        # Optional: an empty list turns text extraction off, which costs most of what an upload costs.
        text_kinds=frozenset(
            Kind(name)
            for name in _names(
                {"TEXT_FORMATS": _ALL_TEXT_KINDS, **environment}, "TEXT_FORMATS", tuple(_ALL_TEXT_KINDS.split(","))
            )
        ),
        text_features=_names(environment, "TEXT_FEATURES", _FEATURES, at_least_one=True),
    )


def _word(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: the function needs it, so set it in the function's environment")
    return value


def _number(environment: Mapping[str, str], name: str, *, most: int | None = None) -> int:
    value = _word(environment, name)
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise SettingsError(f"{name} is {value!r}: give a whole number of at least 1")
    if most is not None and int(value) > most:
        raise SettingsError(f"{name} is {value}: Textract takes at most {most}, so give no more")
    return int(value)


def _names(
    environment: Mapping[str, str], name: str, allowed: tuple[str, ...], *, at_least_one: bool = False
) -> tuple[str, ...]:
    """Names between commas, in their order."""
    if name not in environment:
        _word(environment, name)
    names = tuple(part.strip() for part in environment[name].split(",") if part.strip())
    unknown = [part for part in names if part not in allowed]
    if unknown or (at_least_one and not names):
        raise SettingsError(
            f"{name} is {environment[name]!r}: give names out of {', '.join(allowed)}, with commas between"
        )
    return names


def _topics(environment: Mapping[str, str]) -> Mapping[str, str]:
    text = _word(environment, "TOPICS")
    try:
        topics = json.loads(text)
    except ValueError:
        topics = None
    if not isinstance(topics, dict) or not all(isinstance(arn, str) and arn for arn in topics.values()):
        raise SettingsError("TOPICS is no JSON object of journey to topic ARN: give one")
    if DEFAULT_JOURNEY not in topics:
        raise SettingsError(f"TOPICS names no topic for {DEFAULT_JOURNEY}, where uploads without a journey go: add it")
    return topics
