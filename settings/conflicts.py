"""What single values cannot show: settings that do not go together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from domain import jurisdictions
from settings.model import Settings
from settings.refusals import Problem, Shown

CERTIFICATE_NAME_LIMIT: Final = 64  # the first name of an ACM certificate, in characters
STORAGE_HEADROOM_PERCENT: Final = 10  # RDS takes a growth limit at least this far above the storage
_MOST_STORAGE_GIB: Final = 65536


def conflicts(settings: Settings, shown: Shown) -> Iterator[Problem]:
    """Each pair of settings that do not go together, as a refusal of one of the two."""
    yield from _place(settings, shown)
    yield from _sizes(settings, shown)
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


def _place(settings: Settings, shown: Shown) -> Iterator[Problem]:
    if IPv4Network(settings.home_cidr).overlaps(IPv4Network(settings.recovery_cidr)):
        rule = f"overlaps homeCidr {shown['homeCidr']}; give the two sides ranges of their own"
        yield shown.refuse("recoveryCidr", rule)
    inside = jurisdictions.REGIONS_OF[settings.jurisdiction]
    if len(inside) == 1:
        pairs = ", ".join(code for code, names in jurisdictions.REGIONS_OF.items() if len(names) > 1)
        yield shown.refuse("jurisdiction", f"has one region only, and recovery needs a second; choose one of {pairs}")
        return
    for key, name in (("homeRegion", settings.home_region), ("recoveryRegion", settings.recovery_region)):
        if name not in inside:
            rule = (
                f"lies in {jurisdictions.jurisdiction_of(name)}, outside jurisdiction {shown['jurisdiction']}; "
                f"choose one of {', '.join(inside)} or change jurisdiction"
            )
            yield shown.refuse(key, rule)
    if settings.home_region == settings.recovery_region:
        others = ", ".join(name for name in inside if name != settings.home_region)
        rule = f"recovery must not be in the home region, which it is to outlive; choose one of {others}"
        yield shown.refuse("recoveryRegion", rule)


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
