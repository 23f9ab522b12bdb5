"""The four journeys, over HTTPS on the real process, a real database and a real cache."""

import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.journeys import forms
from tests.service import drills
from tests.service.drills import Sts
from tests.service.journeys import CANARY, PEOPLE, Walker, soon
from tests.service.running import Json, Service
from tests.service.servers import MariaDb, Valkey, wait_until

SLOT: Json = {"practitioner": "dr-1", "starts_at": soon(), "minutes": 15}
ID = "0" * 32


@pytest.fixture(scope="module")
def there(steady: Service, started_database: MariaDb) -> Service:
    """The service, when the last of its tables is there."""
    last = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'journey_notices'"
    wait_until(lambda: started_database.ask(last) == 1, "the tables")
    return steady


@pytest.fixture
def berlin(there: Service, database: MariaDb, cache: Valkey) -> Walker:
    del database, cache
    return Walker(there, PEOPLE["berlin"])


@pytest.fixture
def lyon(there: Service) -> Walker:
    return Walker(there, PEOPLE["lyon"])


def test_a_patient_is_booked_consulted_prescribed_for_and_paid_for(berlin: Walker) -> None:
    slot = berlin.slot()
    assert slot in berlin.open_ids()
    appointment = berlin.made("appointments", {"slot": slot, "patient": "P-1"}, "appointment")
    assert slot not in berlin.open_ids(), "the booking voids the list at once"
    consultation = berlin.made("consultations", {"appointment": appointment}, "consultation")
    berlin.made(f"consultations/{consultation}/notes", {"text": "Coughs.\nSince Monday."}, "note")
    what: Json = {"consultation": consultation, "medicine": "Amoxicillin 500 mg", "dose": "1-0-1", "days": 7}
    berlin.made("prescriptions", what, "prescription")
    price: Json = {"appointment": appointment, "amount": 4500, "currency": "EUR", "token": "tok_4f9a2b"}
    payment = berlin.made("payments", price, "payment")
    assert {
        "appointment": appointment,
        "slot": slot,
        "consultation": consultation,
        "payment": payment,
        "notes": 1,
        "prescriptions": 1,
    } == berlin.get(f"appointments/{appointment}").json()


def test_of_fifty_who_book_a_slot_at_once_one_gets_it(berlin: Walker, database: MariaDb) -> None:
    slot = berlin.slot()
    together = threading.Barrier(50)

    def book(number: int) -> int:
        together.wait()
        return berlin.post("appointments", {"slot": slot, "patient": f"P-{number}"}).status_code

    with ThreadPoolExecutor(50) as crowd:
        codes = sorted(crowd.map(book, range(50)))
    assert [201, *[409] * 49] == codes
    assert 1 == database.ask(f"SELECT COUNT(*) FROM medical.journey_appointments WHERE slot = '{slot}'")  # noqa: S608  our own


def test_fifty_times_the_same_request_is_one_booking_and_one_answer(berlin: Walker, database: MariaDb) -> None:
    slot, together = berlin.slot(), threading.Barrier(50)

    def book(_: int) -> tuple[int, str]:
        together.wait()
        answer = berlin.post("appointments", {"slot": slot, "patient": "P-1"}, f"the-same-key-{slot}")
        return answer.status_code, answer.json().get("appointment", "")

    with ThreadPoolExecutor(50) as crowd:
        answers = set(crowd.map(book, range(50)))
    assert {201} == {status for status, _ in answers}
    assert 1 == len(answers)
    assert 1 == database.ask(f"SELECT COUNT(*) FROM medical.journey_appointments WHERE slot = '{slot}'")  # noqa: S608  our own


