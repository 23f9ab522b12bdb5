"""The starter service's journeys, simulated as far as a canary walks them: docs/journeys.md has the whole contract.

Owns: the rows of the journeys, by the database that keeps them. Does not own: who is asking, which nobody is here, and
what may be written, which whoever asks is trusted to know. Nothing is cached, told to a topic, or copied to the other
side, and rows stay until the world begins anew.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from http import HTTPStatus
from typing import Any, Final, TypeAlias

Answer: TypeAlias = tuple[int, dict[str, Any]]

PATH: Final = "/journeys/"
_NOTES: Final = re.compile(r"consultations/(?P<consultation>[0-9a-f]{32})/notes")
_APPOINTMENT: Final = re.compile(r"appointments/(?P<appointment>[0-9a-f]{32})")


class Journeys:
    """What was booked, and what came of it."""

    def __init__(self) -> None:
        """Nothing was."""
        self._appointments: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._made = 0

    def answer(self, database: str, method: str, path: str, body: str) -> Answer:
        """What `path`, below `PATH`, is answered by the service over `database`, which can do what is asked of it."""
        if method == "GET":
            return self._read(database, path)
        try:
            return self._write(database, path, json.loads(body))
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"error": "invalid"}

    def _read(self, database: str, path: str) -> Answer:
        if path == "slots":
            return HTTPStatus.OK, {"slots": [], "more": False}
        asked = _APPOINTMENT.fullmatch(path)
        found = self._appointments[database].get(asked["appointment"]) if asked else None
        return (HTTPStatus.NOT_FOUND, {"error": "no such appointment"}) if found is None else (HTTPStatus.OK, found)

    def _write(self, database: str, path: str, given: dict[str, str]) -> Answer:
        rows = self._appointments[database]
        if path == "slots":
            return HTTPStatus.CREATED, {"slot": self._id()}
        if path == "appointments":
            made = {"appointment": self._id(), "slot": given["slot"], "consultation": None, "payment": None}
            rows[made["appointment"]] = {**made, "notes": 0, "prescriptions": 0}
            return HTTPStatus.CREATED, made
        if path in ("consultations", "payments"):
            made = {path.removesuffix("s"): self._id(), "appointment": given["appointment"]}
            rows[given["appointment"]].update(made)
            return HTTPStatus.CREATED, made
        noted = _NOTES.fullmatch(path)
        if not noted and path != "prescriptions":
            return HTTPStatus.NOT_FOUND, {"error": "not found"}
        consultation = noted["consultation"] if noted else given["consultation"]
        row = next((row for row in rows.values() if row["consultation"] == consultation), None)
        if row is None:
            return HTTPStatus.NOT_FOUND, {"error": "no such consultation"}
        row["notes" if noted else "prescriptions"] += 1
        return HTTPStatus.CREATED, {"note" if noted else "prescription": self._id(), "consultation": consultation}

    def _id(self) -> str:
        self._made += 1
        return f"{self._made:032x}"
