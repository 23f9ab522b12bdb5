"""What the settings refuse, and in what words."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

import pulumi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

import settings
from components.network import layout
from domain import jurisdictions, naming
from ops.engine import project, runner
from ops.engine.project import Stack
from ops.engine.synthetic import Synthetic
from settings import Settings, SettingsError
from tests.support import CELLS

PREFIX: Final = f"{settings.PROJECT}:"
KEYS: Final = tuple(to_camel(name) for name in Settings.model_fields if name != "cell")


def raw_of(cell: str) -> dict[str, str]:
    config = project.load(cell).config
    return {key.removeprefix(PREFIX): value for key, value in config.items() if key.startswith(PREFIX)}


US: Final = raw_of("us")


def loaded(**changes: str) -> Settings:
    return settings.load("us", {**US, **changes})


def refusal_of(raw: Mapping[str, str], *, cell: str = "us", secret: frozenset[str] = frozenset()) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings.load(cell, raw, secret=secret)
    return caught.value


def refused(**changes: str) -> SettingsError:
    return refusal_of({**US, **changes})


def without(key: str, **changes: str) -> dict[str, str]:
    return {other: value for other, value in {**US, **changes}.items() if other != key}


def rule_of(error: SettingsError, key: str) -> str:
    rules = {problem.key: problem.rule for problem in error.problems}
    assert key in rules, f"{key} was not refused, but {sorted(rules)}"
    return rules[key]


@pytest.mark.parametrize("cell", CELLS)
def test_the_shipped_stack_files_are_accepted_as_they_are(cell: str) -> None:
    assert cell == settings.load(cell, raw_of(cell)).cell


def test_no_two_sides_of_any_shipped_cells_share_an_address() -> None:
    ranges = [IPv4Network(raw_of(cell)[key]) for cell in CELLS for key in ("homeCidr", "recoveryCidr")]
    assert [] == [pair for pair in combinations(ranges, 2) if pair[0].overlaps(pair[1])]


def test_every_setting_is_declared_and_described_in_the_project_file() -> None:
    declared = project.yaml_file.as_values(project.ROOT / project.PROJECT_FILE)["config"]
    assert set(KEYS) == set(declared)
    assert [] == [key for key, value in declared.items() if not value.get("description")]


# key, value, words that the rule must hold
BAD: Final = [
    ("accountId", "12345", "12 digits"),
    ("accountId", "11112222333a", "12 digits"),
    ("accountId", "١١١١٢٢٢٢٣٣٣٣", "12 digits"),
    ("domain", "example", "domain name"),
    ("domain", "-bad.example.com", "domain name"),
    ("domain", "Example.com", "lower case"),
    ("domain", "exa mple.com", "domain name"),
    ("domain", "example.com\n", "domain name"),
    ("domain", "https://example.com", "domain name"),
    ("domain", "", "domain name"),
    ("domain", f"{'a' * 64}.com", "domain name"),
    ("jurisdiction", "us", "choose one of"),
    ("jurisdiction", "XX", "EU"),
    ("homeRegion", "us-east-9", "choose one of us-east-2"),
    ("homeRegion", "US-EAST-2", "choose one of us-east-2"),
    ("homeRegion", "", "no region"),
    ("recoveryRegion", "us-west-1", "choose one of us-west-2"),  # has two zones for new accounts
    ("homeCidr", "8.8.0.0/16", "private"),
    ("homeCidr", "172.32.0.0/16", "private"),
    ("homeCidr", "10.0.0.0/8", "too large"),
    ("homeCidr", "10.40.0.0/21", "too small"),
    ("homeCidr", "10.40.0.0/28", "between /16 and /20"),
    ("homeCidr", "10.40.0.1/16", "first address"),
    ("homeCidr", "10.40.0.0", "10.10.0.0/16"),
    ("homeCidr", "10.40.0.0/255.255.0.0", "10.10.0.0/16"),
    ("homeCidr", "10.40.0.0/33", "prefix length"),
    ("homeCidr", "10.400.0.0/16", "prefix length"),
    ("homeCidr", "fd00::/16", "IPv4"),
    ("recoveryCidr", "nonsense", "IPv4"),
    ("zone", "example.com", "hosted zone"),
    ("zone", "", "create"),
    ("deletionProtection", "no", "true or false"),
    ("deletionProtection", "False", "true or false"),
    ("throwAway", "1", "true or false"),
    ("natPerAz", '"true"', "true or false"),
    ("natPerAz", "null", "true or false"),
    ("interfaceEndpoints", "ssm", 'list such as ["ssm"'),
    ("interfaceEndpoints", '"ssm"', 'list such as ["ssm"'),
    ("interfaceEndpoints", '{"ssm": true}', 'list such as ["ssm"'),
    ("interfaceEndpoints", '["ssm", "smm"]', "item 2"),
    ("interfaceEndpoints", '["ssm", 1]', "item 2"),
    ("interfaceEndpoints", '["ssm", ["kms"]]', "item 2"),
    ("interfaceEndpoints", '["ssm", "ssm"]', "again"),
    ("webInstanceType", "t3.small", "Graviton"),
    ("webInstanceType", "t٤g.small", "Graviton"),
    ("webInstanceType", "m9g.large", "choose one of the families t4g, m6g"),
    ("webInstanceType", "t4g", "Graviton"),
    ("webInstanceType", "t4g.4xlarge", "choose one of nano, micro"),
    ("webInstanceType", "m7g.3xlarge", "choose one of medium, large"),
    ("webInstanceType", "m7g.metal", "does not come in"),
    ("webInstanceType", "c7gn.48xlarge", "does not come in"),
    ("webHomeMin", "0", "between 1 and 100"),
    ("webHomeMin", "-1", "between 1 and 100"),
    ("webHomeMin", "101", "between 1 and 100"),
    ("webRecoveryMin", "0", "between 1 and 100"),
    ("webMax", "1.5", "whole number"),
    ("webMax", "1e2", "whole number"),
    ("webMax", "NaN", "whole number"),
    ("webMax", "Infinity", "whole number"),
    ("webMax", "true", "whole number"),
    ("webMax", "many", "whole number"),
    ("webMax", "", "whole number"),
    ("webMax", "9" * 5000, "whole number"),
    ("webVolumeGib", "7", "between 8 and 1024"),
    ("release", "v1.0", "sha256"),
    ("release", "app.tar@sha256:abc", "64 hex digits"),
    ("release", f"web/../app.zip@sha256:{'0' * 64}", "must not have '..'"),
    ("release", f"web/..@sha256:{'0' * 64}", "must not have '..'"),
    ("databaseClass", "db.m5.large", "Graviton"),
    ("databaseClass", "db.t4g.micro", "choose one of medium, large"),
    ("databaseClass", "db.zzz9g.17xlarge", "choose one of the families t4g, m6g"),
    ("databaseClass", "db.r7g.medium", "choose one of large, xlarge"),
    ("databaseClass", "db.t4g.4xlarge", "choose one of medium, large"),
    ("databaseStorageGib", "19", "between 20 and 65536"),
    ("databaseMaxStorageGib", "54", "10 %"),
    ("databaseBackupDays", "6", "between 7 and 35"),
    ("databaseBackupDays", "36", "between 7 and 35"),
    ("cacheNodeType", "cache.t3.micro", "Graviton"),
    ("cacheNodeType", "t4g.micro", "Graviton"),
    ("cacheNodeType", "cache.t4g.nano", "choose one of micro, small, medium"),
    ("cacheNodeType", "cache.m7g.medium", "choose one of large, xlarge"),
    ("cacheNodeType", "cache.r6gd.xlarge", "choose one of the families t4g, m6g"),
    ("cacheReplicas", "0", "between 1 and 5"),
    ("cacheReplicas", "6", "between 1 and 5"),
    ("wafMode", "off", "block or count"),
    ("wafRateLimit", "999", "1000"),
    ("wafRateLimit", "100001", "100000"),
    ("operationsEmails", "oncall@example.com", "must be a list such as"),
    ("operationsEmails", '["oncall"]', "item 1 must be an e-mail address"),
    ("operationsEmails", '["a@example.com", "a@example.com"]', "item 2 is there already"),
    ("operationsEmails", '["a@example.com", "A@Example.com"]', "item 2 is there already"),
    ("pagerEmails", '["oncall"]', "item 1 must be an e-mail address"),
    ("logDays", "364", "365"),
    ("logDays", "true", "365"),
    ("accessLogDays", "89", "between 90 and 3653"),
    ("noncurrentDays", "100000", "between 7 and 3653"),
]


@pytest.mark.parametrize(("key", "value", "words"), BAD)
def test_a_bad_value_is_refused_with_key_value_rule_and_way_out(key: str, value: str, words: str) -> None:
    error = refused(**{key: value})
    assert words in rule_of(error, key)
    assert [key] == [problem.key for problem in error.problems], "only what is wrong is refused"
    shown = next(problem.value for problem in error.problems)
    assert ascii(value)[:100] in shown
    assert f"  - {key} = {shown}: " in str(error)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("http://hooks.example.com/T0KEN", "begins with https://"),
        ("https://me:T0KEN@hooks.example.com/", "holds a user or password"),
        ("https://localhost/T0KEN", "must name a host in full"),
        ("https://10.0.0.1/T0KEN", "must name a host in full"),
        ("https://hooks.example.com/#T0KEN", "has a part behind #"),
        ("https://hooks.example.com:99999/T0KEN", "no address that can be read"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_and_never_shown(value: str, words: str) -> None:
    error = refused(operationsWebhooks=f'["{value}"]')
    assert words in rule_of(error, "operationsWebhooks")
    assert "T0KEN" not in str(error)
    assert "[secret]" in str(error)


@pytest.mark.parametrize(
    ("pages", "everything", "address"),
    [
        ("pagerEmails", "operationsEmails", "oncall@example.com"),
        ("pagerWebhooks", "operationsWebhooks", "https://hooks.example.com/T0KEN"),
    ],
)
def test_an_address_that_hears_everything_cannot_hear_pages_alone(pages: str, everything: str, address: str) -> None:
    for same in (address, address.replace("example.com", "Example.COM")):
        error = refused(**{pages: f'["{address}"]', everything: f'["{same}"]'})
        assert f"item 1 hears everything by {everything}" in rule_of(error, pages)
        assert "T0KEN" not in str(error)
    assert loaded(**{pages: f'["{address}"]'})


def test_two_webhooks_of_one_host_differ_by_the_case_of_their_paths() -> None:
    both = '["https://hooks.example.com/a", "https://hooks.example.com/A"]'
    assert loaded(operationsWebhooks=both)


# values at the edges that must pass
GOOD: Final = [
    ("domain", "a.b-c.example.co"),
    ("homeCidr", "192.168.0.0/16"),
    ("homeCidr", "172.31.240.0/20"),
    ("interfaceEndpoints", "[]"),
    ("webHomeMin", "1"),
    ("webMax", "100"),
    ("zone", "Z0123456789ABC"),
    ("release", f"web/1.2.3.tar.gz@sha256:{'0' * 64}"),
    ("databaseMaxStorageGib", "55"),
    ("release", f"web/1..2/a..zip@sha256:{'0' * 64}"),
    ("webInstanceType", "c7gn.16xlarge"),
    ("webInstanceType", "t4g.nano"),
    ("webInstanceType", "m8g.48xlarge"),
    ("databaseClass", "db.r8g.48xlarge"),
    ("cacheNodeType", "cache.t4g.micro"),
    ("cacheNodeType", "cache.r7g.16xlarge"),
    ("wafMode", "count"),
    ("wafRateLimit", "1000"),
    ("wafRateLimit", "100000"),
    ("operationsEmails", '["a.b+c@sub.example.com"]'),
    ("operationsWebhooks", '["https://hooks.example.com:8443/a?token=b"]'),
    ("pagerWebhooks", '["https://hooks.example.com:8443/a?token=b"]'),
    ("logDays", "3653"),
]


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_value_at_the_edge_is_accepted(key: str, value: str) -> None:
    kept = loaded(**{key: value}).model_dump(by_alias=True)[key]
    assert value == (kept if isinstance(kept, str) else json.dumps(kept))


@pytest.mark.parametrize("key", ["accountId", "domain", "homeCidr", "recoveryRegion"])
def test_a_missing_key_is_refused_with_the_command_that_sets_it(key: str) -> None:
    error = refusal_of(without(key))
    assert f"pulumi config set {key}" in rule_of(error, key)
    assert "(missing)" in str(error)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("webMaximum", "no setting of the platform"),
        ("homeregion", "did you mean homeRegion?"),
        ("databaseBackupDay", "did you mean databaseBackupDays?"),
        ("medical-platfrom:domain", "did you mean domain?"),
        ("aws:region", "homeRegion and recoveryRegion"),
        ("cell", "drop it"),
        ("zzzzzz", "drop it"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(key: str, words: str) -> None:
    error = refused(**{key: "us2"})
    assert words in rule_of(error, key)
    assert 1 == len(error.problems)


def test_everything_that_is_wrong_is_refused_at_once() -> None:
    error = refusal_of(without("domain", webMax="0", natPerAz="no", zoen="create", homeCidr="8.8.0.0/16"))
    assert {"domain", "webMax", "natPerAz", "zoen", "homeCidr"} == {problem.key for problem in error.problems}


def test_an_unknown_key_is_refused_beside_settings_that_do_not_go_together() -> None:
    error = refused(zoen="create", recoveryCidr=US["homeCidr"])
    assert {"zoen", "recoveryCidr"} == {problem.key for problem in error.problems}


def test_recovery_in_the_home_region_is_refused() -> None:
    rule = rule_of(refused(recoveryRegion="us-east-2"), "recoveryRegion")
    assert "choose one of us-east-1, us-west-2" in rule


def test_a_recovery_region_outside_the_jurisdiction_is_refused() -> None:
    rule = rule_of(refused(recoveryRegion="eu-west-2"), "recoveryRegion")
    assert "lies in GB, outside jurisdiction 'US'" in rule
    assert "us-west-2" in rule
    assert "change jurisdiction" in rule


def test_a_jurisdiction_with_one_region_only_is_refused() -> None:
    error = refused(jurisdiction="GB", homeRegion="eu-west-2", recoveryRegion="eu-west-1")
    rule = rule_of(error, "jurisdiction")
    assert "one region only" in rule
    assert "set posture: backup-only, with recoveryRegion and recoveryCidr none" in rule, "the way out"
    assert "up to 24 h (daily backups), 5 minutes by point-in-time recovery" in rule, "and what it costs"
    assert "AU, CA, EU" in rule


@pytest.mark.parametrize("cidr", ["10.10.0.0/16", "10.10.240.0/20"])
def test_overlapping_ranges_are_refused(cidr: str) -> None:
    assert "overlaps homeCidr '10.10.0.0/16'" in rule_of(refused(recoveryCidr=cidr), "recoveryCidr")
    assert "10.12.0.0/16" == loaded(recoveryCidr="10.12.0.0/16").recovery_cidr


def test_fewer_instances_at_most_than_at_least_are_refused() -> None:
    error = refused(webMax="3", webHomeMin="4", webRecoveryMin="5")
    assert "raise webMax" in rule_of(error, "webHomeMin")
    assert "raise webMax" in rule_of(error, "webRecoveryMin")


def test_storage_that_could_not_grow_is_refused() -> None:
    assert "or less" in rule_of(
        refused(databaseStorageGib="65536", databaseMaxStorageGib="65536"), "databaseStorageGib"
    )
    assert "set 110 or more" in rule_of(
        refused(databaseStorageGib="100", databaseMaxStorageGib="109"), "databaseMaxStorageGib"
    )
    assert 110 == loaded(databaseStorageGib="100", databaseMaxStorageGib="110").database_max_storage_gib


def test_a_throw_away_stack_that_is_protected_is_refused() -> None:
    assert "deletion-protected" in rule_of(refused(throwAway="true"), "throwAway")
    assert loaded(throwAway="true", deletionProtection="false").throw_away


def test_a_stack_that_may_be_destroyed_cannot_have_a_lock_that_nobody_can_lift() -> None:
    thrown = {"throwAway": "true", "deletionProtection": "false"}
    assert "set throwAway to false or vaultLock to governance" in rule_of(
        refused(**thrown, vaultLock="compliance"), "vaultLock"
    )
    assert "compliance" == loaded(vaultLock="compliance").vault_lock
    assert "governance" == loaded(**thrown, vaultLock="governance").vault_lock


def test_a_domain_that_makes_the_certificates_name_too_long_is_refused() -> None:
    fitting = f"{'a' * 53}.com"  # us.app. + 57 characters
    assert fitting == loaded(domain=fitting).domain
    assert "at most 64" in rule_of(refused(domain=f"a{fitting}"), "domain")


@pytest.mark.parametrize("cell", ["x", "Us", "1us", "us-", "us--e", "us_e", "a" * 17, "a" * 5000, "", "us\n", "ü1"])
def test_a_cell_that_cannot_be_in_names_is_refused(cell: str) -> None:
    error = refusal_of(US, cell=cell)
    assert "rename the stack" in rule_of(error, "cell")
    assert len(str(error)) < 2000


@pytest.mark.parametrize("cell", ["us", "a" * naming.CELL_LIMIT, "north-america-1"])
def test_a_cell_that_can_be_in_names_is_accepted(cell: str) -> None:
    assert cell == settings.load(cell, US).cell


@pytest.mark.parametrize(("key", "value", "_words"), BAD)
def test_a_value_marked_secret_is_never_repeated(key: str, value: str, _words: str) -> None:
    error = refusal_of({**US, key: value}, secret=frozenset({key}))
    assert {"[secret]"} == {problem.value for problem in error.problems}
    if value not in str(refused(**{key: "\0"})):  # else it is a word of the rule itself, as `no` is
        assert value not in str(error)


def test_a_secret_that_another_key_is_compared_with_is_not_repeated_either() -> None:
    changes = {"homeCidr": "10.99.0.0/16", "recoveryCidr": "10.99.16.0/20"}
    error = refusal_of({**US, **changes}, secret=frozenset({"homeCidr"}))
    assert "overlaps homeCidr [secret]" in rule_of(error, "recoveryCidr")
    assert "10.99.0.0/16" not in str(error)


def test_settings_cannot_be_changed_once_they_are_made() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(loaded(), "web_max", 1)  # noqa: B010 - the type checker knows it as well


def test_what_is_not_pulumis_message_is_no_part_of_a_refusal() -> None:
    for key, value, _ in BAD:
        assert not re.search(r"[Ii]nput should|Value error", str(refused(**{key: value})))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
).map(json.dumps)
_PLAUSIBLE = st.sampled_from(sorted({value for _, value, _ in BAD} | {value for _, value in GOOD} | set(US.values())))
_VALUES = st.text(st.characters(), max_size=30) | _JSON | _PLAUSIBLE | st.integers().map(str)
_CHANGES = st.dictionaries(st.sampled_from(KEYS) | st.text(st.characters(), max_size=12), _VALUES, max_size=4)
_CELLS = st.sampled_from([*CELLS, "a" * naming.CELL_LIMIT]) | st.text(st.characters(), max_size=20)


@hypothesis_settings(deadline=None, max_examples=400)
@given(cell=_CELLS, changes=_CHANGES)
def test_whatever_is_given_is_refused_with_a_reason_or_is_a_cell_that_can_stand(
    cell: str, changes: dict[str, str]
) -> None:
    found = outcome(cell, {**US, **changes})
    if isinstance(found, Settings):
        holds(found)
        return
    assert found.problems
    assert all(problem.key and problem.rule for problem in found.problems)
    assert {problem.key for problem in found.problems} <= {"cell", *KEYS, *changes, *map(ascii, changes)}
    assert str(found).isascii(), "a message can be printed anywhere"


def outcome(cell: str, raw: Mapping[str, str]) -> Settings | SettingsError:
    try:
        return settings.load(cell, raw)
    except SettingsError as error:
        return error


def holds(found: Settings) -> None:
    """What is true of all settings."""
    inside = jurisdictions.REGIONS_OF[found.jurisdiction]
    assert found.home_region in inside
    assert found.recovery_region in inside
    assert found.home_region != found.recovery_region
    home, recovery = IPv4Network(found.home_cidr), IPv4Network(found.recovery_cidr)
    assert home.is_private
    assert recovery.is_private
    assert not home.overlaps(recovery)
    assert layout.subnet(found.home_cidr, 7, 7).subnet_of(home), "the range can be cut into all of its subnets"
    assert 1 <= found.web_home_min <= found.web_max
    assert 1 <= found.web_recovery_min <= found.web_max
    assert found.database_max_storage_gib * 10 >= found.database_storage_gib * 11
    assert not (found.throw_away and found.deletion_protection)
    assert len(f"{found.cell}.app.{found.domain}") <= 64


def through_pulumi(config: dict[str, str]) -> Settings:
    """What `from_pulumi` makes of a stack's configuration, inside a running program."""
    found: list[Settings] = []
    stack = Stack(name="us", project=settings.PROJECT, config=config)
    runner.run(stack, Synthetic(), program=lambda: found.append(settings.from_pulumi()))
    return found[0]