def test_a_key_stands_for_one_request_of_one_clinic(berlin: Walker, lyon: Walker) -> None:
    slot, key = berlin.slot(), "a-key-used-twice-over"
    first = berlin.post("appointments", {"slot": slot, "patient": "P-1"}, key)
    again = berlin.post("appointments", b'{"patient": "P-1",  "slot": "%s"}' % slot.encode(), key)
    assert (201, "true", first.text) == (again.status_code, again.headers["Idempotency-Replayed"], again.text)
    assert "Idempotency-Replayed" not in first.headers
    assert 422 == berlin.post("appointments", {"slot": slot, "patient": "P-2"}, key).status_code
    assert 404 == lyon.post("appointments", {"slot": slot, "patient": "P-1"}, key).status_code, "another clinic's slot"


def test_what_was_refused_may_be_tried_again_by_the_same_key(berlin: Walker) -> None:
    key = "a-key-that-was-refused"
    assert 404 == berlin.post("consultations", {"appointment": ID}, key).status_code
    assert 201 == berlin.post("consultations", {"appointment": berlin.booked()}, key).status_code


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("appointments", {"slot": ID, "patient": "P-1"}, 404, "no such slot"),
        ("consultations", {"appointment": ID}, 404, "no such appointment"),
        (f"consultations/{ID}/notes", {"text": "x"}, 404, "no such consultation"),
        ("prescriptions", {"consultation": ID, "medicine": "x", "dose": "x", "days": 1}, 404, "no such consultation"),
        ("payments", {"appointment": ID, "amount": 1, "currency": "EUR", "token": "tok_1234"}, 404, "no such appo"),
    ],
)
def test_what_leads_to_nothing_is_not_found(path: str, body: Json, status: int, word: str, berlin: Walker) -> None:
    answer = berlin.post(path, body)
    assert status == answer.status_code
    assert answer.json()["error"].startswith(word)


def test_an_appointment_has_one_consultation_and_one_payment_and_a_slot_that_is_to_come(berlin: Walker) -> None:
    appointment = berlin.booked()
    price: Json = {"appointment": appointment, "amount": 1, "currency": "EUR", "token": "tok_1234"}
    for path, body in (("consultations", {"appointment": appointment}), ("payments", price)):
        assert 201 == berlin.post(path, body).status_code
        assert 409 == berlin.post(path, body).status_code
    over = berlin.slot(soon(days=-1))
    late = berlin.post("appointments", {"slot": over, "patient": "P-1"})
    assert (409, "the slot is over") == (late.status_code, late.json()["error"])
    berlin.post("slots", SLOT)
    assert 409 == berlin.post("slots", SLOT).status_code, "a practitioner is in one place"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "4500"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"token": "4111111111111111"}, "token"),
        ({"token": "4111-1111-1111-1111"}, "token"),
        ({"token": "tok_4111111111111111"}, "token"),
        ({"token": "4111_1111_1111_1111"}, "token"),
        ({"appointment": "../x"}, "appointment"),
        ({"card": "4111111111111111"}, "body"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_and_not_repeated(change: Json, field: str, berlin: Walker) -> None:
    body: Json = {"appointment": ID, "amount": 4500, "currency": "EUR", "token": "tok_4f9a2b", **change}
    answer = berlin.post("payments", body)
    assert (400, "invalid", field) == (answer.status_code, answer.json()["error"], answer.json()["field"])
    assert not re.search(r"1111[-_]?1111", answer.text + berlin.service.output), "a trace may have four by chance"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"appointment": 1, "appointment": 2}', b"[" * 8000])
def test_what_is_no_object_is_refused(body: bytes, berlin: Walker) -> None:
    assert 400 == berlin.post("consultations", body).status_code


def test_other_bodies_and_keys_are_refused(berlin: Walker) -> None:
    assert 413 == berlin.post("consultations", b" " * 8193).status_code
    assert 400 == berlin.post("consultations", {"appointment": ID}, "short").status_code
    assert 400 == berlin.get("slots?from=tomorrow").status_code
    assert 400 == berlin.get("slots?days=9").status_code
    assert 400 == berlin.get("appointments/x").status_code
    lone = b'{"consultation": "%s", "medicine": "\\ud800", "dose": "x", "days": 1}' % ID.encode()
    assert 400 == berlin.post("prescriptions", lone).status_code


