"""What single values cannot show: settings that do not go together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from domain import continuity, documents, jurisdictions
from domain.budget import Budget, Sum, budget
from domain.objectives import JOURNEYS
from domain.posture import BACKUP_ONLY, NONE, RPO, WARM
from settings.addresses import folded
from settings.model import Settings
from settings.refusals import Problem, Shown
from settings.rules import HEALTH_CHECK_SECONDS

CERTIFICATE_NAME_LIMIT: Final = 64  # the first name of an ACM certificate, in characters
FILE_SHARE: Final = 4  # of a function's memory one such part may be the file itself
STORAGE_HEADROOM_PERCENT: Final = 10  # RDS takes a growth limit at least this far above the storage
_MOST_STORAGE_GIB: Final = 65536
_FASTEST_CHECK: Final = min(HEALTH_CHECK_SECONDS)


def conflicts(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """Each pair of settings that do not go together, as a refusal of one of the two."""
    yield from _regions(settings, shown)
    yield from _sizes(settings, shown)
    yield from _documents(settings, shown)
    yield from _told(settings, shown)
    if settings.alone:
        yield from _alone(settings, shown)
    else:
        yield from _pair(settings, shown)
        yield from _continuity(settings, shown)
        yield from _times(settings, shown)
    longest = len(f"{settings.cell}.app.{settings.domain}")
    if longest > CERTIFICATE_NAME_LIMIT:
        rule = (
            f"makes <cell>.app.<domain> {longest} characters long, and a certificate's name has at most "
            f"{CERTIFICATE_NAME_LIMIT}; use a shorter domain or cell"
        )
        yield shown.refuse("domain", rule)
    if settings.throw_away and settings.deletion_protection:
        rule = "a stack that may be destroyed with its data cannot be deletion-protected; set one of the two to false"
        yield shown.refuse("throwAway", rule)
    if settings.throw_away and settings.vault_lock == "compliance":
        rule = (
            "a stack that may be destroyed with its data cannot have a lock that nobody can lift: audit data would "
            "stay for auditDays; set throwAway to false or vaultLock to governance"
        )
        yield shown.refuse("vaultLock", rule)


def _regions(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """Regions outside the jurisdiction, and a warm cell where there is one region only."""
    inside = jurisdictions.REGIONS_OF[settings.jurisdiction]
    if len(inside) == 1 and not settings.alone:
        pairs = ", ".join(code for code, names in jurisdictions.REGIONS_OF.items() if len(names) > 1)
        rule = (
            f"has one region only, and a {WARM} cell needs a second one inside it for recovery; set posture: "
            f"{BACKUP_ONLY}, with recoveryRegion and recoveryCidr {NONE}: {RPO}; or serve these users from one of "
            f"{pairs} if their law allows it"
        )
        yield shown.refuse("jurisdiction", rule)
        return
    for key, name in (("homeRegion", settings.home_region), ("recoveryRegion", settings.recovery_region)):
        if name not in (*inside, NONE):
            rule = (
                f"lies in {jurisdictions.jurisdiction_of(name)}, outside jurisdiction {shown['jurisdiction']}; "
                f"choose one of {', '.join(inside)} or change jurisdiction"
            )
            yield shown.refuse(key, rule)


def _told(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """An address that is to hear everything, and pages alone: SNS subscribes one once."""
    for key, pages, everything, other in (
        ("pagerEmails", settings.pager_emails, settings.operations_emails, "operationsEmails"),
        ("pagerWebhooks", settings.pager_webhooks, settings.operations_webhooks, "operationsWebhooks"),
    ):
        heard = {folded(address) for address in everything}
        for place, address in enumerate(pages, start=1):
            if folded(address) in heard:
                yield shown.refuse(key, f"item {place} hears everything by {other}; name it in one of the two")


def _pair(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """A recovery side that is missing, or not apart from home."""
    inside = jurisdictions.REGIONS_OF[settings.jurisdiction]
    others = ", ".join(name for name in inside if name != settings.home_region)
    lone = f"or set posture: {BACKUP_ONLY}, with recoveryRegion and recoveryCidr {NONE}"
    if settings.recovery_region == NONE and others:
        rule = f"a {WARM} cell has a recovery region; choose one of {others}, {lone}"
        yield shown.refuse("recoveryRegion", rule)
    if settings.recovery_cidr == NONE:
        if others:
            rule = f"a {WARM} cell has a recovery side; give its VPC a range such as 10.11.0.0/16, {lone}"
            yield shown.refuse("recoveryCidr", rule)
    elif IPv4Network(settings.home_cidr).overlaps(IPv4Network(settings.recovery_cidr)):
        rule = f"overlaps homeCidr {shown['homeCidr']}; give the two sides ranges of their own"
        yield shown.refuse("recoveryCidr", rule)
    if settings.home_region == settings.recovery_region and others:
        rule = f"recovery must not be in the home region, which it is to outlive; choose one of {others}"
        yield shown.refuse("recoveryRegion", rule)


def _alone(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """What a cell that has only home cannot have."""
    way_out = f", or posture: {WARM}" if len(jurisdictions.REGIONS_OF[settings.jurisdiction]) > 1 else ""
    for key, fits, only in (
        ("recoveryRegion", settings.recovery_region == NONE, NONE),
        ("recoveryCidr", settings.recovery_cidr == NONE, NONE),
        ("writer", settings.writer == continuity.HOME, continuity.HOME),
        ("homeGeneration", settings.home_generation == 1, "1"),
        ("recoveryGeneration", settings.recovery_generation == 1, "1"),
        ("released", not settings.released, "[]"),
        ("spillOver", not settings.spill_over, "false"),
    ):
        if not fits:
            yield shown.refuse(key, f"a {BACKUP_ONLY} cell has home and no other side; set {only}{way_out}")


def _sizes(settings: Settings, shown: Shown) -> Iterator[Problem]:
    for key, least in (("webHomeMin", settings.web_home_min), ("webRecoveryMin", settings.web_recovery_min)):
        if least > settings.web_max:
            yield shown.refuse(key, f"is above webMax {shown['webMax']}; lower it or raise webMax")
    floor = -(-settings.database_storage_gib * (100 + STORAGE_HEADROOM_PERCENT) // 100)
    if floor > _MOST_STORAGE_GIB:
        most = _MOST_STORAGE_GIB * 100 // (100 + STORAGE_HEADROOM_PERCENT)
        rule = f"leaves no room to grow below {_MOST_STORAGE_GIB}; set {most} or less"
        yield shown.refuse("databaseStorageGib", rule)
    elif settings.database_max_storage_gib < floor:
        given = shown["databaseStorageGib"]
        rule = f"must be at least {STORAGE_HEADROOM_PERCENT} % above databaseStorageGib {given}; set {floor} or more"
        yield shown.refuse("databaseMaxStorageGib", rule)


def _documents(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """Regions in which nothing can be uploaded safely, and files that the functions' memory cannot hold."""
    for key, name in (("homeRegion", settings.home_region), ("recoveryRegion", settings.recovery_region)):
        if name in documents.UNSCANNED_REGIONS:
            rule = (
                f"GuardDuty's malware scanner for S3 is not known to be there ({documents.AS_OF}), and what was not "
                "scanned cannot be read; choose another region, or take it off domain/documents.py once AWS lists it"
            )
            yield shown.refuse(key, rule)
    most = settings.documents_memory_mib // FILE_SHARE
    if settings.documents_max_mib > most:
        rule = (
            f"a file may take a quarter of documentsMemoryMib {shown['documentsMemoryMib']}, for what is made from it "
            f"is held beside it; set {most} or less, or documentsMemoryMib {settings.documents_max_mib * FILE_SHARE}"
        )
        yield shown.refuse("documentsMaxMib", rule)


