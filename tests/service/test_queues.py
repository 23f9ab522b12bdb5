"""How the journeys' queues are worked off: kept once, deleted after that, and nothing lost whatever is away."""

import json
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field

import pytest
from typing_extensions import override

from bench import journeys
from bench.journeys import Tour
from service.database import Database
from service.failures import Failure, Reason
from service.journeys import desk, notices, schema
from service.journeys.clinics import Clinic
from service.journeys.ledger import fresh_id
from service.journeys.listener import PAUSE_SECONDS, REST_SECONDS, Listener
from service.journeys.worker import Worker
from service.queues import Message, Queues
from service.topics import Topics
from tests.service.certificates import Authority
from tests.service.journeys import PEOPLE, Walker
from tests.service.running import Json, Service, Start, section
from tests.service.servers import REGION, Aws, MariaDb, wait_until
from tests.service.test_outbox import BERLIN, act, booked
from tests.service.test_stores import database_at

ARN = f"arn:aws:sqs:{REGION}:123456789012:appointments"
LYON = Clinic("lyon")


@dataclass
class Line:
    """Stands for a queue: gives what it holds until that is deleted, and tells what was asked of it."""

    held: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    lost: bool = False

    def put(self, **event: object) -> None:
        """Send a message."""
        self.held[fresh_id()] = json.dumps(event)

    def receive(self, arn: str) -> list[Message]:
        """Give what there is, again and again."""
        assert ARN == arn
        self.asked += 1
        return [Message(name, f"receipt of {name}", body) for name, body in self.held.items()]

    def delete(self, arn: str, messages: Iterable[Message]) -> None:
        """Forget messages; fail before that if told to."""
        assert ARN == arn
        if self.lost:
            raise Failure(Reason.TIMEOUT)
        for message in messages:
            del self.held[message.id]


@pytest.fixture
def store(database: MariaDb, authority: Authority) -> Generator[Database]:
    found = database_at(database, authority.certificate)
    found.run(schema.make)
    database.sql(*(f"DELETE FROM medical.{table}" for table in schema.TABLES))  # noqa: S608  our own
    yield found
    found.close()


def listening(store: Database, line: Line) -> Listener:
    return Listener(store, {"appointments": ARN}, line.receive, line.delete)


def turn(store: Database, line: Line) -> float:
    return listening(store, line).turn("appointments", ARN)


def event(appointment: str, name: str = "appointment.booked", of: str = "appointment", **more: str) -> dict[str, str]:
    at = "2027-01-31T09:30:00.125+00:00"
    return {"id": fresh_id(), "event": name, "clinic": "berlin", of: appointment, "at": at, **more}


def told(store: Database, appointment: str, clinic: Clinic = BERLIN) -> list[str]:
    """The events that a clinic reads of an appointment."""
    found = notices.of_appointment(store, clinic, appointment)["notices"]
    assert isinstance(found, list)
    return [notice["event"] for notice in found]


def test_an_event_that_comes_twice_is_kept_once_and_both_are_deleted(store: Database) -> None:
    appointment, line = booked(store), Line()
    once = event(appointment)
    line.put(**once)
    line.put(**once)
    assert 0 == turn(store, line), "there may be more"
    assert ["appointment.booked"] == told(store, appointment)
    assert {} == line.held
    line.put(**once)
    turn(store, line)
    assert ["appointment.booked"] == told(store, appointment), "nor a day later, by another instance"
    assert PAUSE_SECONDS == turn(store, line), "an empty queue is not asked without end"


def test_what_is_kept_and_could_not_be_deleted_comes_again_and_does_no_harm(store: Database) -> None:
    appointment, line = booked(store), Line(lost=True)
    line.put(**event(appointment))
    with pytest.raises(Failure):
        turn(store, line)
    assert 1 == len(line.held)
    line.lost = False
    turn(store, line)
    assert {} == line.held
    assert 1 == len(told(store, appointment))


def test_what_happens_in_a_consultation_is_told_of_its_appointment(store: Database) -> None:
    appointment, line = booked(store), Line()
    consultation = act(store, BERLIN, desk.consult, {"appointment": appointment})["consultation"]
    line.put(**event(consultation, "prescription.made", "consultation", at="2027-01-31T09:31:00.000+00:00"))
    line.put(**event(appointment))
    turn(store, line)
    assert ["appointment.booked", "prescription.made"] == told(store, appointment), "in the order in which it happened"
    with pytest.raises(Exception, match="no such appointment"):
        told(store, appointment, LYON)


