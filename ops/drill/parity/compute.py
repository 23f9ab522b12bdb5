"""Whether recovery can run what home runs: image, release, quotas, and room to grow."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from domain.manifest import Fleet, Manifest, SideName
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Observation
from ops.drill.probes import fleet

_RESOLVED: Final = "resolve:ssm:"
_UNCHANGED: Final = "NoSuchResourceException"
_NOT_THERE: Final = frozenset({"404", "NoSuchKey", "NotFound"})


def image(clients: Mapping[SideName, Mapping[str, Any]], manifest: Manifest) -> Observation:
    """Whether the public parameter names an image in each region, and each launch template takes that one.

    `clients` are those of `ssm`, `autoscaling` and `ec2`, by side.
    """
    wrong: list[str] = []
    values: dict[str, str] = {}
    for side, found in clients.items():
        place = manifest.side(side)
        try:
            resolved = str(call(found["ssm"], "get_parameter", Name=manifest.image)["Parameter"]["Value"])
        except ActionError as error:
            if not error.code.startswith("ParameterNotFound"):
                raise
            wrong.append(f"{place.region} has no image under {manifest.image}")
            continue
        values[f"image_{side}"] = resolved
        taken = _template_image(found["autoscaling"], found["ec2"], place.fleet.autoscaling_group)
        if taken is None:
            return Observation(holds=None, text=f"{place.fleet.autoscaling_group} has no launch template to look at")
        if taken not in {resolved, f"{_RESOLVED}{manifest.image}"}:
            wrong.append(f"the launch template of {place.fleet.autoscaling_group} takes {taken}, not {manifest.image}")
    return _told(wrong, "each region has the image that its launch template takes", values)


def _template_image(autoscaling: Any, ec2: Any, group: str) -> str | None:  # noqa: ANN401 - boto3 has no static types
    """The image that the next instance of `group` would be launched from."""
    found = fleet.find(autoscaling, group)
    template = (found or {}).get("LaunchTemplate")
    if not template:
        return None
    versions = call(
        ec2,
        "describe_launch_template_versions",
        LaunchTemplateId=template["LaunchTemplateId"],
        Versions=[str(template.get("Version", "$Default"))],
    )["LaunchTemplateVersions"]
    return next((str(item["LaunchTemplateData"].get("ImageId", "")) for item in versions), None)


def release(clients: Mapping[SideName, Any], manifest: Manifest) -> Observation:
    """Whether each side's releases bucket has the release, and the same one. `clients` are those of S3, by side.

    By the SHA-256 that S3 keeps of it; where it keeps none, by equal ETags, which say so only if they are equal.
    """
    wrong: list[str] = []
    tags: dict[str, str] = {}
    hashed = True
    for side, s3 in clients.items():
        place = manifest.side(side)
        bucket = place.buckets["releases"]
        try:
            found = call(s3, "head_object", Bucket=bucket, Key=manifest.release.key, ChecksumMode="ENABLED")
        except ActionError as error:
            if error.code not in _NOT_THERE:
                raise
            wrong.append(f"{bucket} has no {manifest.release.key}")
            continue
        tags[side] = str(found["ETag"])
        kept = str(found.get("ChecksumSHA256", ""))
        if not kept or "-" in kept:  # of parts, which is not that of the whole
            hashed = False
        elif base64.b64decode(kept).hex() != manifest.release.sha256:
            wrong.append(f"{manifest.release.key} in {bucket} is not the release with the manifest's SHA-256")
    if not wrong and not hashed and len(set(tags.values())) > 1:
        return Observation(holds=None, text="the releases cannot be compared: S3 keeps no SHA-256 of them")
    return _told(wrong, f"both sides have {manifest.release.key}", {"sha256": manifest.release.sha256})


def quotas(clients: Mapping[str, Any], needed: Mapping[str, int]) -> Observation:
    """Whether each region's quotas allow what the cell needs. `clients` are those of Service Quotas, by region."""
    wrong: list[str] = []
    unknown: list[str] = []
    for region, client in clients.items():
        for key, least in needed.items():
            service, _, code = key.partition("/")
            try:
                most = _quota(client, service, code)
            except ActionError as error:
                unknown.append(f"{key} in {region} ({error.code})")
                continue
            if most < least:
                wrong.append(f"{key} in {region} allows {most:.0f} and the cell needs {least}")
    if not wrong and unknown:
        shown = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if unknown[3:] else "")
        return Observation(holds=None, text=f"not known: {shown}", values={"unknown": len(unknown)})
    return _told(wrong, f"{len(needed)} quotas suffice in each region", {"unknown": len(unknown)})


def _quota(client: Any, service: str, code: str) -> float:  # noqa: ANN401 - as above
    """What the account is allowed; of a quota that was never changed for it, AWS may know the default alone."""
    try:
        return float(call(client, "get_service_quota", ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
    except ActionError as error:
        if error.code != _UNCHANGED:
            raise
        defaults = pages(client, "list_aws_default_service_quotas", "Quotas", ServiceCode=service)
        found = next((float(quota["Value"]) for quota in defaults if quota["QuotaCode"] == code), None)
        if found is None:
            raise
        return found


def room(clients: Mapping[SideName, Any], fleets: Mapping[SideName, Fleet]) -> Observation:
    """Whether each side has an instance in service, and may grow to the size that carries all load.

    An empty side is one that Route 53 never fails over to. `clients` are those of Auto Scaling, by side.
    """
    wrong: list[str] = []
    values: dict[str, int] = {}
    for side, autoscaling in clients.items():
        wanted = fleets[side]
        found = fleet.find(autoscaling, wanted.autoscaling_group)
        if found is None:
            return Observation(holds=None, text=f"there is no Auto Scaling group {wanted.autoscaling_group}")
        values[f"in_service_{side}"] = running = fleet.serving(found)
        values[f"maximum_{side}"] = most = int(found["MaxSize"])
        if not running:
            wrong.append(f"{wanted.autoscaling_group} has no instance in service")
        if most < wanted.scale_to:
            wrong.append(f"{wanted.autoscaling_group} may have {most} instances, and {wanted.scale_to} carry the load")
    return _told(wrong, "each side serves, and may grow to carry all load", values)


def _told(wrong: list[str], right: str, values: Mapping[str, str] | Mapping[str, int]) -> Observation:
    return Observation(holds=not wrong, text="; ".join(wrong) or right, values=values)
