"""Markers, over HTTPS and in this process: a real database, and objects in moto's S3."""

import hashlib
import json
from collections.abc import Generator

import pytest
from typing_extensions import override

from service.bucket import Bucket
from service.config import Database as Settings
from service.credentials import RotatingSecret
from service.database import Database, Role
from service.failures import Failure, Reason
from service.markers import MOST_MARKERS, PAGE, Markers, RefusedError
from service.rows import Rows
from tests.service.certificates import Authority
from tests.service.drills import Sts, get, put
from tests.service.running import Json, Service, Start, section
from tests.service.servers import REGION, Aws, MariaDb

BUCKET = "medical-uploads"
DROP = "DROP TABLE IF EXISTS medical.continuity_markers"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def words(run: str, number: int) -> str:
    return f"continuity marker {number} of {run}"


@pytest.fixture
def rows(database: MariaDb, authority: Authority) -> Generator[Rows]:
    store = database_of(database, authority)
    yield Rows(store)
    store.close()


@pytest.fixture
def markers(rows: Rows, aws: Aws, settings: Json, monkeypatch: pytest.MonkeyPatch) -> Generator[Markers]:
    """The logic, without a process of the service."""
    del settings  # makes the bucket
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    store = Markers(rows, Bucket(BUCKET, REGION))
    yield store
    store.close()


class Unaware(Database):
    """A database of which one believes that it may be written, whatever it has become since."""

    @override
    def role(self) -> Role:
        return Role.WRITER


def database_of(server: MariaDb, authority: Authority, kind: type[Database] = Database) -> Database:
    secret = json.dumps({"username": "service", "password": server.password})
    place = Settings(
        host="localhost",
        port=server.port,
        name="medical",
        secret="any",  # noqa: S106  a name
        authority=authority.certificate,
    )
    return kind(place, RotatingSecret("any", ("username", "password"), lambda _: secret))


def test_a_marker_is_kept_as_a_row_and_as_an_object_and_found_again(
    steady: Service, database: MariaDb, aws: Aws, sts: Sts
) -> None:
    del sts
    database.sql(DROP)
    expected = sha256(words("first", 7))
    kept = {"side": "home", "region": REGION, "row": True, "object": True, "sha256": expected}
    assert (201, kept) == put(steady, "first/7"), "the first to write makes the table"
    assert (200, {"side": "home", "region": REGION, "rows": {"7": expected}, "objects": {"7": expected}}) == get(
        steady, "first"
    )
    assert len(words("first", 7)) == aws.head(BUCKET, "continuity/first/7")["ContentLength"]
    assert (200, {}, {}) == (get(steady, "fir")[0], get(steady, "fir")[1]["rows"], get(steady, "fir")[1]["objects"])


def test_the_same_marker_twice_is_one_row_and_one_object(
    steady: Service, database: MariaDb, aws: Aws, sts: Sts
) -> None:
    del database, sts
    once = put(steady, "twice/1")
    before = aws.head(BUCKET, "continuity/twice/1")["LastModified"]
    assert once == put(steady, "twice/1")
    assert before == aws.head(BUCKET, "continuity/twice/1")["LastModified"]
    assert {"1": sha256(words("twice", 1))} == get(steady, "twice")[1]["rows"]


def test_another_marker_with_the_same_number_is_refused(steady: Service, database: MariaDb, sts: Sts) -> None:
    del database, sts
    assert 201 == put(steady, "taken/1", b"what the drill says")[0]
    code, answer = put(steady, "taken/1", b"something else")
    assert (409, "another marker has this number; give the next one") == (code, answer["error"])
    assert {"1": sha256("what the drill says")} == get(steady, "taken")[1]["objects"]


def test_a_replica_takes_no_marker_and_tells_of_those_that_it_has(
    steady: Service, database: MariaDb, aws: Aws, sts: Sts
) -> None:
    del sts
    assert 201 == put(steady, "fenced/1")[0]
    database.sql("SET GLOBAL read_only = 1")
    assert (503, {"error": "read-only"}) == put(steady, "fenced/2")
    assert (503, {"error": "read-only"}) == put(steady, "fenced/1"), "not even one that is there"
    found = get(steady, "fenced")[1]
    assert {"1"} == set(section(found, "rows")) == set(section(found, "objects")), "no row, then no object either"
    database.sql("SET GLOBAL read_only = 0")
    assert 201 == put(steady, "fenced/2")[0], "a promotion is noticed without a restart"
    assert aws.head(BUCKET, "continuity/fenced/2")


def test_a_replica_without_the_table_has_no_rows_and_makes_none(steady: Service, database: MariaDb, sts: Sts) -> None:
    del sts
    database.sql(DROP, "SET GLOBAL read_only = 1")
    assert (503, {"error": "read-only"}) == put(steady, "early/1")
    assert (200, {}) == (get(steady, "early")[0], get(steady, "early")[1]["rows"])


