"""The other side's function, asked over Lambda: it stands where the other database can be reached.

No secret is in a request: it names the secret and the version, and the other side reads them where they are rotated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from functions.rotation.faults import NotThereError, RotationError, aws_errors
from functions.rotation.steps import Turn

_ADVICE: Final = "the other side's function could not be called; see the role's rights and the other region's health"


class Ask(StrEnum):
    """What one side asks of the other."""

    WRITES = "writes"
    APPLY = "apply"
    PROVE = "prove"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The other side. `client` is boto3's for Lambda in its region; `region` is where the secrets are rotated: ours."""

    client: Any
    function: str
    region: str

    def writes(self) -> bool:
        """Whether its database takes writes. Raises RotationError."""
        return self._call({"ask": Ask.WRITES}) is True

    def apply(self, kind: str, turn: Turn) -> None:
        """Have it let a version in. Raises RotationError."""
        self._call({"ask": Ask.APPLY, "kind": kind, "token": turn.token})

    def prove(self, kind: str, turn: Turn) -> None:
        """Have it try a version. Raises RotationError."""
        self._call({"ask": Ask.PROVE, "kind": kind, "token": turn.token})

    def _call(self, asked: dict[str, str]) -> object:
        try:
            with aws_errors(_ADVICE):
                answer = self.client.invoke(
                    FunctionName=self.function, Payload=json.dumps({**asked, "region": self.region}).encode()
                )
        except NotThereError:
            raise RotationError("NoOtherFunction", _ADVICE) from None
        told = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            # Ours raise nothing that holds a secret.
            message = told.get("errorMessage", "") if isinstance(told, dict) else ""
            raise RotationError("OtherSide", f"the other side's function failed with: {message[:300]}")
        return told
