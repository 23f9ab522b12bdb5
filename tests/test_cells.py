"""Each real stack, whole, as the engine records it."""

from __future__ import annotations

import pytest

from ops.engine import project, runner
from ops.engine.record import Program
from ops.engine.synthetic import Synthetic, Unknown
from tests.support import CELLS


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return runner.run(project.load(request.param), Synthetic())


def test_every_aws_resource_is_carried_by_the_provider_of_a_side(program: Program) -> None:
    without = [item.urn for item in program.registrations if item.type.startswith("aws:") and not item.provider]
    assert [] == without, "a resource without a provider would land in the default region"


def test_the_same_resources_are_registered_when_nothing_is_known_yet(program: Program) -> None:
    unknown = runner.run(project.load(program.stack), Unknown())
    assert {item.urn for item in program.registrations} == {item.urn for item in unknown.registrations}
