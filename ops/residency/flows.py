"""The map of a cell's data, read off its recorded program: places, keys, copies and what breaks the contract. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from domain.residency import Dataset, Jurisdiction, place_of
from ops.engine.places import key_of
from ops.engine.record import Program, Registration, reveal
from ops.residency.copies import UNKNOWN, Movement, movements, region_in

UNCLASSED: Final = "unclassed"
OWN_KEY: Final = "the service's own key"

_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_VAULT: Final = "aws:backup/vault:Vault"
_TITLES: Final = {item.title: item for item in Dataset}


def _by_tag(item: Registration) -> tuple[Dataset | None, ...]:
    """The datasets of a bucket: its tag names one, or several with "and" between."""
    found = [_TITLES.get(title) for title in str(item.inputs.get("tags", {}).get("Dataset")).split(" and ")]
    return tuple(found) if all(found) else (None,)


def _of_channel(item: Registration) -> tuple[Dataset | None, ...]:
    """Alarms are told in the channel called so; all others carry patient journeys."""
    return (Dataset.LOGS if "operations" in item.name else Dataset.MESSAGES,)


def _of_log_group(item: Registration) -> tuple[Dataset | None, ...]:
    """Plain logs, unless its tag says otherwise."""
    return _by_tag(item) if item.inputs.get("tags") else (Dataset.LOGS,)


# What holds data, and which.
_HOLDERS: Final[Mapping[str, Dataset | Callable[[Registration], tuple[Dataset | None, ...]]]] = {
    _VAULT: Dataset.BACKUPS,
    "aws:cloudtrail/trail:Trail": Dataset.AUDIT,
    "aws:cloudwatch/logGroup:LogGroup": _of_log_group,
    "aws:accessanalyzer/analyzer:Analyzer": Dataset.FINDINGS,
    "aws:cfg/deliveryChannel:DeliveryChannel": Dataset.FINDINGS,  # in the logs bucket, under a key of its own choice
    "aws:cfg/recorder:Recorder": Dataset.FINDINGS,
    "aws:ec2/launchTemplate:LaunchTemplate": Dataset.RELEASES,  # of the volumes that instances start from
    "aws:elasticache/replicationGroup:ReplicationGroup": Dataset.CACHE,
    "aws:guardduty/detector:Detector": Dataset.FINDINGS,
    "aws:inspector2/enabler:Enabler": Dataset.FINDINGS,
    "aws:lambda/function:Function": Dataset.RELEASES,
    "aws:rds/instance:Instance": Dataset.PATIENT_RECORDS,
    "aws:s3/bucket:Bucket": _by_tag,
    "aws:secretsmanager/secret:Secret": Dataset.SECRETS,
    "aws:securityhub/account:Account": Dataset.FINDINGS,
    "aws:sns/topic:Topic": _of_channel,
    "aws:sqs/queue:Queue": _of_channel,
    "aws:ssm/parameter:Parameter": Dataset.RELEASES,
    "aws:synthetics/canary:Canary": Dataset.RELEASES,  # what it runs; what a run leaves is in the logs bucket
}
# Types that name a key for what another one holds: a bucket's settings and objects, and a restore that is deleted.
_BELONGS_TO_ANOTHER: Final = ("aws:s3/bucket", "aws:backup/restoreTesting")


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A copy of what a place holds."""

    mechanism: str
    region: str
    key: str
    made_by: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Something that holds data. `violations` say what breaks the contract; empty where all is well."""

    dataset: str
    data_class: str
    resource: str
    type: str
    region: str
    key: str
    copies: tuple[Flow, ...]
    violations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DataMap:
    """Where the data of a cell are."""

    cell: str
    jurisdiction: str
    regions: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def violations(self) -> list[str]:
        """Everything that breaks the contract."""
        return [text for place in self.places for text in place.violations]

    def as_json(self) -> dict[str, Any]:
        """The map for machines."""
        return {**asdict(self), "violations": self.violations}


def build(program: Program, jurisdiction: Jurisdiction) -> DataMap:
    """The map of what `program` declares, judged by `jurisdiction`."""
    by_source = _copies_by_source(program)
    holders = [item for item in program.registrations if _holds_data(program, item)]
    places = [place for item in holders for place in _places(program, item, by_source.pop(item.urn, []), jurisdiction)]
    places += [_stray(movement, program, jurisdiction) for rest in by_source.values() for movement in rest]
    order = {item.title: place for place, item in enumerate(Dataset)}
    places.sort(key=lambda place: (order.get(place.dataset, -1), place.region, place.resource, place.type))
    return DataMap(
        cell=program.stack,
        jurisdiction=jurisdiction.code,
        regions=jurisdiction.regions,
        places=tuple(places),
    )


def _copies_by_source(program: Program) -> dict[str, list[Movement]]:
    """The copies by the URN of what holds their source, or by the source's own name where nothing here holds it."""
    known = {str(value): item.urn for item in program.registrations for value in _callings(item)}
    found: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements(program):
        found[known.get(movement.source, movement.source)].append(movement)
    return found


