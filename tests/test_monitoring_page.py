"""docs/monitoring.md: its tables are what the code says, and every alarm leads to a section that is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Final

import settings
from components.observability.catalog import Raised, alarms_of
from components.observability.model import Alarm, Weight
from components.observability.watched import (
    CacheNode,
    Certificate,
    Database,
    DeadLetters,
    Fleet,
    Function,
    Journey,
    LoadBalancer,
    Nat,
    Outbox,
    Queue,
    Vault,
    Watched,
)
from domain.alarms import PROFILES, STEADY, Profile
from ops.engine import project
from tests.alarmable import METRIC
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
        Vault(key="backup", name=""),
        Journey(key="<journey>", canary="", minutes=us.canary_minutes, objective=us.journey_objectives["book"]),
    )


def row(alarm: Alarm) -> tuple[str, ...]:
    silence = f"`{alarm.silence.treatment.value}`: {alarm.silence.because}"
    return f"[`{alarm.role}`](#{alarm.section})", alarm.severity.value, alarm.rule, silence, COUNTS[alarm.weight]


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


def test_every_alarm_that_a_cell_registers_leads_to_a_section_of_the_page() -> None:
    headings = {anchor(line.lstrip("# ")) for line in text("monitoring.md").splitlines() if line.startswith("#")}
    led = {
        str(alarm.inputs["alarmDescription"]).partition("docs/monitoring.md#")[2]
        for alarm in whole("us").of_type(METRIC)
    }
    assert {"load-balancer", "queues"} <= led - {""} <= headings
