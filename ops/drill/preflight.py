"""What is looked at before the first change: the cell, the account, the manifest, and what the databases say.

Nothing here changes anything. Home is asked only by kinds of drill that need it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from domain import manifest as manifests
from domain.manifest import Manifest, ManifestError
from ops.drill.calls import ActionError, call
from ops.drill.model import Kind, Plan
from ops.drill.site import Site, UnreachableError
from ops.refusal import RefusalError

_NEEDS_HOME: Final = frozenset({Kind.SWITCHOVER})


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was found: the manifest, and who runs the drill, by ARN."""

    manifest: Manifest
    caller: str


def look(plan: Plan, site: Site, typed: str) -> Looked:
    """Look at everything that `plan` takes for granted, with the cell's name as it was `typed` for its execution.

    Raises:
        RefusalError: something is not as the plan says, or cannot be asked; the message says what to do.
    """
    refuse_typed(plan, typed)
    if site.name != plan.site:
        raise _refusal("site", site.name, "a plan is carried out where it was made for", f"the plan is for {plan.site}")
    with _refusing(plan):
        caller = account(plan, site)
        manifest = current(plan, site)
        writers(plan, site, manifest)
    return Looked(manifest=manifest, caller=caller)


@contextmanager
def _refusing(plan: Plan) -> Generator[None]:
    """Until the block ends, what cannot be asked is a refusal."""
    try:
        yield
    except UnreachableError as error:
        raise _refusal(
            "region",
            plan.recovery_region,
            "a drill needs the regions that its steps need",
            f"{error}; nothing was changed: try again when it answers",
        ) from None
    except ActionError as error:
        raise _refusal("permission", plan.account_id, "a drill looks before it changes", f"{error}") from None


def resumable(plan: Plan, site: Site) -> Manifest:
    """The manifest for a run of `plan` that is gone on with: the cell's own, and the caller of its account.

    Raises:
        RefusalError: something is not as the plan says, or cannot be asked.
    """
    with _refusing(plan):
        account(plan, site)
        found = _kept(plan, site)[0]
        _refuse_foreign(plan, found)
        return found


def refuse_typed(plan: Plan, typed: str) -> None:
    """Refuse to carry out `plan` unless its cell's name was `typed`.

    Raises:
        RefusalError: it was not.
    """
    if typed != plan.cell:
        given = f"{typed!a} is not its name" if typed else "nothing was"
        raise _refusal(
            "execute",
            typed,
            "the cell's name is typed out",
            f"to change cell {plan.cell} its name is typed out, and {given}: add --execute {plan.cell}",
        )


def account(plan: Plan, site: Site) -> str:
    """Who calls, by ARN, if that is in the plan's account."""
    found = call(site.client("sts", plan.recovery_region), "get_caller_identity")
    if found["Account"] != plan.account_id:
        raise _refusal(
            "account",
            found["Account"],
            "a cell is drilled with credentials of its own account",
            f"the credentials are of account {found['Account']}, and cell {plan.cell} is in {plan.account_id}: choose "
            f"another profile",
        )
    return str(found["Arn"])


def current(plan: Plan, site: Site) -> Manifest:
    """The manifest in the recovery region, if the plan was made from it."""
    found, text = _kept(plan, site)
    _refuse_foreign(plan, found)
    if hashlib.sha256(text.encode()).hexdigest() != plan.manifest:
        raise _refusal(
            "manifest",
            plan.cell,
            "a plan is carried out with the manifest that it was made from",
            f"the manifest of cell {plan.cell} has changed since the plan was made: make a new plan",
        )
    return found


def _kept(plan: Plan, site: Site) -> tuple[Manifest, str]:
    """The manifest in the recovery region, and as the text that it is kept as."""
    ssm = site.client("ssm", plan.recovery_region)
    name = manifests.parameter_name(plan.cell)
    text: str = call(ssm, "get_parameter", Name=name, WithDecryption=True)["Parameter"]["Value"]
    try:
        return manifests.read(text), text
    except ManifestError as error:
        raise _refusal(
            "manifest", name, "a manifest is as the program writes it", f"{name} in {plan.recovery_region}: {error}"
        ) from None


def _refuse_foreign(plan: Plan, found: Manifest) -> None:
    for what, planned, said in (
        ("cell", plan.cell, found.cell),
        ("account", plan.account_id, found.account_id),
        ("home region", plan.home_region, found.home.region),
        ("recovery region", plan.recovery_region, found.recovery.region),
    ):
        if planned != said:
            raise _refusal(
                "manifest",
                said,
                f"the manifest's {what} is the plan's",
                f"the manifest in {plan.recovery_region} says {what} {said}, and the plan says {planned}: it is of "
                f"another cell or place; look at the region and the credentials, and make a new plan",
            )


def writers(plan: Plan, site: Site, manifest: Manifest) -> None:
    """Refuse a manifest whose writer is not what the databases say: the cell has moved since it was written."""
    # After a failover the manifest still says home, until the program has been told; a failback is what tells it.
    writes = manifest.writer == "recovery" or plan.kind is Kind.FAILBACK
    identifier = manifest.recovery.database.identifier
    found = _source(site.client("rds", plan.recovery_region), identifier)
    if writes is bool(found):
        says = f"replicates {found}" if found else "is a primary"
        raise _stale(plan, f"{identifier} {says}, and the manifest says that {manifest.writer} writes")
    if plan.kind in _NEEDS_HOME:
        home = manifest.home.database.identifier
        source = _source(site.client("rds", plan.home_region), home)
        if source:
            raise _stale(plan, f"{home} replicates {source}, and the manifest says that home writes")


def _source(rds: Any, identifier: str) -> str:  # noqa: ANN401 - boto3's clients have no static type
    (found,) = call(rds, "describe_db_instances", DBInstanceIdentifier=identifier)["DBInstances"]
    return str(found.get("ReadReplicaSourceDBInstanceIdentifier") or "")


def _stale(plan: Plan, found: str) -> RefusalError:
    return _refusal(
        "manifest",
        plan.cell,
        "the manifest's writer is the one that the databases tell",
        f"{found}: it is older than the truth. Write down in the stack's file which side writes, refresh and update "
        f"(docs/runbooks/failover.md, step 9), then make a new plan",
    )


def _refusal(key: str, value: str, rule: str, message: str) -> RefusalError:
    return RefusalError(message, [{"key": key, "value": value, "rule": rule}])
