"""A side's documents as a cell wants them: from its settings to the gate and the work behind it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components import policy
from components.backup import plan
from components.documents import gate
from components.documents.args import Work
from components.package import Package
from components.storage import replication, rules
from domain.naming import Names
from domain.regions import region
from settings import Settings


def gates(settings: Settings, names: Names) -> Mapping[str, Sequence[policy.Statement]]:
    """What the buckets' policies say beside what all of them do, by role, on the side of `names`."""
    account_id = settings.account_id
    others = [Names(cell=names.cell, place=region(name).abbreviation) for name in settings.regions]
    replicating = [replication.role_name(other) for other in others if other != names]
    statements = gate.statements(
        rules.arn(names.bucket(rules.UPLOADS, account_id)),
        scanner_arn=gate.role_arn(account_id, gate.scanner_name(names)),
        backup_arn=gate.role_arn(account_id, names.of(plan.ROLE_NAME)),
        replication_arns=[gate.role_arn(account_id, name) for name in replicating],
    )
    return {rules.UPLOADS: statements}


def work(settings: Settings, package: Package) -> Work:
    """How uploads are converted, by `package`."""
    return Work(
        package=package,
        memory_mib=settings.documents_memory_mib,
        concurrency=settings.documents_concurrency,
        formats=settings.documents_formats,
        text_features=settings.documents_text_features,
        max_mib=settings.documents_max_mib,
        log_days=settings.log_days,
    )
