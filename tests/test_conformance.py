"""The HIPAA pack: what is in it, against AWS's own list of managed rules."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
import yaml
from moto.config.models import MANAGED_RULES

from domain import hipaa
from domain.conformance import LONGEST_TEMPLATE, MOST_RULES, PREFIX, Rule, select, template
from domain.regions import REGIONS

KNOWN: Final[dict[str, Any]] = MANAGED_RULES["ManagedRules"]  # moto keeps AWS's list, read off its developer guide
# The regions as that list calls them.
TITLES: Final = {
    "af-south-1": "Africa (Cape Town)",
    "ap-northeast-3": "Asia Pacific (Osaka)",
    "ap-south-2": "Asia Pacific (Hyderabad)",
    "ap-southeast-3": "Asia Pacific (Jakarta)",
    "ap-southeast-4": "Asia Pacific (Melbourne)",
    "ca-west-1": "Canada West (Calgary)",
    "eu-central-2": "Europe (Zurich)",
    "eu-south-1": "Europe (Milan)",
    "eu-south-2": "Europe (Spain)",
    "il-central-1": "Israel (Tel Aviv)",
    "me-central-1": "Middle East (UAE)",
    "mx-central-1": "Mexico (Central)",
}
# Places in which no side may live.
ELSEWHERE: Final = re.compile(
    r"China \(\w+\)|AWS GovCloud \(US-\w+\)|Asia Pacific \((New Zealand|Thailand|Malaysia|Taipei)\)"
)


@pytest.fixture(params=hipaa.RULES, ids=lambda rule: rule.identifier)
def rule(request: pytest.FixtureRequest) -> Rule:
    found: Rule = request.param
    return found


def test_the_rule_is_one_that_aws_config_has(rule: Rule) -> None:
    assert rule.identifier in KNOWN
    assert "S3_BUCKET_KEPT_TIDY" not in KNOWN, "the list does not say yes to everything"


def test_the_rule_is_absent_where_aws_says_so(rule: Rule) -> None:
    listed = KNOWN[rule.identifier]["AWS Region"].removesuffix(" Region")
    without = listed.partition(" except ")[2]
    absent = {region for region, title in TITLES.items() if title in without}
    assert absent == rule.absent
    rest = without
    for title in TITLES.values():
        rest = rest.replace(title, "")
    assert "" == ELSEWHERE.sub("", rest).replace(",", "").strip(), "every region in the list was understood"


def test_the_rules_parameters_are_those_that_aws_config_takes(rule: Rule) -> None:
    known = {item["Name"]: item["Optional"] for item in KNOWN[rule.identifier]["Parameters"]}
    assert set(rule.parameters) <= set(known)
    assert {name for name, optional in known.items() if not optional} <= set(rule.parameters)


def test_the_rule_is_set_off_by_types_that_it_judges(rule: Rule) -> None:
    known = KNOWN[rule.identifier]
    if rule.types:
        assert set(rule.types) <= set(known["Resource Types"].split(", "))
        assert "Configuration changes" in known["Trigger type"]
    else:
        assert "Periodic" == known["Trigger type"], "a rule without types is evaluated once a day, and by no change"


def test_the_rule_names_its_safeguards(rule: Rule) -> None:
    assert rule.safeguards
    for safeguard in rule.safeguards:
        assert re.fullmatch(r"164\.3\d\d\([a-e]\)(\([1-8]\)(\([iv]+\)(\([A-D]\))?)?)?", safeguard)


def test_no_rule_is_there_twice_nor_both_in_and_left_out() -> None:
    identifiers = [rule.identifier for rule in hipaa.RULES]
    assert len(set(identifiers)) == len(identifiers)
    assert set() == set(identifiers) & set(hipaa.LEFT_OUT)
    assert set(hipaa.LEFT_OUT) <= set(KNOWN)


@pytest.mark.parametrize("region", REGIONS)
def test_the_template_is_yaml_that_aws_config_takes(region: str) -> None:
    rules = select(hipaa.RULES, region, once=True)
    text = template(rules)
    assert len(text.encode()) < LONGEST_TEMPLATE
    assert len(rules) <= MOST_RULES
    resources = yaml.safe_load(text)["Resources"]
    assert [rule.identifier for rule in rules] == [
        item["Properties"]["Source"]["SourceIdentifier"] for item in resources.values()
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in resources), "logical names have no other characters"


def test_a_rule_is_written_whole() -> None:
    (found,) = [item for item in hipaa.RULES if item.identifier == "ACM_CERTIFICATE_EXPIRATION_CHECK"]
    assert {
        "AcmCertificateExpirationCheck": {
            "Type": "AWS::Config::ConfigRule",
            "Properties": {
                "ConfigRuleName": f"{PREFIX}acm-certificate-expiration-check",
                "Description": "No certificate ends within 30 days (164.312(e)(2)(ii))",
                "InputParameters": {"daysToExpiration": "30"},
                "Scope": {"ComplianceResourceTypes": ["AWS::ACM::Certificate"]},
                "Source": {"Owner": "AWS", "SourceIdentifier": "ACM_CERTIFICATE_EXPIRATION_CHECK"},
            },
        }
    } == yaml.safe_load(template([found]))["Resources"]


def test_what_an_account_has_once_is_judged_where_it_is_asked_for_only() -> None:
    both = [{rule.identifier for rule in select(hipaa.RULES, "us-east-2", once=once)} for once in (True, False)]
    assert "IAM_PASSWORD_POLICY" in both[0]
    assert "IAM_PASSWORD_POLICY" not in both[1]
    assert "RDS_STORAGE_ENCRYPTED" in both[1]


def test_a_region_that_lacks_a_rule_is_not_given_it() -> None:
    found = {name: {rule.identifier for rule in select(hipaa.RULES, name, once=False)} for name in REGIONS}
    assert "ELBV2_ACM_CERTIFICATE_REQUIRED" not in found["ap-northeast-3"]
    assert "ELBV2_ACM_CERTIFICATE_REQUIRED" in found["ap-northeast-1"]