@pytest.mark.parametrize("who", [name for name in PEOPLE if " " in name])
def test_who_is_no_clinic_of_this_cell_is_refused(who: str, there: Service) -> None:
    stranger = Walker(there, PEOPLE[who])
    assert 403 == stranger.post("slots", SLOT).status_code
    assert 403 == stranger.get("slots").status_code


def test_nobody_without_an_identity_reads_or_writes(there: Service) -> None:
    assert 401 == there.get("/journeys/slots").status_code
    assert 401 == there.request("POST", "/journeys/slots", b"{}").status_code


def test_a_token_with_digits_that_are_no_cards_number_is_taken() -> None:
    for card in ("tok_4111111111111111", "4111_1111_1111_1111", "_378282246310005", "4111111111111111_x"):
        assert not forms.Token().accepts(card), card
    for token in ("tok_4111111111111112", "canary_a4111111111111111c", "tok_41111111111111110000", "tok_411111"):
        assert forms.Token().accepts(token), token


@pytest.mark.parametrize("trick", ["5 mg\u202e", "5\u2028mg", "5\x85mg", "5\u2066mg"])
def test_a_dose_reads_as_it_was_written(trick: str, berlin: Walker) -> None:
    body: Json = {"consultation": ID, "medicine": "x", "dose": trick, "days": 1}
    answer = berlin.post("prescriptions", body)
    assert (400, "dose") == (answer.status_code, answer.json()["field"])
    assert 404 == berlin.post("prescriptions", {**body, "dose": "½ Tablette früh, 5 µg"}).status_code


@pytest.mark.parametrize(("minutes", "length"), [(0, 15), (-10, 15), (-60, 240), (14, 5)])
def test_a_practitioner_has_one_slot_at_a_time(minutes: int, length: int, berlin: Walker) -> None:
    who = f"dr-{secrets.token_hex(4)}"
    body: Json = {"practitioner": who, "starts_at": soon(), "minutes": 15}
    assert 201 == berlin.post("slots", body).status_code
    assert 409 == berlin.post("slots", {**body, "starts_at": soon(minutes), "minutes": length}).status_code
    for beside in (15, -15):
        assert 201 == berlin.post("slots", {**body, "starts_at": soon(beside)}).status_code, "one after the other"


def test_of_slots_that_overlap_and_are_opened_at_once_one_is_kept(berlin: Walker, database: MariaDb) -> None:
    who, together = f"dr-{secrets.token_hex(4)}", threading.Barrier(4)

    def offer(minutes: int) -> int:
        together.wait()
        body: Json = {"practitioner": who, "starts_at": soon(minutes), "minutes": 15}
        return berlin.post("slots", body).status_code

    with ThreadPoolExecutor(4) as crowd:
        codes = list(crowd.map(offer, range(4)))
    assert 1 == codes.count(201), codes
    assert 1 == database.ask(f"SELECT COUNT(*) FROM medical.journey_slots WHERE practitioner = '{who}'")  # noqa: S608  our own


@pytest.mark.parametrize(("days", "status"), [(-2, 400), (-1, 200), (0, 200), (92, 200), (94, 400)])
def test_somebodys_today_is_not_refused_anywhere_on_earth(days: int, status: int, berlin: Walker) -> None:
    over = berlin.slot(soon(days=-1))
    answer = berlin.get(f"slots?from={soon(days=days)[:10]}")
    assert status == answer.status_code
    assert over not in answer.text, "what is over is not listed"


def test_another_clinics_rows_are_not_there_whatever_is_asked(berlin: Walker, lyon: Walker) -> None:
    appointment = berlin.booked()
    consultation = berlin.made("consultations", {"appointment": appointment}, "consultation")
    steps: list[tuple[str, Json]] = [
        ("consultations", {"appointment": appointment}),
        (f"consultations/{consultation}/notes", {"text": "x"}),
        ("prescriptions", {"consultation": consultation, "medicine": "x", "dose": "x", "days": 1}),
        ("payments", {"appointment": appointment, "amount": 1, "currency": "EUR", "token": "tok_1234"}),
    ]
    for path, body in steps:
        assert 404 == lyon.post(path, body).status_code, path
    for path in (f"appointments/{appointment}", f"appointments/{appointment}/notices"):
        assert (404, 200) == (lyon.get(path).status_code, berlin.get(path).status_code), path


