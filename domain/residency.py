"""Where data may be: jurisdictions, datasets, and the contract that every copy is made under. Pure.

A `Copy` says that a dataset is copied to a region, and exists only inside its jurisdiction. Whatever copies (a replica,
a replication rule, a backup copy, a replicated secret) takes one as an argument, so that a copy abroad cannot be
written down, let alone made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Generic, TypeVar

from domain import jurisdictions

Key = TypeVar("Key")
Key_co = TypeVar("Key_co", covariant=True)


class ResidencyError(ValueError):
    """A copy that would leave its jurisdiction; the message names the value, the rule and the way out."""


@dataclass(frozen=True)
class Jurisdiction:
    """A country (ISO 3166-1 alpha-2) or the European Union, by its code."""

    code: str

    def __post_init__(self) -> None:
        """Refuse a code that the reviewed table does not have.

        Raises:
            ResidencyError: naming those that it has.
        """
        if self.code not in jurisdictions.REGIONS_OF:
            known = ", ".join(jurisdictions.REGIONS_OF)
            raise ResidencyError(f"{self.code!r} is no jurisdiction that the platform knows; choose one of {known}")

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that lie in it."""
        return jurisdictions.REGIONS_OF[self.code]

    def holds(self, region: str) -> bool:
        """Whether `region` lies in it."""
        return region in self.regions


@unique
class DataClass(Enum):
    """What a dataset is to the law and to those whom it is about."""

    PATIENT = "patient data"
    EVIDENCE = "evidence"
    CREDENTIALS = "credentials"
    OPERATIONAL = "operational data"


@unique
class Dataset(Enum):
    """What the platform stores: title, class and description."""

    title: str
    data_class: DataClass
    description: str

    PATIENT_RECORDS = ("patient records", DataClass.PATIENT, "the database: patients, appointments, prescriptions")
    UPLOADS = ("uploads", DataClass.PATIENT, "documents and images as patients and staff send them in")
    TEXTS = ("texts", DataClass.PATIENT, "what is read off documents, and what has become of each upload")
    IMAGES = ("images", DataClass.PATIENT, "pictures that uploads are converted into")
    MESSAGES = ("messages", DataClass.PATIENT, "events of the patient journeys, on their way")
    CACHE = ("cache", DataClass.PATIENT, "sessions and answers that are kept for a moment")
    BACKUPS = ("backups", DataClass.PATIENT, "copies of records and documents at a point in time")
    AUDIT = ("audit", DataClass.EVIDENCE, "who did what, and when")
    SECRETS = ("secrets", DataClass.CREDENTIALS, "passwords, and what else opens a door")
    LOGS = ("logs", DataClass.OPERATIONAL, "what services and load balancers say of their work")
    FINDINGS = ("findings", DataClass.OPERATIONAL, "what detectors find, and how resources are and were set up")
    RELEASES = ("releases", DataClass.OPERATIONAL, "the software that runs, and what it is set up with")

    def __init__(self, title: str, data_class: DataClass, description: str) -> None:
        """Keep the three."""
        self.title = title
        self.data_class = data_class
        self.description = description


@unique
class Mechanism(Enum):
    """What makes a copy."""

    DATABASE_REPLICA = "RDS read replica"
    BUCKET_REPLICATION = "S3 replication"
    SECRET_REPLICA = "Secrets Manager replica"  # noqa: S105 - names a service's feature
    BACKUP_COPY = "AWS Backup copy"
    SNAPSHOT_COPY = "snapshot copy"


@dataclass(frozen=True, kw_only=True)
class Copy(Generic[Key_co]):
    """A copy of a dataset: from where, to where, by what, and encrypted with which key (its ARN, known or to come).

    However it is made, also by `dataclasses.replace`, it refuses a region outside its jurisdiction.
    """

    jurisdiction: Jurisdiction
    dataset: Dataset
    source_region: str
    destination_region: str
    mechanism: Mechanism
    key: Key_co = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a copy out of the jurisdiction, or from outside it.

        Raises:
            ResidencyError: naming the region and the regions inside.
        """
        for verb, region in (("to", self.destination_region), ("from", self.source_region)):
            if not self.jurisdiction.holds(region):
                raise ResidencyError(_refusal(self, verb, region))

    def require(
        self,
        dataset: Dataset,
        *,
        mechanism: Mechanism,
        source_region: str | None = None,
        destination_region: str | None = None,
    ) -> None:
        """Refuse to be used for anything but what was admitted; None admits any region.

        Raises:
            ResidencyError: what was admitted differs from what is about to be made.
        """
        wanted = (
            ("dataset", self.dataset.title, dataset.title),
            ("mechanism", self.mechanism.value, mechanism.value),
            ("source region", self.source_region, source_region),
            ("destination region", self.destination_region, destination_region),
        )
        for what, admitted, used in wanted:
            if used is not None and used != admitted:
                raise ResidencyError(
                    f"a copy was admitted for {what} {admitted} and is used for {used}; "
                    f"admit the copy that is made, with Contract.admit"
                )


@dataclass(frozen=True)
class Contract:
    """What a cell promises: its data stay in its jurisdiction."""

    jurisdiction: Jurisdiction

    def admit(
        self, dataset: Dataset, *, source_region: str, destination_region: str, mechanism: Mechanism, key: Key
    ) -> Copy[Key]:
        """Allow a copy of `dataset`, encrypted with `key` at its destination.

        Raises:
            ResidencyError: a region lies outside the jurisdiction.
        """
        return Copy(
            jurisdiction=self.jurisdiction,
            dataset=dataset,
            source_region=source_region,
            destination_region=destination_region,
            mechanism=mechanism,
            key=key,
        )


def place_of(region: str) -> str:
    """Where `region` lies, in words: for whoever must say that it is abroad."""
    try:
        return f"in {jurisdictions.jurisdiction_of(region)}"
    except KeyError:
        return "in no jurisdiction that the platform knows"


def _refusal(copy: Copy[object], verb: str, region: str) -> str:
    dataset, jurisdiction = copy.dataset, copy.jurisdiction
    return (
        f"{dataset.title} ({dataset.data_class.value}) cannot be copied {verb} {region} by {copy.mechanism.value}: "
        f"it lies {place_of(region)}, outside jurisdiction {jurisdiction.code}; "
        f"choose one of {', '.join(jurisdiction.regions)} or change jurisdiction"
    )