def _callings(item: Registration) -> list[Any]:
    """What others may call `item`: copies name their source by ARN, by identifier or by name."""
    if item.type not in _HOLDERS:
        return []
    names = (item.outputs.get("arn"), item.inputs.get("identifier"), item.inputs.get("bucket"))
    return [name for name in (item.urn, item.inputs.get("name") if item.type == _VAULT else None, *names) if name]


def _holds_data(program: Program, item: Registration) -> bool:
    if item.type in _HOLDERS:
        return True
    return not item.type.startswith(_BELONGS_TO_ANOTHER) and bool(key_of(program, item))


def _places(program: Program, item: Registration, found: list[Movement], jurisdiction: Jurisdiction) -> Iterator[Place]:
    """`item` once for each dataset that it holds, with the copies of that dataset.

    What is copied under a prefix that is not a dataset's own belongs to the first.
    """
    kind = _HOLDERS.get(item.type)
    datasets = kind(item) if callable(kind) else (kind,)
    titles = [dataset.title if dataset else UNCLASSED for dataset in datasets]
    for place, dataset in enumerate(datasets):
        others = {f"{title}/" for title in titles if title != titles[place]}
        own = {f"{titles[place]}/", "", *(() if place else {move.prefix for move in found} - others)}
        yield _place(program, item, dataset, [move for move in found if move.prefix in own], jurisdiction)


def _place(
    program: Program, item: Registration, dataset: Dataset | None, found: list[Movement], jurisdiction: Jurisdiction
) -> Place:
    title = dataset.title if dataset else UNCLASSED
    region = program.region_of(item) or UNKNOWN
    violations = [] if dataset else [f"{item.name} ({item.type}) holds data of no dataset that the map knows"]
    if not jurisdiction.holds(region):
        violations.append(_abroad(f"{title} in {item.name}", "lies", region, jurisdiction))
    for movement in found:
        violations += _judge(title, movement, jurisdiction)
    return Place(
        dataset=title,
        data_class=dataset.data_class.value if dataset else UNCLASSED,
        resource=item.name,
        type=item.type,
        region=region,
        key=_key_of_place(program, item),
        copies=tuple(sorted((_flow(program, item) for item in found), key=lambda flow: (flow.region, flow.made_by))),
        violations=tuple(violations),
    )


def _stray(movement: Movement, program: Program, jurisdiction: Jurisdiction) -> Place:
    """A copy of what this program does not hold: nobody can say what it is."""
    region = region_in(movement.source)
    return Place(
        dataset=UNCLASSED,
        data_class=UNCLASSED,
        resource=movement.source or movement.made_by,
        type="",
        region=region,
        key=UNKNOWN,
        copies=(_flow(program, movement),),
        violations=(
            f"{movement.made_by} copies {movement.source or 'something'}, which this program does not hold",
            *_judge(UNCLASSED, movement, jurisdiction),
        ),
    )


def _judge(title: str, movement: Movement, jurisdiction: Jurisdiction) -> list[str]:
    if jurisdiction.holds(movement.region):
        return []
    what = f"{title}, by {movement.mechanism} ({movement.made_by}),"
    return [_abroad(what, "is copied to" if movement.region != UNKNOWN else "is copied", movement.region, jurisdiction)]


def _abroad(what: str, verb: str, region: str, jurisdiction: Jurisdiction) -> str:
    if region == UNKNOWN:
        return f"{what} {verb} to an unknown place; jurisdiction {jurisdiction.code} must hold it"
    where = f"in {region}" if verb == "lies" else region
    return (
        f"{what} {verb} {where}, which lies {place_of(region)}, outside jurisdiction {jurisdiction.code}: "
        f"inside are {', '.join(jurisdiction.regions)}"
    )


def _flow(program: Program, movement: Movement) -> Flow:
    keys = {str(key.outputs.get("arn")): key.name for key in program.of_type("aws:kms/key:Key")}
    vaults = {
        str(name): key_of(program, vault) or OWN_KEY
        for vault in program.of_type(_VAULT)
        for name in (vault.outputs.get("arn"), vault.inputs.get("name"))
    }
    key = keys.get(movement.key) or vaults.get(movement.key) or movement.key or OWN_KEY
    return Flow(mechanism=movement.mechanism, region=movement.region, key=key, made_by=movement.made_by)


def _key_of_place(program: Program, item: Registration) -> str:
    """The key of what `item` itself holds: not those of its copies, and a bucket's where its settings name it."""
    if item.type != "aws:s3/bucket:Bucket":
        own = {name: value for name, value in item.inputs.items() if name != "replicas"}
        return key_of(program, replace(item, inputs=own)) or OWN_KEY
    for setting in program.of_type(_ENCRYPTION):
        if reveal(setting.inputs).get("bucket") == item.inputs.get("bucket"):
            return key_of(program, setting) or OWN_KEY
    return OWN_KEY
