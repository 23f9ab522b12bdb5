"""A world with the laws of metrics and objects only, for what needs no whole cell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

import boto3
from moto import mock_aws

from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.physics.figures import Figures
from ops.sandbox.physics.monitoring import metrics
from ops.sandbox.physics.monitoring.composite_alarms import composites_known
from ops.sandbox.physics.monitoring.metrics import Metrics
from ops.sandbox.physics.objects import objects
from ops.sandbox.physics.objects.objects import Objects
from ops.sandbox.physics.world import World
from tests.support import ACCOUNT


class TwoLaws(World):
    """A world with the laws of metrics and objects, and no other."""

    metrics: Metrics
    objects: Objects


class SmallWorld:
    """An empty account whose time has not begun."""

    def __init__(self, world: TwoLaws) -> None:
        """Keep the world."""
        self.world = world

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        return _client(service, region)

    def begin(self) -> TwoLaws:
        """Let time begin, with what stands now."""
        world = self.world
        world.begin(1)
        world.metrics = Metrics(world)
        world.objects = Objects(world)
        world._laws = (world.objects, world.metrics)
        return world

    def events(self, what: str) -> list[dict[str, Any]]:
        return [dict(event.facts) for event in self.world.events if event.what == what]


@cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """One for all tests of a process: to make it takes longer than most tests."""
    session: Any = boto3.Session(**CREDENTIALS)
    return session.client(service, region_name=region)


@contextmanager
def small_world(figures: Figures | None = None) -> Iterator[SmallWorld]:
    """An account in moto; call `begin` when all stands that shall."""
    # No managed policies of IAM, which take longer to load than a test does.
    with mock.patch.dict(os.environ, MOTO_ACCOUNT_ID=ACCOUNT), mock_aws(), composites_known():
        world = TwoLaws(ACCOUNT, figures=figures)
        with metrics.installed(world), objects.installed(world):
            yield SmallWorld(world)
