"""The difference between previews, of one cell and of two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from ops.engine import project
from ops.preview import diff, model, work
from ops.preview.diff import ABSENT, Change
from ops.preview.model import Preview, Resource
from ops.preview.tokens import Tokens

# A cell in another's account leaves to it what an account has once, and differs by that.
ACCOUNT_OF_ITS_OWN: Final = {"accountId": "444455556666", "accountOwner": "own"}


@pytest.fixture(scope="module")
def us() -> Preview:
    return work.preview("us", folder=project.ROOT)


@pytest.fixture(scope="module")
def eu() -> Preview:
    return work.preview("eu", folder=project.ROOT, overrides=ACCOUNT_OF_ITS_OWN)


@pytest.fixture(scope="module")
def apac() -> Preview:
    return work.preview("apac", folder=project.ROOT, overrides=ACCOUNT_OF_ITS_OWN)


def vpc_of(preview: Preview) -> Resource:
    return next(item for item in preview.resources if item.short_type == "ec2:Vpc" and item.side == "home")


def having(preview: Preview, resource: Resource) -> Preview:
    others = (item for item in preview.resources if item.urn != resource.urn)
    return replace(preview, resources=tuple(sorted((*others, resource), key=lambda item: item.urn)))


def lacking(preview: Preview, resource: Resource) -> Preview:
    return replace(preview, resources=tuple(item for item in preview.resources if item.urn != resource.urn))


def with_input(resource: Resource, **inputs: object) -> Resource:
    return replace(resource, inputs={**resource.inputs, **inputs})


def changes_between(before: Preview, after: Preview) -> list[Change]:
    return [change for item in diff.compare(before, after).changed for change in item.changes]


def test_a_preview_does_not_differ_from_itself(us: Preview) -> None:
    assert not diff.compare(us, us)


def test_shipped_cells_differ_only_by_design(us: Preview, eu: Preview) -> None:
    found = diff.compare(us, eu)
    assert not found, [(item.resource.name, item.changes) for item in found.changed] or (found.added, found.removed)


def test_a_cell_in_the_account_of_another_differs_in_what_the_owner_has_and_in_nothing_else(us: Preview) -> None:
    found = diff.compare(us, work.preview("eu", folder=project.ROOT))
    assert () == found.added
    assert {"audit.management"} == {change.path for change in found.outputs}
    owned = ("medical:account:", "medical:audit:TrailFilters", "aws:cloudwatch/", "aws:s3/account", "aws:iam/")
    assert [] == [item.type for item in found.removed if not item.type.startswith(owned)]
    assert {"cfg:ConformancePack", "cfg:Recorder", "cloudtrail:Trail", "cloudwatch:Dashboard"} == {
        item.resource.short_type for item in found.changed
    }
    assert {"home-detection", "trail", "home-dashboard"} == {item.resource.name for item in found.changed}, (
        "one region records it, and shows what it recorded"
    )
    assert {"management"} == {
        change.before for item in found.changed for change in item.changes if change.path.endswith("].name")
    }


def test_a_cell_that_lacks_a_service_differs_by_that_and_in_nothing_else(
    us: Preview, eu: Preview, apac: Preview
) -> None:
    for other in (us, eu):
        found = diff.compare(other, apac)
        assert ((), ()) == (found.added, found.removed)
        assert {"home.documents.text", "recovery.documents.text"} == {change.path for change in found.outputs}
        changed = {(item.resource.type, item.resource.name.partition("-")[2]) for item in found.changed}
        functions = ("documents-convert", "documents-text", "documents-erase")
        assert {
            *(("aws:lambda/function:Function", name) for name in functions),
            *(("aws:iam/rolePolicy:RolePolicy", name) for name in functions[:2]),
            # Nor has Osaka every rule that AWS Config has elsewhere.
            ("aws:cfg/conformancePack:ConformancePack", "detection"),
        } == changed


def test_a_resource_more_is_added_and_one_less_is_removed(us: Preview) -> None:
    vpc = vpc_of(us)
    smaller = lacking(us, vpc)
    assert (vpc,) == diff.compare(smaller, us).added
    assert (vpc,) == diff.compare(us, smaller).removed
    assert () == diff.compare(us, smaller).added


def test_in_one_cell_every_property_is_compared_exactly(us: Preview) -> None:
    other = having(us, with_input(vpc_of(us), cidrBlock="10.99.0.0/16"))
    assert [Change(path="cidrBlock", before="10.10.0.0/16", after="10.99.0.0/16")] == changes_between(us, other)


def test_a_property_that_is_not_there_is_said_to_be_absent(us: Preview) -> None:
    other = having(us, with_input(vpc_of(us), instanceTenancy="dedicated"))
    assert [Change(path="instanceTenancy", before=ABSENT, after="dedicated")] == changes_between(us, other)


def test_in_two_cells_a_true_difference_shows(us: Preview, eu: Preview) -> None:
    other = having(eu, with_input(vpc_of(eu), enableDnsSupport=False))
    assert [Change(path="enableDnsSupport", before=True, after=False)] == changes_between(us, other)


def test_in_two_cells_a_range_of_another_size_shows(us: Preview, eu: Preview) -> None:
    other = having(eu, with_input(vpc_of(eu), cidrBlock="10.20.0.0/18"))
    assert [Change(path="cidrBlock", before="10.10.0.0/16", after="10.20.0.0/18")] == changes_between(us, other)


def test_in_two_cells_an_address_of_the_other_side_shows(us: Preview, eu: Preview) -> None:
    other = having(eu, with_input(vpc_of(eu), cidrBlock="10.21.0.0/16"))
    assert ["cidrBlock"] == [change.path for change in changes_between(us, other)]


def test_a_change_inside_a_policy_is_shown_by_its_place(us: Preview) -> None:
    before = having(us, with_input(vpc_of(us), policy='{"Statement":[{"Action":["a:Get"],"Effect":"Allow"}]}'))
    after = having(us, with_input(vpc_of(us), policy='{"Statement":[{"Effect":"Allow","Action":["a:Get","a:Put"]}]}'))
    assert [Change(path="policy.Statement[0].Action", before=["a:Get"], after=["a:Get", "a:Put"])] == changes_between(
        before, after
    )


def test_protection_and_dependencies_are_compared_too(us: Preview) -> None:
    vpc = vpc_of(us)
    other = having(us, replace(vpc, protect=not vpc.protect, dependencies=(us.resources[0].urn,)))
    assert {"opts.protect", "opts.dependencies"} == {change.path for change in changes_between(us, other)}


def test_outputs_are_compared(us: Preview) -> None:
    other = replace(us, outputs={**us.outputs, "more": {"inside": 1}})
    assert (Change(path="more.inside", before=ABSENT, after=1),) == diff.compare(us, other).outputs


def test_a_setting_that_is_laid_over_shows_what_it_would_change(us: Preview) -> None:
    found = diff.compare(us, work.preview("us", folder=project.ROOT, overrides={"natPerAz": "true"}))
    added = {item.short_type for item in found.added}
    assert {"ec2:NatGateway", "ec2:Eip", "cloudwatch:MetricAlarm"} == added, "gateways are watched"
    assert () == found.removed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("medical-us-use2-web", "medical-<cell>-<home>-web"),
        ("medical/us/usw2/db", "medical/<cell>/<recovery>/db"),
        ("arn:aws:kms:us-east-2:111122223333:key/x", "arn:aws:kms:<home region>:<account>:key/x"),
        ("com.amazonaws.us-west-2.s3", "com.amazonaws.<recovery region>.s3"),
        ("us-east-2a", "<home region>a"),
        ("use2-az3", "<home zone 3>"),
        ("10.10.4.0/22", "<home range>+1024/22"),
        ("10.11.0.2", "<recovery range>+2"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.10.0.0.1", "10.10.0.0.1"),
        ("us.app.example.com", "<cell>.app.<domain>"),
        ("us-east-1", "us-east-1"),  # another region, and not the cell
        ("status", "status"),
        ("US", "<jurisdiction>"),
    ],
)
def test_what_differs_by_design_is_replaced_and_nothing_else(us: Preview, text: str, words: str) -> None:
    assert words == Tokens(us).text(text)


def test_a_logical_name_is_not_mistaken_for_the_cells(us: Preview) -> None:
    web = Tokens(replace(us, cell="web"))
    assert "<cell>" == web.name("web")
    assert "home-web" == web.name("home-web")
    assert "home-edge-<cell>.app.<domain>" == web.name("home-edge-web.app.example.com")


def test_zones_are_the_same_by_their_place_and_not_by_their_number(apac: Preview, us: Preview) -> None:
    assert Tokens(us).text("use2-az3") == Tokens(apac).text("apne1-az4")


def test_a_preview_that_was_saved_compares_as_the_one_that_was_not(us: Preview, tmp_path: Path) -> None:

    path = tmp_path / "us.json"
    path.write_text(us.to_json(), encoding="utf-8")
    assert not diff.compare(model.from_json(path.read_bytes()), us)
