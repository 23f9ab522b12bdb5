"""Where an audit is asked: a cell of the local cloud that stands, or the cell's account on AWS.

Owns: the cell's names, clients, and the time there. Does not own: what is asked. The evidence is read by the same calls
in both places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from botocore.config import Config

from components.storage import rules
from domain.naming import Names
from domain.regions import region as find_region
from ops.drill.calls import call
from ops.drill.site import SiteError, UnreachableError
from ops.engine import project
from ops.refusal import RefusalError
from ops.sandbox.cells.state import StateFolder
from settings import Settings, SettingsError
from settings import load as check

# Event history gives two answers a second to a whole account and region.
_THROTTLED: Final = {"cloudtrail": Config(retries={"total_max_attempts": 6, "mode": "adaptive"})}
_PATIENT: Final = Config(
    connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"}, max_pool_connections=4
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A cell where its evidence is; `sides` are its regions by side, and `now` is the time there."""

    name: str
    cell: str
    account: str
    sides: dict[str, str]
    client: Callable[[str, str], Any]
    now: datetime
    kept_days: int

    def bucket(self, side: str, role: str = rules.AUDIT) -> str:
        """A side's bucket, by its role."""
        return Names(cell=self.cell, place=find_region(self.sides[side]).abbreviation).bucket(role, self.account)

    @property
    def buckets(self) -> dict[str, tuple[str, ...]]:
        """The buckets of both sides, by role."""
        return {role: tuple(self.bucket(side, role) for side in self.sides) for role in rules.ROLES}


def find(cell: str, *, folder: Path, aws: bool, profile: str | None) -> Place:
    """The place of a cell.

    Raises:
        RefusalError: there is no such cell, it does not stand, or the account is not the cell's.
    """
    settings = _settings(cell, folder)
    return _in_aws(cell, settings, profile) if aws else _in_sandbox(cell, settings)


def _settings(cell: str, folder: Path) -> Settings:
    try:
        return check(cell, project.load(cell, folder=folder).stated)
    except project.ProjectError as error:
        raise RefusalError(str(error)) from None
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None


def _sides(settings: Settings) -> dict[str, str]:
    return {"home": settings.home_region} | ({} if settings.alone else {"recovery": settings.recovery_region})


def _in_sandbox(cell: str, settings: Settings) -> Place:
    from ops.drill.sites.sandbox import SandboxSite  # noqa: PLC0415 - boto3 is slow to load
    from ops.sandbox.remote import RemoteWorld  # noqa: PLC0415 - as above

    standing = StateFolder().standing().get(cell)
    if standing is None:
        raise RefusalError(
            f"cell {cell!a} does not stand; 'python -m ops sandbox up {cell}' brings it up, and --aws asks the account"
        )
    world = RemoteWorld(standing.endpoint_url)
    site = SandboxSite(world, standing.endpoint_url)
    try:
        now = site.now()
    except OSError as error:
        raise RefusalError(f"the local cloud of cell {cell} does not answer: {error}") from None
    finally:
        world.close()
    return Place(
        name="sandbox",
        cell=cell,
        account=standing.account,
        sides=_sides(settings),
        client=site.client,
        now=now,
        kept_days=settings.audit_days,
    )


def _in_aws(cell: str, settings: Settings, profile: str | None) -> Place:
    from ops.drill.sites import aws  # noqa: PLC0415 - boto3 is slow to load

    try:
        session = aws.session(profile)
    except SiteError as error:
        raise RefusalError(str(error)) from None
    clients: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        if (service, region) not in clients:
            config = _PATIENT.merge(_THROTTLED[service]) if service in _THROTTLED else _PATIENT
            clients[service, region] = session.client(service, region_name=region, config=config)
        return clients[service, region]

    sides = _sides(settings)
    account = _account(client, sides)
    if account != settings.account_id:
        raise RefusalError(
            f"the credentials are of account {account}, and cell {cell} is in {settings.account_id}; choose its "
            "profile with --profile, or set AWS_PROFILE"
        )
    return Place(
        name="aws",
        cell=cell,
        account=account,
        sides=sides,
        client=client,
        now=datetime.now(UTC).replace(microsecond=0),
        kept_days=settings.audit_days,
    )


def _account(client: Callable[[str, str], Any], sides: dict[str, str]) -> str:
    """The account of the credentials, by the first side that answers."""
    said = ""
    for region in sides.values():
        try:
            return str(call(client("sts", region), "get_caller_identity")["Account"])
        except UnreachableError as error:
            said = str(error)
    raise RefusalError(f"neither side of the cell answers ({said}); nothing can be asked now")