def test_an_account_that_could_write_to_a_replica_is_stopped_all_the_same(
    steady: Service, database: MariaDb, sts: Sts
) -> None:
    del sts
    database.sql("GRANT READ_ONLY ADMIN ON *.* TO 'service'@'%'", "SET GLOBAL read_only = 1")
    database.disconnect_everybody()
    try:
        assert (503, {"error": "read-only"}) == put(steady, "mighty/1")
    finally:
        database.sql("REVOKE READ_ONLY ADMIN ON *.* FROM 'service'@'%'")
        database.disconnect_everybody()


def test_a_fence_that_falls_after_the_question_is_told_by_the_database(database: MariaDb, authority: Authority) -> None:
    store = database_of(database, authority, Unaware)
    assert "ab" * 32 == Rows(store).add("late", 1, "ab" * 32, 10)
    database.sql("SET GLOBAL read_only = 1")
    with pytest.raises(Failure) as refusal:
        Rows(store).add("late", 2, "ab" * 32, 10)
    assert Reason.READ_ONLY == refusal.value.reason
    store.close()


def test_without_its_database_nothing_is_kept_and_nothing_is_told(
    start: Start, config: Json, database: MariaDb, sts: Sts
) -> None:
    del sts
    service = start(config)
    assert 201 == put(service, "away/1")[0]
    database.kill()
    assert (503, {"error": "unreachable"}) == put(service, "away/2")
    assert (503, {"error": "unreachable"}) == get(service, "away"), "half an answer would look like a loss"
    database.start()
    assert {"1"} == set(section(get(service, "away")[1], "objects"))


def test_a_row_without_its_object_is_acknowledged_as_such_and_completed_by_the_next_try(
    start: Start, config: Json, database: MariaDb, aws: Aws, sts: Sts
) -> None:
    del database, sts
    section(config, "buckets")["uploads"] = "medical-not-yet"
    service = start(config)
    code, answer = put(service, "half/1")
    assert (201, True, False) == (code, answer["row"], answer["object"])
    assert (503, {"error": "missing"}) == get(service, "half")
    aws.create_bucket("medical-not-yet")
    code, answer = put(service, "half/1")
    assert (201, True, True) == (code, answer["row"], answer["object"])


def test_an_object_is_encrypted_as_its_bucket_says(
    start: Start, config: Json, database: MariaDb, aws: Aws, sts: Sts
) -> None:
    del database, sts
    key = "arn:aws:kms:us-east-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    aws.create_bucket("medical-encrypted")
    aws.encrypt_bucket("medical-encrypted", key)
    section(config, "buckets")["uploads"] = "medical-encrypted"
    assert put(start(config), "sealed/1")[1]["object"]
    found = aws.head("medical-encrypted", "continuity/sealed/1")
    assert ("aws:kms", key) == (found["ServerSideEncryption"], found["SSEKMSKeyId"])


def test_what_was_lost_or_changed_shows(markers: Markers, database: MariaDb, aws: Aws) -> None:
    del database
    for number in (1, 2, 10):
        assert markers.keep("found", number, b"").object
    aws.remove(BUCKET, "continuity/found/2")
    aws.put(BUCKET, "continuity/found/10", b"x" * 2000)
    aws.put(BUCKET, "continuity/found/notes", b"no marker")
    aws.put(BUCKET, "continuity/found/0", b"no marker either")
    found = markers.find("found", 1)
    assert {1, 2, 10} == set(found.rows)
    assert {1, 10} == set(found.objects)
    assert found.rows[1] == found.objects[1]
    assert found.rows[10] != found.objects[10]
    assert not markers.keep("found", 10, b"").object, "an object that says something else is not this marker's"


def test_more_markers_than_one_answer_holds_come_in_pages(
    markers: Markers, steady: Service, database: MariaDb, sts: Sts
) -> None:
    del sts
    markers.keep("long", PAGE + 3, b"")
    fill(database, "long", PAGE + 1)
    code, answer = get(steady, "long")
    assert (200, PAGE, {}, PAGE + 1) == (code, len(section(answer, "rows")), answer["objects"], answer["next"])
    code, answer = get(steady, f"long?from={answer['next']}")
    assert {str(PAGE + 1), str(PAGE + 3)} == set(section(answer, "rows"))
    assert {str(PAGE + 3)} == set(section(answer, "objects"))
    assert "next" not in answer


def test_a_run_has_a_bounded_number_of_markers(markers: Markers, database: MariaDb) -> None:
    markers.keep("full", MOST_MARKERS + 5, b"")
    fill(database, "full", MOST_MARKERS - 2)
    assert markers.keep("full", MOST_MARKERS, b"").object
    with pytest.raises(RefusedError, match=f"the run has {MOST_MARKERS} markers"):
        markers.keep("full", MOST_MARKERS + 1, b"")
    assert markers.keep("full", MOST_MARKERS, b"").object, "one that is there may come again"


def fill(database: MariaDb, run: str, most: int) -> None:
    """Have rows with the numbers 1 to ``most``, without their objects."""
    database.sql(
        "INSERT INTO medical.continuity_markers "  # noqa: S608  our own words
        f"SELECT '{run}', seq, SHA2(seq, 256), UTC_TIMESTAMP(3) FROM medical.seq_1_to_{most}"
    )
