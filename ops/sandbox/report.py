"""What a cell has become: per side what was made, where it is reached, and whether the replica is linked.

Read off the record of the run and, for the databases, back from the local AWS itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.engine.record import Program, Registration, redact, reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.creators import RECORDED

_PROVIDER: Final = "pulumi:providers:aws"
_DATABASE: Final = "aws:rds/instance:Instance"
_RECORD: Final = "aws:route53/record:Record"
_TRAIL: Final = "aws:cloudtrail/trail:Trail"
_BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
# What a side is reached at: what we call it, the resource types, the output that says it.
_ENDPOINTS: Final = (
    ("load_balancer", _BALANCERS, "dnsName"),
    ("database", (_DATABASE,), "address"),
    ("cache", ("aws:elasticache/replicationGroup:ReplicationGroup",), "primaryEndpointAddress"),
)


def describe(program: Program, cloud: Cloud) -> dict[str, Any]:
    """The report on a cell, as JSON. Use while the cell's local AWS is there."""
    providers = [item for item in program.registrations if item.type == _PROVIDER]
    sides = [_side(program, cloud, provider) for provider in providers]
    account = str(providers[0].inputs["allowedAccountIds"][0]) if providers else ""
    return {
        "cell": program.stack,
        "account": account,
        "sides": sides,
        "replica_linked": linked(sides) if len(sides) > 1 else None,  # one side has nothing to be linked to
        "trail": _trail(program, cloud),
        "recorded": _recorded(program),
    }


def linked(sides: list[dict[str, Any]]) -> bool:
    """Whether the database of one side is the replica of the database of another."""
    databases = [side["database"] for side in sides if side["database"]]
    primaries = {item["arn"] for item in databases if item["role"] == "primary"}
    return any(item["source"] in primaries for item in databases if item["role"] == "replica")


def _side(program: Program, cloud: Cloud, provider: Registration) -> dict[str, Any]:
    mine = [item for item in program.registrations if item.provider == provider.urn]
    region = str(provider.inputs["region"])
    return {
        "side": provider.name,
        "region": region,
        "resources": sum(item.custom and item.type not in RECORDED for item in mine),
        "recorded": sum(item.type in RECORDED for item in mine),
        "endpoints": dict(_endpoints(program, mine)),
        "database": next((_database(cloud, item, region) for item in mine if item.type == _DATABASE), None),
    }


def _endpoints(program: Program, mine: list[Registration]) -> Iterator[tuple[str, str]]:
    for name, types, output in _ENDPOINTS:
        for item in mine:
            address = redact(item.outputs.get(output))
            if item.type not in types or not address or item.type in RECORDED:
                continue
            if name == "load_balancer":
                yield from _app(program, str(address))
            yield name, str(address)


def _app(program: Program, balancer: str) -> Iterator[tuple[str, str]]:
    """The URL that users know, if a record points it at `balancer`."""
    for item in program.of_type(_RECORD):
        targets = [alias.get("name") for alias in reveal(item.inputs).get("aliases", [])]
        if balancer in targets:
            yield "app", f"https://{item.inputs['name']}"
            return


def _database(cloud: Cloud, item: Registration, region: str) -> Mapping[str, Any] | None:
    if item.type in RECORDED:
        return None
    wanted = str(reveal(item.inputs).get("identifier", item.id))
    found = cloud.client("rds", region).describe_db_instances(DBInstanceIdentifier=wanted)["DBInstances"][0]
    source = found.get("ReadReplicaSourceDBInstanceIdentifier")
    return {
        "identifier": found["DBInstanceIdentifier"],
        "arn": found["DBInstanceArn"],
        "role": "replica" if source else "primary",
        "source": source,
    }


def _trail(program: Program, cloud: Cloud) -> dict[str, Any] | None:
    """The cell's trail, as it says itself whether it logs; None in a cell without one."""
    for item in program.of_type(_TRAIL):
        region = str(cloud.provider(item)["region"])
        said = cloud.client("cloudtrail", region).get_trail_status(Name=item.id)
        name, bucket = reveal(item.inputs)["name"], reveal(item.outputs)["s3BucketName"]
        return {"name": name, "region": region, "bucket": bucket, "logging": said["IsLogging"]}
    return None


def _recorded(program: Program) -> list[dict[str, Any]]:
    counts = Counter(item.type for item in program.registrations if item.type in RECORDED)
    return [{"type": type_, "reason": RECORDED[type_], "count": count} for type_, count in sorted(counts.items())]
