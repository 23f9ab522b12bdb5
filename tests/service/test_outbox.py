"""What is told of a journey: once it is committed, at least once, and of nothing else."""

import json
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field

import pytest

from functions.rotation.database import TABLES
from service import rows
from service.database import Database
from service.failures import Failure, Reason
from service.journeys import desk, schema, worker
from service.journeys.clinics import Clinic
from service.journeys.forms import Values
from service.journeys.ledger import Ledger, Request, fresh_id
from service.journeys.worker import BATCH, Worker
from service.metrics import NAMESPACE, OUTBOX_AGE, Metrics
from service.topics import Topics
from tests.service.certificates import Authority
from tests.service.journeys import soon
from tests.service.servers import REGION, Aws, MariaDb
from tests.service.test_stores import database_at

TOPICS = {"appointments": "arn:of:appointments", "payments": "arn:of:payments"}
BERLIN = Clinic("berlin")


@dataclass
class Heard:
    """Stands for the topics: what was told, and whether telling fails."""

    bodies: dict[str, list[str]] = field(default_factory=dict)
    failing: bool = False
    refused: str = ""
    ages: list[float] = field(default_factory=list)

    def publish(self, arn: str, bodies: Mapping[str, str]) -> None:
        """Hear it, and then fail if told to: as a connection that is lost before the answer."""
        assert len(bodies) <= BATCH
        self.bodies.setdefault(arn, []).extend(bodies.values())
        if self.failing or arn == self.refused:
            raise Failure(Reason.TIMEOUT)

    def events(self, arn: str) -> list[dict[str, str]]:
        """Return what was told on a topic."""
        return [json.loads(body) for body in self.bodies.get(arn, [])]


@pytest.fixture
def store(database: MariaDb, authority: Authority) -> Generator[Database]:
    found = database_at(database, authority.certificate)
    found.run(schema.make)
    database.sql(*(f"DELETE FROM medical.{table}" for table in schema.TABLES))  # noqa: S608  our own
    yield found
    found.close()


def act(
    store: Database, clinic: Clinic, work: object, values: Values, topics: Collection[str] = TOPICS
) -> Mapping[str, str]:
    """Do one step as a request of its own."""
    assert callable(work)
    ledger = Ledger(store, topics)
    answer = ledger.once(Request(clinic, fresh_id(), "f" * 64), lambda cursor: work(cursor, clinic, values))
    found: Mapping[str, str] = json.loads(answer.text)
    return found


def booked(store: Database, clinic: Clinic = BERLIN, practitioner: str = "dr-1") -> str:
    """Open a slot and book it."""
    slot = act(store, clinic, desk.offer, {"practitioner": practitioner, "starts_at": soon(), "minutes": 15})
    return act(store, clinic, desk.book, {"slot": slot["slot"], "patient": "P-1"})["appointment"]


def left(database: MariaDb) -> object:
    return database.ask("SELECT COUNT(*) FROM medical.journey_outbox")


def test_what_is_committed_is_told_once_and_names_no_patient(store: Database, database: MariaDb) -> None:
    appointment = booked(store)
    heard = Heard()
    teller = Worker(store, TOPICS, heard.publish, heard.ages.append)
    teller.tick()
    teller.tick()
    (event,) = heard.events("arn:of:appointments")
    assert ("appointment.booked", "berlin", appointment) == (event["event"], event["clinic"], event["appointment"])
    assert {"id", "event", "clinic", "appointment", "slot", "at"} == set(event)
    assert 0 == left(database)


def test_an_instance_that_dies_between_telling_and_keeping_is_followed_by_one_that_tells_the_same(
    store: Database, database: MariaDb
) -> None:
    booked(store)
    heard = Heard(failing=True)
    with pytest.raises(Failure):
        Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert 1 == left(database), "rolled back, so it is not lost"
    heard.failing = False
    Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    first, second = heard.events("arn:of:appointments")
    assert first["id"] == second["id"], "by which a second one is known"
    assert 0 == left(database)


def test_what_is_refused_is_not_told_and_leaves_nothing(store: Database, database: MariaDb) -> None:
    appointment = booked(store)
    database.sql("DELETE FROM medical.journey_outbox")
    pay: Values = {"appointment": appointment, "amount": 1, "currency": "EUR", "token": "tok_1234"}
    act(store, BERLIN, desk.pay, pay)
    with pytest.raises(Exception, match="has a payment"):
        act(store, BERLIN, desk.pay, pay)
    assert 1 == left(database)
    assert 1 == database.ask("SELECT COUNT(*) FROM medical.journey_payments")


def test_a_canary_is_told_to_nobody_nor_is_what_has_no_topic(store: Database, database: MariaDb) -> None:
    appointment = booked(store, Clinic("canary", synthetic=True))
    act(store, BERLIN, desk.consult, {"appointment": booked(store)})
    assert appointment
    assert 1 == left(database), "the booking at berlin: consultations have no topic here"