def test_the_running_program_reads_its_own_stacks_configuration() -> None:
    assert loaded() == through_pulumi(dict(project.load("us").config))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULUMI_CONFIG", "{bad"),
        ("PULUMI_CONFIG", "[]"),
        ("PULUMI_CONFIG", json.dumps({f"{PREFIX}domain": "foreign.example.org", f"{PREFIX}zoen": "x"})),
        ("PULUMI_CONFIG_SECRET_KEYS", "{bad"),
        ("PULUMI_CONFIG_SECRET_KEYS", json.dumps([f"{PREFIX}webMax"])),
        ("PULUMI_CONFIG_medical-platform__domain", "foreign.example.org"),
    ],
)
def test_another_stacks_configuration_in_the_environment_reaches_no_offline_run(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert loaded() == through_pulumi(dict(project.load("us").config))
    assert value == os.environ[name], "the environment is left as it was"
    with pytest.raises(SettingsError, match="'zero'"):  # shown, for it is no secret here
        through_pulumi({**project.load("us").config, f"{PREFIX}webMax": "zero"})
    assert value == os.environ[name], "after a failure too"


def test_a_key_of_a_misspelt_project_is_refused_in_the_running_program() -> None:
    config = {**project.load("us").config, "medical-platfrom:webMax": "4", "aws:region": "us-east-1"}
    with pytest.raises(SettingsError) as caught:
        through_pulumi(config)
    assert {"medical-platfrom:webMax", "aws:region"} == {problem.key for problem in caught.value.problems}


def test_the_engines_own_settings_are_left_to_the_engine() -> None:
    config = {**project.load("us").config, "pulumi:tags": '{"a": "b"}'}
    assert "us" == through_pulumi(config).cell


def test_a_refusal_is_an_error_that_pulumi_prints_without_a_traceback() -> None:
    assert isinstance(refused(webMax="0"), pulumi.RunError)


def test_nothing_is_registered_before_a_refusal() -> None:
    seen: list[str] = []
    stack = project.load("us", overrides={"webMax": "0"})
    with pytest.raises(SettingsError):
        runner.run(stack, Synthetic(), observer=lambda item: seen.append(item.urn))
    assert [] == seen


@pytest.mark.parametrize(("days", "refused"), [("2191", True), ("2192", False)])
def test_evidence_is_kept_for_the_six_years_that_the_law_asks_for(days: str, *, refused: bool) -> None:
    given = project.load("us", overrides={"auditDays": days}).config
    raw = {key.partition(":")[2]: value for key, value in given.items() if key.startswith("medical-platform:")}
    if refused:
        with pytest.raises(settings.SettingsError, match=r"auditDays = '2191'.*HIPAA 164\.316.*set 2192 or more"):
            settings.load("us", raw)
    else:
        assert 2192 == settings.load("us", raw).audit_days