POISON: dict[str, Callable[[str], str]] = {
    "no JSON": lambda _: "{",
    "no object": lambda _: "[]",
    "nested without end": lambda _: "[" * 20_000,
    "an event that nobody knows": lambda it: json.dumps(event(it, "appointment.eaten")),
    "an event that is a list": lambda it: json.dumps({**event(it), "event": ["appointment.booked"]}),
    "an id that is none": lambda it: json.dumps({**event(it), "id": "../x"}),
    "a time without its zone": lambda it: json.dumps({**event(it), "at": "2027-01-31T09:30:00"}),
    "another clinic's": lambda it: json.dumps({**event(it), "clinic": "lyon"}),
    "of nothing that is there": lambda _: json.dumps(event("0" * 32)),
    "a document without a version": lambda _: json.dumps({"event": "document.converted", "key": "a/b"}),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_what_cannot_be_used_is_left_to_the_dead_letters_and_holds_up_nothing(
    poison: Callable[[str], str], store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    appointment, line = booked(store), Line()
    line.held["poison"] = poison(appointment)
    line.put(**event(appointment))
    turn(store, line)
    assert {"poison"} == set(line.held)
    assert 1 == len(told(store, appointment))
    (record,) = [item for item in caplog.records if item.message == "message cannot be used"]
    assert {"queue": "appointments", "message": "poison"} == vars(record)["fields"], "and nothing of what it says"


def test_the_end_of_an_upload_is_kept_for_no_clinic_and_once(store: Database, database: MariaDb) -> None:
    line = Line()
    for version in ("1", "1", "2"):
        line.put(event="document.converted", key="consultations/7/Erika.pdf", version=version, status_key="status/7")
    turn(store, line)
    assert {} == line.held
    assert 2 == database.ask("SELECT COUNT(*) FROM medical.journey_notices WHERE clinic = ''")


def test_nothing_is_received_while_it_could_not_be_kept(store: Database, database: MariaDb) -> None:
    line = Line()
    line.put(**event(booked(store)))
    database.sql("SET GLOBAL read_only = 1")
    assert REST_SECONDS == turn(store, line), "the other side writes, or nobody does"
    database.sql("SET GLOBAL read_only = 0", "RENAME TABLE medical.journey_notices TO medical.elsewhere")
    with pytest.raises(Failure, match="missing"):
        turn(store, line)
    database.sql("RENAME TABLE medical.elsewhere TO medical.journey_notices")
    database.stop()
    with pytest.raises(Failure):
        turn(store, line)
    assert 0 == line.asked, "else a long outage would turn good messages into dead letters"
    database.start()
    turn(store, line)
    assert {} == line.held


def test_a_database_that_is_lost_between_receiving_and_keeping_loses_no_message(
    store: Database, database: MariaDb
) -> None:
    appointment, line = booked(store), Line()
    line.put(**event(appointment))

    def receive(arn: str) -> list[Message]:
        database.stop()
        return line.receive(arn)

    with pytest.raises(Failure):
        Listener(store, {"appointments": ARN}, receive, line.delete).turn("appointments", ARN)
    assert 1 == len(line.held)
    database.start()
    turn(store, line)
    assert ({}, 1) == (line.held, len(told(store, appointment)))


def test_a_stop_lets_what_was_received_be_kept_and_asks_for_nothing_more(store: Database) -> None:
    appointment, line = booked(store), Line()
    line.put(**event(appointment))
    waiting, go = threading.Event(), threading.Event()

    def receive(arn: str) -> list[Message]:
        waiting.set()
        assert go.wait(10)
        return line.receive(arn)

    listener = Listener(store, {"appointments": ARN}, receive, line.delete)
    listener.start()
    assert waiting.wait(10)
    listener.stop()
    go.set()
    listener.close()
    assert ({}, 1) == (line.held, line.asked)
    assert 1 == len(told(store, appointment))


def test_a_queue_that_is_away_is_asked_again_after_ever_longer_rests(
    store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rests: list[float] = []
    listener = listening(store, Line())

    def away(_: str) -> list[Message]:
        raise Failure(Reason.UNREACHABLE, "EndpointConnectionError")

    class Clock(threading.Event):
        @override
        def wait(self, timeout: float | None = None) -> bool:
            rests.append(timeout or 0)
            if len(rests) == 9:
                self.set()
            return self.is_set()

    object.__setattr__(listener, "_receive", away)
    object.__setattr__(listener, "_stop", Clock())
    listener.start()
    wait_until(lambda: len(rests) == 9, "the rests")
    listener.close()
    assert [1, 2, 4, 8, 16, 32, 60, 60, 60] == rests
    said = [vars(item)["fields"] for item in caplog.records if item.message == "journeys' queue"]
    assert [{"queue": "appointments", "reason": "unreachable", "detail": "EndpointConnectionError"}] == said, "once"


def test_a_message_is_received_and_deleted_where_sqs_has_it(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    topic, received = aws.listened_topic("hours")
    Topics(REGION).publish(topic, {"a": "one", "b": "two"})
    queues, arn = Queues(REGION, wait_seconds=0), topic.replace(":sns:", ":sqs:")
    found = queues.receive(arn)
    assert {"one", "two"} == {message.body for message in found}
    assert "one" not in repr(found)
    queues.delete(arn, found)
    queues.delete(arn, [])
    assert [] == received()
    with pytest.raises(Failure, match="unreachable"):
        queues.receive(f"{arn}-elsewhere")


def test_a_booking_is_told_on_the_topic_and_read_by_its_clinic(
    config: Json, start: Start, aws: Aws, database: MariaDb
) -> None:
    """The whole way: outbox, topic, queue, notice, endpoint."""
    topic, _ = aws.listened_topic("appointments")
    section(config, "topics")["appointments"] = topic
    section(config, "queues")["appointments"] = topic.replace(":sns:", ":sqs:")
    service = start(config)
    last = f"SELECT COUNT(*) FROM information_schema.tables WHERE table_name = '{schema.TABLES[-1]}'"  # noqa: S608  our own
    wait_until(lambda: database.ask(last) == 1, "the tables")
    said: list[str] = []
    tour = Tour(service, PEOPLE["berlin"], said.append)
    tour.walk("book")
    assert ["appointment.booked"] == tour.notices()
    path = f"appointments/{tour.appointment}/notices"
    assert f"  GET /journeys/{path}" == said[-2]
    assert "    200 " == said[-1][:8]
    (notice,) = Walker(service, PEOPLE["berlin"]).get(path).json()["notices"]
    assert {"notice", "event", "at"} == set(notice)
    assert 404 == Walker(service, PEOPLE["lyon"]).get(path).status_code
    service.kill()  # a stop waits for an empty queue's answer


def test_what_curl_reads_is_a_clinics_identity(steady: Service, authority: Authority) -> None:
    """As `python -m bench.journeys` writes it."""
    lines = journeys.curl_file(PEOPLE["berlin"], authority.certificate).splitlines()
    options = dict(line.split(" = ", 1) for line in lines if " = " in line and not line.startswith("header"))
    headers = dict(line.split('"')[1].split(": ") for line in lines if line.startswith("header"))
    assert f'"{authority.certificate}"' == options["cacert"]
    assert not {"insecure", "k"} & {*options, *lines}
    asked = {name.replace("-", "_"): value for name, value in headers.items()}
    assert "berlin" == steady.get("/journeys/slots", **asked).json()["clinic"]


def test_every_event_that_the_ledger_writes_is_one_that_a_notice_is_made_of(store: Database) -> None:
    appointment, line = booked(store), Line()
    topics = dict.fromkeys(("appointments", "consultations", "prescriptions", "payments"), ARN)

    def done(work: object, **values: str | int) -> Mapping[str, str]:
        return act(store, BERLIN, work, values, topics)

    consultation = done(desk.consult, appointment=appointment)["consultation"]
    done(desk.note, consultation=consultation, text="Coughs.")
    done(desk.prescribe, consultation=consultation, medicine="x", dose="x", days=1)
    done(desk.pay, appointment=appointment, amount=1, currency="EUR", token="tok_1234")  # noqa: S106  of nobody
    Worker(store, topics, lambda _, bodies: line.held.update(bodies), [].append).tick()
    turn(store, line)
    assert {} == line.held
    whole = {
        "appointment.booked",
        "consultation.opened",
        "consultation.noted",
        "prescription.made",
        "payment.requested",
    }
    assert whole == set(told(store, appointment))
