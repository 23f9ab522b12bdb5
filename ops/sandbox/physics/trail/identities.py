"""Who makes a call, as CloudTrail says it: by the key that signed, a function's role, or a service of AWS's own.

A key that moto gave out is a user's or an assumed role's. The local cloud takes any other key too: one called `root` is
taken for the account's root user, and every other for a user of the key's own name. Source of the forms: CloudTrail
user guide, "CloudTrail userIdentity element", as of November 2026.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

Identity: TypeAlias = Mapping[str, Any]

ROOT: Final = "root"
_ID_LETTERS: Final = 17
_MOST_KNOWN: Final = 1000


class Identities:
    """The identities behind the account's access keys."""

    def __init__(self, world: World) -> None:
        """Know none yet."""
        self._world = world
        self._known: dict[str, Identity] = {}

    def of_key(self, access_key: str) -> Identity:
        """Whose a key is."""
        known = self._known.get(access_key)
        if known is None:
            known = self._role(access_key) or self._user(access_key)
            if known is None:
                return stranger(self._world.account, access_key)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[access_key] = known
        return known

    def of_role(self, role_arn: str, session: str, *, invoked_by: str = "") -> Identity:
        """Who takes a role, of a function or a service, under a session's name."""
        made = assumed(self._world.account, role_arn, session, f"ASIA{_made_up(role_arn)[:16]}", self._world.now)
        return made | ({"invokedBy": invoked_by} if invoked_by else {})

    def _role(self, access_key: str) -> Identity | None:
        sts = self._world.backend("sts", "aws")
        found = sts.get_assumed_role_from_access_key(access_key)
        if found is None:
            return None
        return assumed(self._world.account, found.role_arn, found.session_name, access_key, self._world.now)

    def _user(self, access_key: str) -> Identity | None:
        iam = self._world.backend("iam", "aws")
        for user in iam.users.values():
            if any(kept.access_key_id == access_key for kept in user.access_keys):
                return {
                    "type": "IAMUser",
                    "principalId": user.id,
                    "arn": user.arn,
                    "accountId": self._world.account,
                    "accessKeyId": access_key,
                    "userName": user.name,
                }
        return None


def service(name: str) -> Identity:
    """A service of AWS's, such as lambda.amazonaws.com."""
    return {"type": "AWSService", "invokedBy": name}


def stranger(account: str, access_key: str) -> Identity:
    """Whom a key that nobody gave out is taken for."""
    if access_key == ROOT:
        return {
            "type": "Root",
            "principalId": account,
            "arn": f"arn:aws:iam::{account}:root",
            "accountId": account,
            "accessKeyId": access_key,
        }
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{_made_up(access_key)}",
        "arn": f"arn:aws:iam::{account}:user/{access_key}",
        "accountId": account,
        "accessKeyId": access_key,
        "userName": access_key,
    }


def assumed(account: str, role_arn: str, session: str, access_key: str, since: datetime) -> dict[str, Any]:
    """Who has taken a role under a session's name, `since` when."""
    role = role_arn.rpartition("/")[2]
    id_ = f"AROA{_made_up(role_arn)}"
    return {
        "type": "AssumedRole",
        "principalId": f"{id_}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": id_,
                "arn": role_arn,
                "accountId": account,
                "userName": role,
            },
            "attributes": {"creationDate": f"{since:%Y-%m-%dT%H:%M:%SZ}", "mfaAuthenticated": "false"},
        },
    }


def user_name(identity: Identity) -> str:
    """What event history calls who made a call: the user's name, or that of the role's session."""
    if identity["type"] == "AssumedRole":
        return str(identity["arn"]).rpartition("/")[2]
    return str(identity.get("userName") or (ROOT if identity["type"] == "Root" else identity.get("invokedBy", "")))


def _made_up(text: str) -> str:
    """Letters of an id, always the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LETTERS].upper()
