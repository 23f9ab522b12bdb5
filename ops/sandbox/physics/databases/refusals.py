"""What RDS says when it does not do what it is asked: the codes are botocore's, the messages are of RDS's kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ops.sandbox.physics.databases.course import AVAILABLE
from ops.sandbox.physics.databases.instance import Instance

if TYPE_CHECKING:
    from moto.rds.models import RDSBackend

    from ops.sandbox.physics.world import World

STATE: Final = "InvalidDBInstanceState"
EXISTS: Final = "DBInstanceAlreadyExists"
Replacement: TypeAlias = tuple[str, Callable[..., Any]]
"""The name of a call of moto's backend, and what is done in its place."""


def named(world: World, backend: RDSBackend, identifier: str) -> Instance:
    """The instance that `backend`'s region calls `identifier`.

    Raises:
        DBInstanceNotFoundError: there is none.
    """
    (record,) = backend.describe_db_instances(identifier)
    return world.databases.of(record)


def require_available(instance: Instance) -> None:
    """Refuse while it is in the middle of something.

    Raises:
        RDSClientError: its status is not `available`.
    """
    if instance.status != AVAILABLE:
        raise refusal(STATE, f"Instance {instance.identifier} is not in available state: it is {instance.status}.")


def refusal(code: str, message: str) -> Exception:
    """The error that moto answers with `code`."""
    from moto.rds.exceptions import RDSClientError  # noqa: PLC0415 - moto reads its environment first

    return RDSClientError(code, message)