def test_a_replica_tells_nothing_and_changes_nothing(store: Database, database: MariaDb) -> None:
    booked(store)
    heard = Heard()
    database.sql("SET GLOBAL read_only = 1")
    Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert {} == heard.bodies
    database.sql("SET GLOBAL read_only = 0")
    Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert 1 == len(heard.events("arn:of:appointments")), "after a promotion it is ours to tell"


def test_a_backlog_is_told_in_batches_by_topic(store: Database, database: MariaDb) -> None:
    appointment, *_ = [booked(store, practitioner=f"dr-{number}") for number in range(BATCH + 3)]
    act(store, BERLIN, desk.pay, {"appointment": appointment, "amount": 1, "currency": "EUR", "token": "tok_1234"})
    heard = Heard()
    Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert (BATCH + 3, 1) == (len(heard.events("arn:of:appointments")), len(heard.events("arn:of:payments")))
    assert 0 == left(database)


def test_a_canarys_rows_are_swept_after_a_day_and_nobody_elses(store: Database, database: MariaDb) -> None:
    booked(store, Clinic("canary", synthetic=True))
    booked(store)
    Worker(store, TOPICS, Heard().publish, [].append).tick()
    count = "SELECT COUNT(*) FROM medical.journey_appointments"
    assert 2 == database.ask(count), "not before"
    database.sql("UPDATE medical.journey_appointments SET made_at = made_at - INTERVAL 2 DAY")
    Worker(store, TOPICS, Heard().publish, [].append).tick()
    assert 1 == database.ask(count)
    assert "berlin" == database.ask("SELECT clinic FROM medical.journey_appointments")


def test_sweeping_goes_on_until_nothing_old_is_left(
    store: Database, database: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        booked(store, practitioner=f"dr-{number}")
    count = "SELECT COUNT(*) FROM medical.journey_requests"
    assert 6 == database.ask(count)
    database.sql("UPDATE medical.journey_requests SET made_at = made_at - INTERVAL 2 DAY LIMIT 5")
    monkeypatch.setattr(worker, "_SWEPT", 2)
    Worker(store, TOPICS, Heard().publish, [].append).tick()
    assert 1 == database.ask(count), "a busy side makes more keys than one statement takes away"


def test_a_topic_that_fails_holds_up_no_other(store: Database, database: MariaDb) -> None:
    appointment, *_ = [booked(store, practitioner=f"dr-{number}") for number in range(BATCH + 1)]
    act(store, BERLIN, desk.pay, {"appointment": appointment, "amount": 1, "currency": "EUR", "token": "tok_1234"})
    heard = Heard(refused="arn:of:appointments")
    with pytest.raises(Failure):
        Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert 1 == len(heard.events("arn:of:payments"))
    assert BATCH + 1 == left(database)


def test_the_age_of_the_oldest_event_is_told_though_it_cannot_be_published(store: Database, database: MariaDb) -> None:
    heard = Heard()
    teller = Worker(store, TOPICS, heard.publish, heard.ages.append)
    teller.tick()
    assert [0.0] == heard.ages, "nothing waits"
    booked(store)
    database.sql("UPDATE medical.journey_outbox SET made_at = made_at - INTERVAL 10 MINUTE")
    heard.failing = True
    teller = Worker(store, TOPICS, heard.publish, heard.ages.append)
    for _ in range(3):
        with pytest.raises(Failure):
            teller.tick()
    (_, age) = heard.ages
    assert 600 <= age < 660, "once in a while: each time is a call"
    database.sql("SET GLOBAL read_only = 1")
    Worker(store, TOPICS, heard.publish, heard.ages.append).tick()
    assert 2 == len(heard.ages), "a replica's outbox is the writer's"


def test_an_age_that_nobody_hears_stops_nothing(store: Database, database: MariaDb) -> None:
    booked(store)
    heard = Heard()

    def deaf(_: float) -> None:
        raise Failure(Reason.UNREACHABLE)

    with pytest.raises(Failure):
        Worker(store, TOPICS, heard.publish, deaf).tick()
    assert (0, 1) == (left(database), len(heard.events("arn:of:appointments")))


def test_cloudwatch_keeps_what_the_service_measures(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    Metrics(REGION, {"Cell": "us", "Side": "home"}).put(OUTBOX_AGE, 7.5)
    assert [("Cell", "us"), ("Side", "home")] == aws.dimensions(NAMESPACE, OUTBOX_AGE)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Failure, match="unreachable"):
        Metrics(REGION, {}).put(OUTBOX_AGE, 0)


def test_a_topic_hears_every_message_of_a_batch(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    arn, received = aws.listened_topic("appointments")
    topics = Topics(REGION)
    topics.publish(arn, {"a": '{"id": "a"}', "b": '{"id": "b"}'})
    assert {'{"id": "a"}', '{"id": "b"}'} == set(received())
    with pytest.raises(Failure):
        topics.publish(f"{arn}-elsewhere", {"a": "x"})


def test_the_account_may_make_exactly_the_tables_that_the_service_makes() -> None:
    assert (rows.TABLE, *schema.TABLES) == TABLES
