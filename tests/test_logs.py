"""Every resource that can log does, and docs/audit.md lists each log with its owner, its key and its retention."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from components.storage import rules
from ops.engine.project import ROOT
from ops.engine.record import Program, Registration, reveal
from tests.support import CELLS, declare, opts_in, whole
from tests.test_docs import between, table
from tests.watching import BUCKET_LOGGING, GROUP, MISSING, silent

LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOG_DAYS, ACCESS_LOG_DAYS = 400, 500  # apart from each other, to tell which of the two a log is kept for
KEPT: Final = {LOG_DAYS: "logDays", ACCESS_LOG_DAYS: "accessLogDays"}


@pytest.mark.parametrize("cell", CELLS)
def test_whatever_can_log_does(cell: str) -> None:
    program = whole(cell)
    assert set(MISSING) <= {item.type for item in program.registrations}, "each of them is there to be judged"
    assert [] == silent(program)


def test_a_cell_with_home_alone_logs_as_much() -> None:
    assert [] == silent(whole("us", posture="backup-only", recoveryRegion="none", recoveryCidr="none"))


def bare() -> None:
    """One of each that can log, none of which does."""
    import pulumi_aws as aws  # noqa: PLC0415 - only here

    opts = opts_in()
    aws.ec2.Vpc("vpc", cidr_block="10.99.0.0/16", opts=opts)
    aws.elasticache.ReplicationGroup("cache", description="bare", opts=opts)
    aws.lambda_.Function("function", role="arn", opts=opts)
    aws.lb.LoadBalancer("balancer", opts=opts)
    aws.rds.Instance("database", identifier="bare", instance_class="db.t4g.medium", opts=opts)
    aws.s3.Bucket("bucket", bucket="bare", opts=opts)
    aws.wafv2.WebAcl(
        "firewall",
        scope="REGIONAL",
        default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
        visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True, metric_name="bare", sampled_requests_enabled=False
        ),
        opts=opts,
    )


def test_what_does_not_log_is_seen() -> None:
    program = declare(bare)
    seen = {
        item.type for item in program.registrations if item.type in MISSING and any(MISSING[item.type](program, item))
    }
    assert set(MISSING) == seen


@pytest.fixture(scope="module")
def told() -> Program:
    return whole("us", logDays=LOG_DAYS, accessLogDays=ACCESS_LOG_DAYS)


def home(program: Program, type_: str) -> list[Registration]:
    region = next(item.inputs["region"] for item in program.of_type("pulumi:providers:aws") if item.name == "home")
    return [item for item in program.of_type(type_) if program.region_of(item) == region]


def general(name: str) -> str:
    """A physical name of the us cell's home, as it is in any cell."""
    for own, mark in (("medical-us-use2", "medical-<cell>-<place>"), ("medical/us/use2", "medical/<cell>/<place>")):
        name = name.replace(own, mark)
    return name


def owner(program: Program, item: Registration) -> str:
    """The package of components that makes `item`: the first component above it."""
    known = program.by_urn()
    while not item.type.startswith("medical:"):
        item = known[item.parent]
    return f"`components/{item.type.split(':')[1]}`"


def kept(days: float) -> str:
    """How long a log is kept, by the setting that says so."""
    return f"`{KEPT[int(days)]}`" if int(days) in KEPT else f"{int(days)} days"


def rows(program: Program) -> set[tuple[str, str, str, str]]:
    """Where each log of a side is, who makes it, how long it is kept, and under which key."""
    found = {
        (
            f"`{general(item.inputs['name'])}`",
            owner(program, item),
            kept(item.inputs["retentionInDays"]),
            "the side's",
        )
        for item in home(program, GROUP)
    }
    (expiring,) = [item for item in home(program, LIFECYCLE) if item.name.endswith(f"-{rules.LOGS}")]
    days = next(rule["expiration"]["days"] for rule in expiring.inputs["rules"] if rule["id"] == "expire-logs")
    in_bucket: list[tuple[str, Any]] = [(item.inputs["targetPrefix"], item) for item in home(program, BUCKET_LOGGING)]
    for item in home(program, "aws:lb/loadBalancer:LoadBalancer"):
        in_bucket += [(f"{item.inputs[log]['prefix']}/", item) for log in ("accessLogs", "connectionLogs")]
    return found | {
        (f"logs bucket, `{prefix}`", owner(program, item), kept(days), "S3's own") for prefix, item in in_bucket
    }


def page_rows() -> list[tuple[str, ...]]:
    page = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    lines = between(page, "logs").splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def test_every_log_of_a_side_is_on_the_page_with_its_owner_its_retention_and_its_key(told: Program) -> None:
    shown = {row[1:] for row in page_rows()}
    expected = rows(told)
    heading = "log,where,made by,kept for,key"
    assert expected == shown, f"docs/audit.md is to have:\n{table(heading, [('?', *row) for row in sorted(expected)])}"


def test_each_log_on_the_page_is_described() -> None:
    assert all(re.search(r"\w", row[0]) for row in page_rows())


def test_every_log_group_is_kept_as_long_as_asked_and_under_the_key_of_its_side(told: Program) -> None:
    keys = {told.region_of(item): item.outputs["arn"] for item in told.of_type("aws:kms/key:Key")}
    for item in told.of_type(GROUP):
        assert LOG_DAYS <= item.inputs["retentionInDays"], f"{item.name} is kept for too short a time"
        assert keys[told.region_of(item)] == reveal(item.inputs["kmsKeyId"])
