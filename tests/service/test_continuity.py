"""The endpoints for drills: what is an address, and who is answered."""

import pytest

from tests.service import drills
from tests.service.drills import OTHERS, Sts, get, put
from tests.service.running import Json, Service, Start, section
from tests.service.servers import MariaDb


@pytest.mark.parametrize(
    "place",
    [
        "run/0",
        "run/01",
        "run/-1",
        "run/1000000",
        "run/1.5",
        "run/one",
        "run/\u0661",
        "RUN/1",
        "-run/1",
        "a_b/1",
        "r" * 64 + "/1",
    ],
)
def test_what_is_no_markers_address_is_refused(place: str, steady: Service, sts: Sts) -> None:
    assert 400 == put(steady, place)[0]
    assert sts is not None


@pytest.mark.parametrize("place", ["RUN", "a.b", "run?from=0", "run?from=x", "run?from=1000000"])
def test_what_is_no_runs_address_is_refused(place: str, steady: Service, sts: Sts) -> None:
    del sts
    assert 400 == get(steady, place)[0]


def test_a_body_of_1024_bytes_is_taken_and_a_larger_one_is_not(steady: Service, database: MariaDb, sts: Sts) -> None:
    del database, sts
    assert 201 == put(steady, "large/1", b"x" * 1024)[0]
    assert 413 == put(steady, "large/2", b"x" * 1025)[0]
    assert {"1"} == set(section(get(steady, "large")[1], "rows"))


@pytest.mark.parametrize("place", ["run/1", "RUN/0"])
def test_nobody_without_an_identity_learns_anything(place: str, steady: Service, sts: Sts) -> None:
    bare = steady.request("PUT", f"/continuity/markers/{place}", b"x" * 5000)
    assert (401, {"error": "unauthorized"}) == (bare.status_code, bare.json())
    assert "x-medical-identity" == bare.headers["WWW-Authenticate"]
    assert 401 == steady.get("/continuity/markers/run").status_code
    assert [] == sts.asked


@pytest.mark.parametrize("who", OTHERS.values(), ids=OTHERS)
def test_nobody_but_the_drills_role_writes_or_reads(who: drills.Person, steady: Service, sts: Sts) -> None:
    del sts
    claim = drills.header(who)
    assert (403, {"error": "forbidden"}) == put(steady, "run/1", claim=claim)
    answer = steady.get("/continuity/markers/run", x_medical_identity=claim)
    assert (403, {"error": "forbidden"}) == (answer.status_code, answer.json())


def test_an_identity_is_asked_about_once_and_its_session_is_logged(
    steady: Service, database: MariaDb, sts: Sts
) -> None:
    del database
    claim = drills.header(seconds=61)
    assert 201 == put(steady, "once/1", claim=claim)[0]
    assert 201 == put(steady, "once/2", claim=claim)[0]
    assert 1 == len(sts.asked)
    assert "amy@clinic.example" == steady.lines("identity admitted")[-1]["session"]
    assert claim not in steady.output
    assert drills.DRILL.token not in steady.output


def test_without_a_role_for_drills_the_endpoints_are_not_there(start: Start, config: Json, sts: Sts) -> None:
    config["drill_role"] = "none"
    service = start(config)
    assert 404 == put(service, "run/1")[0]
    assert 404 == get(service, "run")[0]
    assert [] == sts.asked
