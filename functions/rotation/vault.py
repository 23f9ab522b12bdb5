"""Secrets Manager in one region: versions of secrets, and the labels that say which one is in use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from functions.rotation.faults import NotThereError, RotationError, aws_errors

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"

_ADVICE: Final = "Secrets Manager did not do what was asked; see the role's rights, the key, and AWS's health"


@dataclass(frozen=True, kw_only=True)
class Values:
    """What one version of a secret says. Shows nothing of it."""

    fields: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """One of the values.

        Raises:
            RotationError: the version lacks it.
        """
        if name not in self.fields:
            raise RotationError("SecretMalformed", f"a version of the secret has no {name}: write one that has")
        return self.fields[name]


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a secret without its values. `primary`: the region that it is a replica of, if it is one."""

    name: str
    labels: Mapping[str, tuple[str, ...]]
    rotated: datetime
    primary: str | None

    def version(self, label: str) -> str | None:
        """The id of the version with this label."""
        return next((version for version, labels in self.labels.items() if label in labels), None)


class Vault:
    """Secrets by name or ARN. All methods raise RotationError if Secrets Manager fails."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3's clients have no static type
        """Use a client of Secrets Manager."""
        self._client = client

    def about(self, secret: str) -> About:
        """What is known of a secret. Raises NotThereError."""
        with aws_errors(_ADVICE):
            found = self._client.describe_secret(SecretId=secret)
        labels = found.get("VersionIdsToStages", {})
        return About(
            name=found["Name"],
            labels={version: tuple(stages) for version, stages in labels.items()},
            rotated=found.get("LastRotatedDate") or found["CreatedDate"],
            primary=found.get("PrimaryRegion"),
        )

    def with_label(self, secret: str, label: str) -> Values | None:
        """The values of the version with a label, None if none has it."""
        return self._read(SecretId=secret, VersionStage=label)

    def version(self, secret: str, token: str) -> Values | None:
        """The values of a version, None as long as it has none."""
        return self._read(SecretId=secret, VersionId=token)

    def _read(self, **asked: str) -> Values | None:
        try:
            with aws_errors(_ADVICE):
                text = self._client.get_secret_value(**asked).get("SecretString", "")
        except NotThereError:
            return None
        return _parsed(text)

    def put_pending(self, secret: str, token: str, values: Mapping[str, str]) -> None:
        """Give the version `token` its values. What stands already is not changed: Secrets Manager refuses that."""
        with aws_errors(_ADVICE):
            self._client.put_secret_value(
                SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(values), VersionStages=[PENDING]
            )

    def make_current(self, secret: str, token: str, replaced: str | None) -> None:
        """Move the label of what is in use; the version that had it becomes the previous one."""
        removed = {"RemoveFromVersionId": replaced} if replaced else {}
        with aws_errors(_ADVICE):
            self._client.update_secret_version_stage(
                SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, **removed
            )


def _parsed(text: str) -> Values:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise RotationError("SecretMalformed", "a version of the secret is no JSON object of texts: write one that is")
    return Values(fields=document)