def _continuity(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """A writer and generations that no move leads to, and instances that may not go."""
    try:
        state = settings.state
    except continuity.ContinuityError as error:
        yield shown.refuse("homeGeneration", str(error))
        return
    try:
        continuity.refuse_released(state, settings.released)
    except continuity.ContinuityError as error:
        yield shown.refuse("released", str(error))


def _times(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """Targets that the cell's own settings cannot meet."""
    now, faster = budget(settings), budget(settings.model_copy(update={"health_check_seconds": _FASTEST_CHECK}))
    for key, found, with_faster in (
        ("readsTargetSeconds", now.reads, faster.reads),
        ("writesTargetSeconds", now.writes, faster.writes),
        ("dataLossTargetSeconds", now.data_loss, faster.data_loss),
    ):
        if not found.met:
            yield shown.refuse(key, _too_slow(found, with_faster))
    yield from _journeys(settings, now, shown)


def _journeys(settings: Settings, cell: Budget, shown: Shown) -> Iterator[Problem]:
    """Journeys that promise to be back before the cell is, or before a canary has walked them again."""
    walk, lost = settings.canary_minutes * 60, cell.data_loss.total
    back = cell.writes.total + walk
    promised = {journey: settings.journey_objectives[journey] for journey in JOURNEYS}
    sooner = [f"{name}.rtoSeconds {one.rto_seconds}" for name, one in promised.items() if one.rto_seconds < back]
    if sooner:
        rule = (
            f"has {', '.join(sooner)}, and the cell's writes are back after {cell.writes.total} s and a canary walks "
            f"every {walk} s; set {back} or more, or lower canaryMinutes"
        )
        yield shown.refuse("journeyObjectives", rule)
    less = [f"{name}.rpoSeconds {one.rpo_seconds}" for name, one in promised.items() if one.rpo_seconds < lost]
    if less:
        rule = (
            f"has {', '.join(less)}, and the cell may lose {lost} s of writing with home; set {lost} or more, for no "
            "setting shortens it"
        )
        yield shown.refuse("journeyObjectives", rule)


def _too_slow(found: Sum, faster: Sum) -> str:
    largest = found.largest
    rule = (
        f"cannot be met: the cell's settings add up to {found.total} s, of which {largest.name} is the largest term "
        f"with {largest.seconds} s; "
    )
    if faster.total == found.total:
        return f"{rule}set {found.total} or more, for no setting shortens it"
    if faster.met:
        return (
            f"{rule}set healthCheckSeconds {_FASTEST_CHECK}, which makes it {faster.total} s, or this to {found.total}"
        )
    return f"{rule}set healthCheckSeconds {_FASTEST_CHECK} and this to {faster.total}"