def test_while_nobody_can_say_who_asks_the_answer_is_to_ask_again(there: Service, sts: Sts) -> None:
    sts.instead = lambda: (503, b"", {})
    unchecked = Walker(there, PEOPLE["a clinic of another cell"]).get("slots")
    assert (503, "identity unchecked") == (unchecked.status_code, unchecked.json()["error"])
    assert unchecked.headers["Retry-After"]
    answer = drills.put(there, "run/1", claim=drills.header(drills.OTHERS["a user"]))
    assert (503, {"error": "identity unchecked"}) == answer
    assert 401 == there.get("/journeys/slots").status_code, "nobody need be asked about that"


def test_a_clinic_sees_its_own_slots_only(berlin: Walker, lyon: Walker) -> None:
    slot, others = berlin.slot(), lyon.slot()
    assert {slot} == {slot, others} & berlin.open_ids()
    assert {others} == {slot, others} & lyon.open_ids()
    appointment = berlin.booked()
    assert 404 == lyon.get(f"appointments/{appointment}").status_code
    assert 404 == lyon.post("consultations", {"appointment": appointment}).status_code


def test_a_canary_walks_by_itself(berlin: Walker, there: Service, database: MariaDb) -> None:
    canary = Walker(there, CANARY)
    slot = canary.slot()
    appointment = canary.made("appointments", {"slot": slot, "patient": "canary"}, "appointment")
    assert slot not in berlin.open_ids()
    where = f"medical.journey_appointments WHERE id = '{appointment}'"
    assert "canary" == database.ask(f"SELECT clinic FROM {where}")  # noqa: S608  our own


def test_a_side_that_does_not_write_says_so_and_still_reads(berlin: Walker, database: MariaDb) -> None:
    slot, appointment = berlin.slot(), berlin.booked()
    database.sql("SET GLOBAL read_only = 1")
    for path, body in (
        ("appointments", {"slot": slot, "patient": "P-1"}),
        ("consultations", {"appointment": appointment}),
    ):
        answer = berlin.post(path, body)
        assert (503, "read-only") == (answer.status_code, answer.json()["error"])
        assert answer.headers["Retry-After"]
    assert slot in berlin.open_ids()
    assert 200 == berlin.get(f"appointments/{appointment}").status_code


def test_without_a_cache_everything_goes_on(berlin: Walker, cache: Valkey) -> None:
    slot = berlin.slot()
    cache.stop()
    assert slot in berlin.open_ids()
    berlin.made("appointments", {"slot": slot, "patient": "P-1"}, "appointment")
    assert slot not in berlin.open_ids(), "the database answers"


def test_the_log_says_for_which_clinic_a_request_was_admitted(berlin: Walker) -> None:
    berlin.get(f"appointments/{ID}")
    berlin.service.get(f"/journeys/appointments/{ID}")
    known, unknown = berlin.service.lines("request")[-2:]
    assert ("/journeys/appointments/{id}", 404, "berlin") == (known["path"], known["status"], known["clinic"])
    assert (401, False) == (unknown["status"], "clinic" in unknown)


def test_no_log_has_a_patient(berlin: Walker) -> None:
    consultation = berlin.made("consultations", {"appointment": berlin.booked()}, "consultation")
    berlin.made(f"consultations/{consultation}/notes", {"text": "Erika Mustermann coughs"}, "note")
    berlin.post("appointments", b'{"slot": "Erika"}')
    assert "Erika" not in berlin.service.output
    assert "P-1" not in berlin.service.output
    assert consultation not in berlin.service.output
