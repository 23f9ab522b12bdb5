"""Makes moto keep all of a detector's features: it takes each update of one for the whole of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def features_kept() -> Generator[None]:
    """Until the block ends, an update changes the features that it names, and no other."""
    from moto.guardduty.models import Detector  # noqa: PLC0415 - moto reads its environment first

    update: Any = Detector.update

    def merged(
        self: Detector,
        enable: bool,  # noqa: FBT001 - as moto calls it
        frequency: str,
        data_sources: dict[str, Any],
        features: list[dict[str, Any]],
    ) -> None:
        known = {item["name"]: item for item in (*self.features, *(features or ()))}
        update(self, enable, frequency, data_sources, list(known.values()))

    with mock.patch.object(Detector, "update", merged):
        yield
