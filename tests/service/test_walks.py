"""Canaries' walks through the real service, on a real database and cache, over the door that canaries use."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.canaries import claim, walk
from functions.canaries.door import Answer, Door
from functions.canaries.faults import JourneyError
from tests.service import drills
from tests.service.journeys import CANARY, PEOPLE
from tests.service.running import Service
from tests.service.servers import MariaDb, wait_until

JOURNEYS = ("book", "consult", "prescribe", "pay")


@pytest.fixture(scope="module")
def there(steady: Service, started_database: MariaDb) -> Service:
    """The service, when the last of its tables is there."""
    last = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'journey_notices'"
    wait_until(lambda: started_database.ask(last) == 1, "the tables")
    return steady


def walked(service: Service, journey: str, *, who: drills.Person = CANARY, must_write: bool = True) -> str:
    headers = {claim.HEADER: drills.header(who)}
    with Door("localhost", "localhost", service.context(), port=service.port) as door:

        def ask(method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
            return door.ask(method, path, body, headers | ({walk.KEY_HEADER: key} if key else {}))

        return walk.walk(
            journey, ask, must_write=must_write, now=datetime.now(UTC), fresh=lambda: secrets.token_hex(16)
        )


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_is_walked_whole_through_the_real_service(there: Service, journey: str) -> None:
    assert "reads and writes answered" == walked(there, journey)
    assert "reads and writes answered" == walked(there, journey), "and again: each walk makes its own"


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_side_that_is_read_only_serves_reads_and_fails_only_where_it_is_to_write(
    there: Service, database: MariaDb, journey: str
) -> None:
    database.sql("SET GLOBAL read_only = 1")
    there.becomes("read-only")
    assert "reads answered, writes refused as read-only" == walked(there, journey, must_write=False)
    with pytest.raises(JourneyError, match="read-only on the side that is to take them"):
        walked(there, journey)


def test_a_walk_of_nobody_fails_at_its_first_step(there: Service) -> None:
    stranger = PEOPLE["a clinic of another cell"]
    with pytest.raises(JourneyError, match=r"GET /journeys/slots was answered 403 \(forbidden\)"):
        walked(there, "book", who=stranger)


def test_a_door_takes_no_answer_from_whoever_is_not_the_cell(there: Service) -> None:
    with pytest.raises(JourneyError, match="its certificate is refused"):
        Door("localhost", "us.app.example.com", there.context(), port=there.port)
    with pytest.raises(JourneyError, match="no connection to localhost"):
        Door("localhost", "localhost", there.context(), port=9)
