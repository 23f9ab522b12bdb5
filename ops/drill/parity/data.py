"""Whether recovery can read and write what home does: secrets, keys, and the databases' settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from domain.manifest import Manifest, SideName
from domain.naming import Names
from domain.regions import region as find_region
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Observation
from ops.drill.probes import database

_CURRENT: Final = "AWSCURRENT"
_IN_SYNC: Final = "InSync"
_REPLICATED: Final = ("database", "master")  # the cache's is each side's own


def secrets(clients: Mapping[SideName, Any], manifest: Manifest) -> Observation:
    """Whether each side's secrets can be had there, and the database's are replicated. `clients` by side.

    Only that they are there is asked: no secret is read.
    """
    wrong: list[str] = []
    copied: dict[str, str] = {}
    for side, client in clients.items():
        place = manifest.side(side)
        for role, arn in place.secrets.model_dump().items():
            found = _secret(client, arn)
            if found is None or "DeletedDate" in found:
                wrong.append(f"the {role} secret is not in {place.region}")
            elif not any(_CURRENT in stages for stages in found.get("VersionIdsToStages", {}).values()):
                wrong.append(f"the {role} secret in {place.region} has no current value")
            elif side == "home" and role in _REPLICATED:
                copies = {item["Region"]: item["Status"] for item in found.get("ReplicationStatus", [])}
                copied[role] = copies.get(manifest.recovery.region, "missing")
    if not wrong:
        wrong = [
            f"the copy of the {role} secret in {manifest.recovery.region} is {copied.get(role, 'missing')}"
            for role in _REPLICATED
            if copied.get(role) != _IN_SYNC
        ]
    status = copied.get("database", "missing")
    return _told(wrong, "each side has its secrets, and the database's copies are in sync", {"copy": status})


def keys(clients: Mapping[SideName, Any], manifest: Manifest) -> Observation:
    """Whether each side's key is enabled, has its alias, and both have the same policy but for the region.

    Grants are left to the policy: services make their own, and Auto Scaling's right to make them stands there.
    """
    wrong: list[str] = []
    policies: list[str] = []
    for side, kms in clients.items():
        place = manifest.side(side)
        key = {"KeyId": place.key}
        state = str(call(kms, "describe_key", **key)["KeyMetadata"]["KeyState"])
        if state != "Enabled":
            wrong.append(f"the key of {place.region} is {state}")
            continue
        alias = f"alias/{Names(cell=manifest.cell, place=find_region(place.region).abbreviation).of('data')}"
        if alias not in {item["AliasName"] for item in pages(kms, "list_aliases", "Aliases", **key)}:
            wrong.append(f"the key of {place.region} has no {alias}")
        policy = json.loads(call(kms, "get_key_policy", PolicyName="default", **key)["Policy"])
        policies.append(_normal(json.dumps(policy, sort_keys=True), place.region))
    if len(set(policies)) > 1:
        wrong.append("the keys' policies differ in more than the region")
    return _told(wrong, "both keys are enabled, with their aliases and equal policies", {})


def parameter_groups(clients: Mapping[SideName, Any], manifest: Manifest) -> Observation:
    """Whether both databases run with the same parameters but for the fence, each from a group of its own."""
    wrong: list[str] = []
    settings: dict[str, dict[str, str]] = {}
    for side, rds in clients.items():
        place = manifest.side(side)
        instance = database.find(rds, place.database.identifier)
        if instance is None:
            return _no_instance(place.database.identifier)
        if instance.parameter_group != place.database.parameter_group:
            wrong.append(f"{instance.identifier} has the parameter group {instance.parameter_group}, not its own")
        elif instance.apply_status != "in-sync":
            wrong.append(f"{instance.parameter_group} is {instance.apply_status} on {instance.identifier}")
        found = pages(
            rds, "describe_db_parameters", "Parameters", DBParameterGroupName=instance.parameter_group, Source="user"
        )
        values = {item["ParameterName"]: str(item.get("ParameterValue", "")) for item in found}
        values.pop(database.FENCE, None)
        settings[side] = values
    home, recovery = settings.get("home", {}), settings.get("recovery", {})
    differing = sorted(name for name in {*home, *recovery} if home.get(name) != recovery.get(name))
    wrong += [f"{name} is {home.get(name)} at home and {recovery.get(name)} in recovery" for name in differing]
    return _told(wrong, f"{len(home)} parameters are equal on both sides", {"differing": len(differing)})


def security_groups(clients: Mapping[SideName, Mapping[str, Any]], manifest: Manifest) -> Observation:
    """Whether each database is let into by a group of its own. `clients` are those of `rds` and `ec2`, by side."""
    wrong: list[str] = []
    for side, found in clients.items():
        place = manifest.side(side)
        instance = database.find(found["rds"], place.database.identifier)
        if instance is None:
            return _no_instance(place.database.identifier)
        flaws = database.default_groups(found["ec2"], instance.security_groups)
        wrong += [f"{instance.identifier} {flaw}" for flaw in flaws]
    return _told(wrong, "each database has security groups of its own", {})


def _secret(client: Any, arn: str) -> Mapping[str, Any] | None:  # noqa: ANN401 - boto3's clients have no static type
    try:
        found: Mapping[str, Any] = call(client, "describe_secret", SecretId=arn)
    except ActionError as error:
        if error.code.startswith("ResourceNotFound"):
            return None
        raise
    return found


def _normal(text: str, region: str) -> str:
    return text.replace(region, "<region>")


def _no_instance(identifier: str) -> Observation:
    return Observation(holds=None, text=f"there is no instance {identifier}")


def _told(wrong: list[str], right: str, values: Mapping[str, str] | Mapping[str, int]) -> Observation:
    return Observation(holds=not wrong, text="; ".join(wrong) or right, values=values)
