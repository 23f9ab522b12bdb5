"""docs/monitoring.md: its tables are what the code says, and every alarm leads to a section that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Final, get_args

import settings
from components.audit import filters
from components.observability.catalog import Raised, alarms_of
from components.observability.model import Alarm, Weight
from components.observability.watched import (
    Arriving,
    CacheNode,
    Certificate,
    Conversion,
    Database,
    DeadLetters,
    Firewall,
    Fleet,
    Function,
    Journey,
    Leaving,
    LoadBalancer,
    Nat,
    Outbox,
    Queue,
    Rotator,
    Switch,
    Vault,
    Watched,
)
from components.storage import replication
from domain import rotation
from domain.alarms import PROFILES, STEADY, Profile
from domain.naming import Names
from ops.engine import project
from ops.engine.project import ROOT
from tests.alarmable import COMPOSITE, METRIC
from tests.support import whole
from tests.test_docs import anchor, between, table, text

COUNTS: Final = {
    Weight.ALONE: "alone",
    Weight.SYMPTOM: "symptom",
    Weight.CAUSE: "cause",
    Weight.UNHEARD: "home unheard",
    Weight.OTHER: "home fails",
    Weight.NONE: "",
}


def examples() -> tuple[Watched, ...]:
    """One of each kind, as cell us has it."""
    us = settings.load("us", project.load("us").stated)
    minute = timedelta(minutes=1)
    return (
        LoadBalancer(key="edge", load_balancer="", target_group=""),
        Fleet(key="web", group="", minimum=us.web_home_min, maximum=us.web_max),
        Nat(key="nat-<zone>", gateway_id=""),
        Certificate(key="certificate", arn=""),
        Database(
            key="db-<number>",
            identifier="",
            instance_class=us.database_class,
            storage_gib=us.database_storage_gib,
            replica=True,
            aside=False,
        ),
        CacheNode(key="cache-<number>", node=""),
        Outbox(key="outbox", cell="us", side="home"),
        Queue(key="<queue>", name="", late=60 * minute),
        DeadLetters(key="<queue>", name=""),
        Function(key="<function>", name="", does="", timeout=5 * minute),
        Rotator(key="rotation", name="", does="", timeout=timedelta(seconds=rotation.TIMEOUT_SECONDS)),
        Conversion(key="documents", namespace="", metric="", dimensions={}),
        Vault(key="backup", name=""),
        Journey(key="<journey>", canary="", minutes=us.canary_minutes, objective=us.journey_objectives["book"]),
        Leaving(key="replication-<part>", part="", to="", dimensions={}),
        Arriving(
            key="replication-<part>", part="", source="", within=timedelta(minutes=replication.MINUTES), dimensions={}
        ),
        Switch(key="failover", cell=""),
        Firewall(key="waf", acl="", region="", refuses=True),
        *filters.watched(Names(cell="us", place="use2"), ""),
    )


def row(alarm: Alarm) -> tuple[str, ...]:
    silence = f"`{alarm.silence.treatment.value}`: {alarm.silence.because}"
    return (
        f"[`{alarm.role}`](runbooks/alarms.md#{alarm.section})",
        alarm.severity.value,
        alarm.rule,
        silence,
        COUNTS[alarm.weight],
    )


def raised(profile: str) -> tuple[Raised, ...]:
    return alarms_of(examples(), PROFILES[profile])


def every(profile: str = STEADY) -> Iterator[Alarm]:
    yield from (alarm for item in raised(profile) for alarm in item.alarms)


def test_the_table_of_alarms_is_what_the_code_makes() -> None:
    expected = table("alarm,how soon,raised,without data,side impaired", (row(alarm) for alarm in every()))
    assert expected == between(text("monitoring.md"), "alarms"), f"docs/monitoring.md is to have:\n{expected}"


def test_the_table_of_profiles_is_the_code() -> None:
    rows = [
        (f"`{field.name}`", *(f"{getattr(PROFILES[name], field.name):,g}" for name in PROFILES))
        for field in fields(Profile)
    ]
    expected = table(f"threshold,{','.join(PROFILES)}", rows)
    assert expected == between(text("monitoring.md"), "profiles"), f"docs/monitoring.md is to have:\n{expected}"


def test_another_profile_makes_another_table() -> None:
    assert [row(alarm) for alarm in every()] != [row(alarm) for alarm in every("quiet")]


def test_every_kind_of_thing_that_is_watched_stands_in_the_table() -> None:
    assert set(get_args(Watched)) == {type(item) for item in examples()}


def test_every_alarm_that_a_cell_registers_is_a_row_of_the_table() -> None:
    rows = [re.sub(r"<\w+>", r"[\\w-]+", re.escape(alarm.role).replace(r"\-", "-")) for alarm in every()]
    for alarm in whole("us").of_type(METRIC):
        role = alarm.inputs["name"].split("-", 3)[3]
        assert any(re.fullmatch(each, role) for each in rows), f"{role} is no row of docs/monitoring.md"


def test_every_message_of_an_alarm_leads_to_a_section_that_is_there() -> None:
    program = whole("us")
    for alarm in (*program.of_type(METRIC), *program.of_type(COMPOSITE)):
        page, _, section = alarm.inputs["alarmDescription"].rpartition(" ")[2].rstrip(".").partition("#")
        headings = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert section in {anchor(heading) for heading in headings}, f"{alarm.name} leads nowhere: {page}#{section}"
