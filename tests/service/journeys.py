"""The journeys as their visitors meet them: who walks them, and the steps."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import httpx

from tests.service import drills
from tests.service.drills import ACCOUNT, Person, person
from tests.service.running import Json, Service


def clinic(name: str) -> Person:
    """Return a session of a clinic's role."""
    return person(f"arn:aws:sts::{ACCOUNT}:assumed-role/medical-us-global-clinic-{name}/backend")


CANARY = person(f"arn:aws:sts::{ACCOUNT}:assumed-role/medical-us-use2-canary/medical-us-use2-canary")
PEOPLE = {
    "berlin": clinic("berlin"),
    "lyon": clinic("lyon"),
    "canary": CANARY,
    "a clinic that calls itself canary": clinic("canary"),
    "a clinic of another cell": person(f"arn:aws:sts::{ACCOUNT}:assumed-role/medical-eu-global-clinic-berlin/backend"),
    "a clinic's role elsewhere": person("arn:aws:sts::999999999999:assumed-role/medical-us-global-clinic-berlin/b"),
}


def soon(minutes: int = 0, days: int = 3) -> str:
    """Return a moment some days ahead."""
    noon = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=days, minutes=minutes)
    return f"{noon:%Y-%m-%dT%H:%M}:00Z"


Body: TypeAlias = "Mapping[str, Json | str | int | float] | bytes"


@dataclass(frozen=True)
class Walker:
    """A visitor of one service."""

    service: Service
    who: Person

    def post(self, path: str, body: "Body", key: str | None = None) -> httpx.Response:
        """Do one step, by a key of its own unless one is given."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.service.request(
            "POST",
            f"/journeys/{path}",
            content,
            x_medical_identity=drills.header(self.who),
            content_type="application/json",
            idempotency_key=key or secrets.token_hex(16),
        )

    def get(self, path: str) -> httpx.Response:
        """Read."""
        return self.service.get(f"/journeys/{path}", x_medical_identity=drills.header(self.who))

    def made(self, path: str, body: "Body", what: str) -> str:
        """Do one step that succeeds, and return the id of what it made."""
        answer = self.post(path, body)
        assert 201 == answer.status_code, answer.text
        return str(answer.json()[what])

    def slot(self, starts_at: str | None = None) -> str:
        """Open a slot of a practitioner of its own."""
        body: Json = {"practitioner": secrets.token_hex(8), "starts_at": starts_at or soon(), "minutes": 15}
        return self.made("slots", body, "slot")

    def booked(self) -> str:
        """Open a slot and book it."""
        return self.made("appointments", {"slot": self.slot(), "patient": "P-1"}, "appointment")

    def open_ids(self, query: str = "") -> set[str]:
        """Return the ids of the open slots."""
        return {slot["id"] for slot in self.get(f"slots{query}").json()["slots"]}
