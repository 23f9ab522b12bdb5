"""Where a drill takes place, found from a cell's name: its settings, its manifest, and the site with its clients.

Owns: the way there, which differs between the local cloud and AWS. Does not own: what is done there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from components.dns.names import cell_domain
from domain import manifest as manifests
from domain.manifest import Manifest, ManifestError
from ops.drill.calls import SHORT, ActionError, call
from ops.drill.site import Site, SiteError, UnreachableError
from ops.engine import project
from ops.engine.project import ROOT
from ops.refusal import RefusalError
from ops.sandbox.cells.state import Standing
from settings import Settings, SettingsError
from settings import load as check

_CODE: Final = ("ops/drill", "domain")
_PARAMETER: Final = "aws:ssm/parameter:Parameter"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell as its stack's file in `folder` says it is."""

    name: str
    folder: Path
    settings: Settings

    @property
    def domain(self) -> str:
        """The name that its users ask for."""
        return cell_domain(self.name, self.settings.domain)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A site, the manifest that was found there, and whether recovery's database takes the writes by now."""

    site: Site
    manifest: Manifest
    failed_over: bool


def cell(name: str, folder: Path) -> Cell:
    """The cell called `name`, from its stack's file in `folder`.

    Raises:
        RefusalError: there is none, its configuration is refused, or it has no recovery region.
    """
    try:
        stack = project.load(name, folder=folder)
        settings = check(name, stack.stated)
    except project.ProjectError as error:
        raise RefusalError(str(error)) from None
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    if settings.alone:
        raise RefusalError(
            f"cell {name} has posture {settings.posture}: with no recovery region there is nothing to fail over to; "
            f"rehearse a restore instead (docs/continuity.md)"
        )
    return Cell(name=name, folder=folder, settings=settings)


def in_sandbox(found: Cell, standing: Standing, seed: int | None) -> Place:
    """The local cloud of a cell that stands. With `seed` its clock begins anew; without, it goes on.

    Raises:
        RefusalError: it does not answer, or holds another cell.
    """
    from ops.drill.sites.sandbox import SandboxSite  # noqa: PLC0415 - boto3 is slow to load
    from ops.sandbox.remote import RemoteWorld  # noqa: PLC0415 - as above

    world = RemoteWorld(standing.endpoint_url)
    try:
        if seed is not None:
            world.begin(seed)
        else:
            world.now()
    except OSError as error:
        raise RefusalError(
            f"the local cloud of cell {found.name} does not answer: {error}; begin a new drill"
        ) from None
    return _place(found, SandboxSite(world, standing.endpoint_url))


def in_aws(found: Cell, profile: str | None) -> Place:
    """The cell's account.

    Raises:
        RefusalError: there is no such profile, or the credentials are not of the cell's account.
    """
    from ops.drill.sites import aws  # noqa: PLC0415 - boto3 is slow to load

    try:
        session = aws.session(profile)
        ssm = session.client("ssm", region_name=found.settings.recovery_region, config=SHORT)
        manifest = read(ssm, found)
        return _seen(manifest, aws.AwsSite(session, manifest, found.domain))
    except (SiteError, UnreachableError, ActionError) as error:
        raise RefusalError(str(error)) from None


def offline(found: Cell) -> Manifest:
    """The manifest as the program would write it, with marks where AWS has yet to choose a name."""
    from ops.engine import runner  # noqa: PLC0415 - loads Pulumi
    from ops.engine.record import reveal  # noqa: PLC0415 - as above
    from ops.engine.synthetic import Synthetic  # noqa: PLC0415 - as above

    program = runner.run(project.load(found.name, folder=found.folder), Synthetic())
    name = manifests.parameter_name(found.name)
    text = next(reveal(item.inputs)["value"] for item in program.of_type(_PARAMETER) if item.inputs["name"] == name)
    return manifests.read(str(text))


def read(ssm: Any, found: Cell) -> Manifest:  # noqa: ANN401 - boto3's clients have no static type
    """The manifest of a cell in the region of `ssm`.

    Raises:
        RefusalError: what is kept there is no manifest, or one of another cell or account.
        UnreachableError, ActionError: it cannot be read.
    """
    name = manifests.parameter_name(found.name)
    text: str = call(ssm, "get_parameter", Name=name, WithDecryption=True)["Parameter"]["Value"]
    try:
        manifest = manifests.read(text)
    except ManifestError as error:
        raise RefusalError(f"{name}: {error}; update the stack, which writes it anew") from None
    for what, stated, kept in (
        ("cell", found.name, manifest.cell),
        ("account", found.settings.account_id, manifest.account_id),
        ("home region", found.settings.home_region, manifest.home.region),
        ("recovery region", found.settings.recovery_region, manifest.recovery.region),
    ):
        if stated != kept:
            raise RefusalError(
                f"{name} is of another place: its {what} is {kept}, and the stack's file says {stated}; look at the "
                f"profile and at the stack's file",
                [{"key": what, "value": kept, "rule": "the manifest is the cell's own"}],
            )
    return manifest


def code() -> str:
    """The SHA-256 of the code that carries drills out."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(json.dumps([str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")]).encode())
    return digest.hexdigest()


def _place(found: Cell, site: Site) -> Place:
    try:
        return _seen(read(site.client("ssm", found.settings.recovery_region), found), site)
    except (UnreachableError, ActionError) as error:
        raise RefusalError(f"the manifest of cell {found.name} cannot be read: {error}") from None


def _seen(manifest: Manifest, site: Site) -> Place:
    """Ask recovery's database, because a manifest is older than a failover."""
    from ops.drill.probes import database  # noqa: PLC0415 - as above

    rds = site.client("rds", manifest.recovery.region)
    instance = database.find(rds, manifest.recovery.database.identifier)
    return Place(site=site, manifest=manifest, failed_over=instance is not None and not instance.source)
