"""What tests of the handler begin with: a picture, and what Textract and S3 will say."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from tests.functions.arrivals import Json, analysis, line
from tests.functions.stage import Stage

PICTURES = {"image.webp", "image.jpg", "image.png", "thumbnail-256.webp", "thumbnail-1024.webp"}
TEXTS = {"text.txt", "layout.json"}


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 200)) -> bytes:
    body = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(body, kind)
    return body.getvalue()


def read_as(stage: Stage, *words: str) -> None:
    """Textract will be asked about one page, and answer these lines."""
    stage.stubber.add_response("analyze_document", analysis(*map(line, words)))


def replicated(stage: Stage) -> None:
    """From now on S3 says of every object that it is a replica."""

    def say(parsed: Json, **_: object) -> None:
        parsed["ReplicationStatus"] = "REPLICA"

    stage.s3.meta.events.register("after-call.s3.HeadObject", say)


def without_text(stage: Stage) -> None:
    stage.settings = replace(stage.settings, text_kinds=frozenset())
