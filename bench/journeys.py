"""`python -m bench.journeys`: the starter service on this machine, walked through once, and then yours to walk by hand.

Everything that it needs is real and in processes of its own (`bench.stand`): MariaDB, Valkey or Redis, TLS, identities
that are signed and checked; AWS's topics, queues and secrets are moto's. What is walked are the canaries' own steps, as
a clinic. All of it is gone at the end.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.process import BenchError
from bench.stand import standing
from domain.objectives import JOURNEYS
from functions.canaries import walk
from functions.canaries.door import Answer, Door
from service.journeys.ledger import fresh_id
from tests.service import drills
from tests.service.drills import Person
from tests.service.journeys import clinic
from tests.service.running import Service

CLINICS: Final = {"berlin": clinic("berlin"), "lyon": clinic("lyon")}
TOPICS: Final = ("appointments", "consultations", "prescriptions", "payments")
_LIFE_SECONDS: Final = 900
_RENEWED_SECONDS: Final = 600
_SHOWN_CHARACTERS: Final = 160
_NOTICE_SECONDS: Final = 15
_IDENTITY: Final = "x-medical-identity"

_BY_HAND: Final = """
Now you. Each file holds a clinic's identity, which is renewed for as long as this stays:

  curl -K {berlin} {url}/journeys/slots
  curl -K {berlin} -H "Idempotency-Key: $(openssl rand -hex 16)" \\
    -d '{{"practitioner": "dr-1", "starts_at": "{soon}", "minutes": 15}}' {url}/journeys/slots
  curl -K {berlin} {url}/journeys/appointments/{appointment}/notices
  curl -K {lyon} {url}/journeys/appointments/{appointment}

The last one is another clinic's, which finds nothing. docs/journeys.md has the rest. Ctrl-C ends it all.
"""


class Tour:
    """Walks a service as a clinic, and shows each step."""

    def __init__(self, service: Service, who: Person, say: Callable[[str], None]) -> None:
        """Remember where to walk, as whom; nothing is asked yet."""
        self._service = service
        self._who = who
        self._say = say
        self.appointment = ""
        """The last one that was booked."""

    def walk(self, journey: str) -> None:
        """Walk a journey as its canary does.

        Raises:
            JourneyError: a step was answered otherwise than it should be.
        """
        self._say(f"\n{journey}")
        walk.walk(journey, self.ask, must_write=True, now=datetime.now(UTC), fresh=fresh_id)

    def notices(self) -> list[str]:
        """What is told of the last appointment: it goes by outbox, topic and queue, and so comes a little later."""
        self._say("\nwhat the patient is told")
        deadline = time.monotonic() + _NOTICE_SECONDS
        path = f"/journeys/appointments/{self.appointment}/notices"
        while not (found := self._answered("GET", path).body["notices"]) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.ask("GET", path)
        return [notice["event"] for notice in found]

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
        """Ask, and show what was asked and answered."""
        answer = self._answered(method, path, body, key)
        self.appointment = answer.body.get("appointment", self.appointment)
        self._say(f"  {method} {path}{'' if body is None else f' {json.dumps(body)}'}")
        text = json.dumps(answer.body)
        shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
        self._say(f"    {answer.status} {shown}")
        return answer

    def _answered(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
        headers = {_IDENTITY: drills.header(self._who)} | ({walk.KEY_HEADER: key} if key else {})
        with Door("localhost", "localhost", self._service.context(), port=self._service.port) as door:
            return door.ask(method, path, body, headers)


def curl_file(who: Person, authority: Path) -> str:
    """What curl is to read (`-K`) to ask as somebody: whom to believe, and who one is for a quarter of an hour."""
    header = drills.header(who, seconds=_LIFE_SECONDS)
    return (
        f'cacert = "{authority}"\nheader = "{_IDENTITY}: {header}"\nheader = "Content-Type: application/json"\n'
        'silent\nshow-error\nwrite-out = "\\n"\n'  # an answer on a line of its own
    )


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser("python -m bench.journeys", description=__doc__.partition("\n")[0])
    parser.add_argument("--once", action="store_true", help="end after the tour")
    once = parser.parse_args().once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with tempfile.TemporaryDirectory(prefix="journeys-") as folder:
            _run(Path(folder), once=once)
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _run(folder: Path, *, once: bool) -> None:
    _say("Starting MariaDB, the cache, topics and queues, and the service (some seconds)")
    with standing(folder, list(CLINICS.values())) as stand:
        topics = {name: stand.aws.listened_topic(name)[0] for name in TOPICS}
        queues = {name: arn.replace(":sns:", ":sqs:") for name, arn in topics.items()}
        service = stand.start(topics={**topics}, queues={**queues})
        tour = Tour(service, CLINICS["berlin"], _say)
        for journey in JOURNEYS:
            tour.walk(journey)
        tour.notices()
        if once:
            return
        files = {name: folder / name for name in CLINICS}
        soon = f"{datetime.now(UTC).year + 1}-01-31T09:30:00Z"
        told = False
        while True:
            for name, file in files.items():
                file.write_text(curl_file(CLINICS[name], stand.authority.certificate), encoding="utf-8")
            if not told:
                _say(_BY_HAND.format(url=service.address, appointment=tour.appointment, soon=soon, **files))
            told = True
            time.sleep(_RENEWED_SECONDS)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
