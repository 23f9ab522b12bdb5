"""What is kept in the cache: once for all who miss, void after a change, and no harm if the cache is lost."""

import socket
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from service.cache import Cache
from service.failures import Failure, Reason
from service.journeys import shelf
from service.journeys.shelf import Shelf
from tests.service.certificates import Authority
from tests.service.servers import Valkey
from tests.service.test_stores import cache_at

ASKERS = 12


@dataclass
class Source:
    """Stands for the database: counts how often it is asked, and takes as long as it is told."""

    text: bytes = b"first"
    asked: int = 0
    waits: Callable[[], object] = bool
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> bytes:
        """Answer with what is true when it is asked."""
        with self.lock:
            self.asked += 1
            text = self.text
        self.waits()
        return text


@pytest.fixture
def store(cache: Valkey, authority: Authority) -> Generator[Cache]:
    cache.command("FLUSHALL")
    found = cache_at(cache, authority.certificate)
    yield found
    found.close()


def ask(one: Shelf, source: Source, clinic: str = "berlin") -> bytes:
    return one.get(clinic, "today:7", source.load)


def asked_together(shelves: list[Shelf], source: Source) -> set[bytes]:
    """Ask from many threads at once, by each of the instances in turn, and return the answers."""
    together = threading.Barrier(ASKERS)

    def one(number: int) -> bytes:
        together.wait()
        return ask(shelves[number % len(shelves)], source)

    with ThreadPoolExecutor(ASKERS) as crowd:
        return set(crowd.map(one, range(ASKERS)))


def test_who_asks_again_costs_no_query_on_any_instance(store: Cache) -> None:
    one, other, source = Shelf(store), Shelf(store), Source()
    assert {b"first"} == {ask(one, source), ask(one, source), ask(other, source), ask(other, source)}
    assert 1 == source.asked


@pytest.mark.parametrize("instances", [1, 4])
def test_of_many_who_miss_at_once_one_asks_the_database(instances: int, store: Cache) -> None:
    source = Source(waits=lambda: time.sleep(0.1))
    assert {b"first"} == asked_together([Shelf(store) for _ in range(instances)], source)
    assert 1 == source.asked


def test_a_change_voids_the_clinics_answers_everywhere_and_no_other_clinics(store: Cache) -> None:
    one, other, source = Shelf(store), Shelf(store), Source()
    for where in (one, other):
        ask(where, source)
        ask(where, source, "lyon")
    source.text = b"second"
    one.forget("berlin")
    assert (b"second", b"second") == (ask(other, source), ask(one, source))
    assert b"first" == ask(one, source, "lyon")


def test_an_answer_that_was_on_its_way_does_not_outlive_the_change(store: Cache) -> None:
    one = Shelf(store)
    source = Source()

    def change() -> None:
        source.text = b"second"
        Shelf(store).forget("berlin")

    source.waits = change  # after the database was read, before the answer is kept
    assert b"first" == ask(one, source)
    source.waits = bool
    assert b"second" == ask(one, source)


def test_a_copy_is_not_believed_when_the_cache_has_forgotten_the_clinic(store: Cache, cache: Valkey) -> None:
    one, source = Shelf(store), Source()
    ask(one, source)
    Shelf(store).forget("berlin")
    cache.command("FLUSHALL")
    source.text = b"second"
    assert b"second" == ask(one, source)


def test_an_answer_expires(store: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    one, source = Shelf(store), Source()
    ask(one, source)
    later = time.time() + shelf.KEEP_SECONDS * (1 + shelf.SPREAD) + 1
    monkeypatch.setattr("service.journeys.shelf.time.time", lambda: later)
    source.text = b"second"
    assert b"second" == ask(one, source)


def test_answers_made_together_do_not_expire_together(store: Cache, cache: Valkey) -> None:
    one, source = Shelf(store), Source()
    for number in range(20):
        ask(one, source, f"clinic-{number}")
    kept = [cache.command("HGET", f"journeys:clinic-{number}", "today:7") for number in range(20)]
    stamps = {int(value[16:29]) for value in kept if isinstance(value, bytes)}
    assert len(stamps) > 10
    assert max(stamps) - min(stamps) < 2 * shelf.SPREAD * shelf.KEEP_SECONDS * 1000 + 5000


def test_a_lost_cache_is_asked_once_and_then_left_alone(store: Cache, cache: Valkey) -> None:
    one, source = Shelf(store), Source()
    tried: list[int] = []
    run = store.run

    def counted(command: Callable[..., object]) -> object:
        tried.append(1)
        return run(command)

    object.__setattr__(store, "run", counted)
    cache.stop()
    assert {b"first"} == {ask(one, source) for _ in range(5)}
    assert (5, 1) == (source.asked, len(tried))
    one.forget("berlin")
    assert 1 == len(tried), "nor is it told of changes"


def test_a_cache_that_says_nothing_costs_its_bound_once(cache: Valkey, authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        port = int(black_hole.getsockname()[1])
        silent = cache_at(cache, authority.certificate, port=port, seconds=shelf.SECONDS)
        one, source = Shelf(silent), Source()
        began = time.monotonic()
        assert b"first" == ask(one, source)
        first = time.monotonic() - began
        assert b"first" == ask(one, source)
        second = time.monotonic() - began - first
    assert second < shelf.SECONDS < first < 10 * shelf.SECONDS


def test_a_database_that_fails_fails_all_who_wait_and_is_asked_again_later(store: Cache) -> None:
    one, source = Shelf(store), Source()

    def fail() -> None:
        raise Failure(Reason.TIMEOUT)

    source.waits = fail
    with pytest.raises(Failure):
        ask(one, source)
    source.waits = bool
    began = time.monotonic()
    assert b"first" == ask(one, source)
    assert time.monotonic() - began < shelf.PATIENCE_SECONDS, "who failed holds the others up no longer"
