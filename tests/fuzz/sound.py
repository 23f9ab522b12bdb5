"""Configurations that should be accepted, edges before the middle: what a careful person might set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Final

from hypothesis import strategies as st

from domain import alarms, continuity, documents, endpoints, jurisdictions, naming, objectives, waf
from domain.continuity import HOME, RECOVERY
from domain.posture import BACKUP_ONLY, NONE, WARM
from settings.rules import CACHE_SIZES, DATABASE_SIZES, INSTANCE_SIZES, LOG_DAYS, PRIVATE_RANGES

Draw = st.DrawFn

# Regions in which a cell can stand today: of the others either the scanner or the starter's authorities are missing.
USABLE: Final = {
    code: fit
    for code, names in jurisdictions.REGIONS_OF.items()
    if (fit := tuple(name for name in names if name not in documents.UNSCANNED_REGIONS))
}
_WORD: Final = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)


def whole(least: int, most: int) -> st.SearchStrategy[str]:
    """A whole number of the range, its edges as often as all others."""
    return st.one_of(st.sampled_from((least, most)), st.integers(least, most)).map(str)


def types(sizes: Mapping[str, tuple[str, ...]], prefix: str = "") -> st.SearchStrategy[str]:
    """A type by family and size."""
    return st.sampled_from([f"{prefix}{family}.{size}" for family, found in sizes.items() for size in found])


def some(names: tuple[str, ...], least: int = 0) -> st.SearchStrategy[str]:
    """A list of names, as JSON."""
    return st.lists(st.sampled_from(names), min_size=least, unique=True).map(json.dumps)


FLAGS: Final = st.sampled_from(("true", "false"))
CELLS: Final = st.one_of(
    st.sampled_from(("us", "eu", "a1", "a" * naming.CELL_LIMIT, "z-9-z-9-z-9-z-99", "own")),
    st.from_regex(r"[a-z][a-z0-9]{1,7}(-[a-z0-9]{1,6})?", fullmatch=True),
)
DOMAINS: Final = st.one_of(
    st.sampled_from(("a.co", "example.com", "xn--bcher-kva.example", f"{'a' * 32}.health")),
    st.lists(_WORD, min_size=1, max_size=2).map(lambda labels: ".".join((*labels, "org"))),
)
RELEASES: Final = st.sampled_from(
    ("starter", f"web/1.2.3.zip@sha256:{'0' * 64}", f"{'k' * 256}@sha256:{'f' * 64}", f"A.._-/z@sha256:{'1a' * 32}")
)
PROMISES: Final = st.fixed_dictionaries(
    {
        journey: st.fixed_dictionaries(
            {
                "availabilityPercent": st.sampled_from((90, 99.5, 99.999)),
                "latencyMs": st.sampled_from((100, 3000, 60000)),
                "rtoSeconds": st.sampled_from((14_400, 86_400)),
                "rpoSeconds": st.sampled_from((300, 86_400)),
            }
        )
        for journey in ("book", "consult", "prescribe", "pay")
    }
).map(json.dumps)
# Each of these goes with all others.
KNOBS: Final[Mapping[str, st.SearchStrategy[str]]] = {
    "zone": st.sampled_from(("create", "Z01234", "Z0123456789ABCDEFGHIJKLMNOPQRSTU")),
    "accountOwner": st.one_of(st.just("own"), CELLS),
    "regionOwner": st.one_of(st.just("own"), CELLS),
    "ciRepository": st.sampled_from((NONE, "clinic/platform")),
    "healthCheckSeconds": st.sampled_from(("10", "30")),
    "natPerAz": FLAGS,
    "interfaceEndpoints": some(endpoints.INTERFACE),
    "wafMode": st.sampled_from((waf.BLOCK, waf.COUNT)),
    "wafRateLimit": whole(waf.LEAST_RATE, waf.MOST_RATE),
    "webInstanceType": types(INSTANCE_SIZES),
    "webVolumeGib": whole(8, 1024),
    "release": RELEASES,
    "databaseClass": types(DATABASE_SIZES, "db."),
    "databaseBackupDays": whole(7, 35),
    "cacheNodeType": types(CACHE_SIZES, "cache."),
    "cacheReplicas": whole(1, 5),
    "documentsConcurrency": whole(2, 800),
    "documentsFormats": some(documents.FORMATS, 1),
    "documentsTextFeatures": some(documents.TEXT_FEATURES),
    "logDays": st.sampled_from(tuple(map(str, LOG_DAYS))),
    "accessLogDays": whole(90, 3653),
    "auditDays": whole(2192, 36500),
    "rotationDays": whole(1, 90),
    "backupDays": whole(7, 365),
    "noncurrentDays": whole(7, 3653),
    "alarmProfile": st.sampled_from(tuple(alarms.PROFILES)),
    "canaryMinutes": whole(objectives.LEAST_MINUTES, objectives.MOST_MINUTES),
    "journeyObjectives": PROMISES,
    "repairs": st.sampled_from(("act", "notify")),
    "operationsEmails": some(("oncall@example.com", "a.b+c@mail.example.org")),
    "operationsWebhooks": some(("https://hooks.example.com/path", "https://hooks.example.org:8443/a?b=c")),
    "pagerEmails": some(("pager@example.com",)),
    "pagerWebhooks": some(("https://events.example.com/v2/enqueue?key=a", "https://events.example.org/b")),
    "budgetUsd": whole(1, 10_000_000),
    "usageRequests": whole(0, 100_000_000_000),
    "usageUploads": whole(0, 1_000_000_000),
    "usageUploadKib": whole(1, documents.MOST_MIB * 1024),
    "usageUploadPages": whole(0, 3000),
    "usageStoredGib": whole(0, 100_000_000),
}


@st.composite
def ranges(draw: Draw) -> tuple[str, str]:
    """Two private ranges that do not overlap, /16 to /20, at the edges of what is private too."""
    lengths = (draw(st.integers(16, 20)), draw(st.integers(16, 20)))
    private = draw(st.sampled_from(PRIVATE_RANGES[:2]))
    blocks = 2 ** (16 - private.prefixlen)
    first = draw(st.one_of(st.sampled_from((0, blocks - 1)), st.integers(0, blocks - 1)))
    second = (first + draw(st.integers(1, blocks - 1))) % blocks
    places = [int(private.network_address) + place * 2**16 for place in (first, second)]
    home, recovery = (str(IPv4Network(found)) for found in zip(places, lengths, strict=True))
    return ("192.168.0.0/16" if draw(st.integers(0, 9)) == 0 else home), recovery


@st.composite
def sizes(draw: Draw) -> dict[str, str]:
    """What holds between the sizes of a tier, of the database and of a file."""
    most = draw(st.one_of(st.sampled_from((1, 100)), st.integers(1, 100)))
    storage = draw(st.one_of(st.sampled_from((20, 399, 400, 59578)), st.integers(20, 59578)))
    memory = draw(st.one_of(st.sampled_from((512, 10240)), st.integers(512, 10240)))
    return {
        "webMax": str(most),
        "webHomeMin": draw(whole(1, most)),
        "webRecoveryMin": draw(whole(1, most)),
        "databaseStorageGib": str(storage),
        "databaseMaxStorageGib": draw(whole(-(-storage * 11 // 10), 65536)),
        "documentsMemoryMib": str(memory),
        "documentsMaxMib": draw(whole(1, min(documents.MOST_MIB, memory // 4))),
    }


@st.composite
def sides(draw: Draw) -> dict[str, str]:
    """Posture, jurisdiction, regions and ranges of home and, where it is warm, of recovery; and who writes."""
    warm = draw(st.integers(0, 2)) < 2
    code = draw(st.sampled_from([code for code, names in USABLE.items() if not warm or len(names) > 1]))
    home, recovery = draw(ranges())
    regions = draw(st.permutations(USABLE[code]))
    if not warm:
        lone = {"recoveryRegion": NONE, "recoveryCidr": NONE, "posture": BACKUP_ONLY}
        return {"jurisdiction": code, "homeRegion": regions[0], "homeCidr": home, **lone}
    place = {"jurisdiction": code, "homeRegion": regions[0], "homeCidr": home, "posture": WARM}
    place |= {"recoveryRegion": regions[1], "recoveryCidr": recovery}
    return place | draw(continuities()) if draw(st.integers(0, 2)) < 2 else place


@st.composite
def continuities(draw: Draw) -> dict[str, str]:
    """A state of the writer, with most of what may go released: whatever is kept aside costs instances."""
    writer, lead = draw(st.sampled_from(((RECOVERY, 0), (HOME, 1), (RECOVERY, 1), (HOME, 0))))
    least = draw(st.sampled_from((1, 1, 2, 3, 999)))
    state = continuity.State(writer=writer, home_generation=least + lead, recovery_generation=least)
    released = continuity.releasable(state)
    kept = draw(st.integers(0, min(2, len(released))))
    return {
        "writer": writer,
        "homeGeneration": str(state.home_generation),
        "recoveryGeneration": str(state.recovery_generation),
        "released": json.dumps(released[: len(released) - kept]),
        "spillOver": draw(FLAGS),
    }


@st.composite
def configurations(draw: Draw) -> tuple[str, dict[str, str]]:
    """A cell and what its stack's file says: what has no default, and some of what has one."""
    stated = {"accountId": draw(st.from_regex(r"[0-9]{12}", fullmatch=True)), "domain": draw(DOMAINS)}
    stated |= draw(sides())
    if draw(st.booleans()):
        stated |= draw(sizes())
    keeps = draw(
        st.sampled_from(({}, {"deletionProtection": "false"}, {"vaultLock": "compliance"}, {"throwAway": "true"}))
    )
    stated |= keeps | ({"deletionProtection": "false"} if "throwAway" in keeps else {})
    for key in draw(st.lists(st.sampled_from(sorted(KNOBS)), max_size=6, unique=True)):
        stated[key] = draw(KNOBS[key])
    # 30 s between checks and a smaller machine take longer than the defaults allow.
    targets = {"readsTargetSeconds": "86400", "writesTargetSeconds": "86400", "dataLossTargetSeconds": "86400"}
    return draw(CELLS), (stated | targets if stated.get("healthCheckSeconds") == "30" else stated)
