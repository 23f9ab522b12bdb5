"""A preview as a value."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any, Final

import pulumi
import pytest
from pulumi_aws import ec2, iam, kms, s3, secretsmanager

from ops.console import console
from ops.engine.record import REDACTED
from ops.preview import diff, model, render
from ops.preview.model import Preview, Resource
from tests.support import ACCOUNT, HOME, RECOVERY, STACK, declare, opts_in

PLANTED: Final = "hunter2-planted"


class Part(pulumi.ComponentResource):
    """A component without resources of its own."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register it."""
        super().__init__("medical:test:Part", name, None, opts)


def program() -> None:
    """A little of everything: two sides, a global service, a key, files, secrets."""
    cell = Part("us")
    for side, region in (("home", HOME), ("recovery", RECOVERY)):
        part = Part(side, pulumi.ResourceOptions.merge(opts_in(region), pulumi.ResourceOptions(parent=cell)))
        opts = pulumi.ResourceOptions(parent=part)
        key = kms.Key(side, opts=opts)
        ec2.Vpc(side, cidr_block="10.10.0.0/16", opts=opts)
        iam.Role(side, assume_role_policy="{}", opts=opts)
        bucket = s3.Bucket(side, opts=pulumi.ResourceOptions(parent=part, protect=True))
        s3.BucketObjectv2(
            side,
            bucket=bucket.id,
            kms_key_id=key.arn,
            source=pulumi.StringAsset(PLANTED),
            opts=opts,
        )
        secret = secretsmanager.Secret(side, kms_key_id="alias/other", opts=opts)
        value = pulumi.Output.secret(PLANTED)
        secretsmanager.SecretVersion(side, secret_id=secret.id, secret_string=value, opts=opts)
    pulumi.export("password", pulumi.Output.secret({"of": PLANTED}))
    pulumi.export("home", "here")


@pytest.fixture(scope="module")
def found() -> Preview:
    return model.build(STACK, declare(program))


def one(preview: Preview, short_type: str, name: str) -> Resource:
    return next(item for item in preview.resources if (item.short_type, item.name) == (short_type, name))


def test_a_resource_is_of_its_providers_side_and_in_its_region(found: Preview) -> None:
    vpc = one(found, "ec2:Vpc", "recovery")
    side, region = f"provider-{RECOVERY}", RECOVERY
    assert (side, region) == (vpc.side, vpc.region)


def test_a_component_is_of_the_side_of_all_that_is_in_it(found: Preview) -> None:
    assert f"provider-{HOME}" == one(found, "test:Part", "home").side
    assert "" == one(found, "test:Part", "us").side, "the cell holds both"


def test_a_global_service_has_no_region(found: Preview) -> None:
    assert "global" == one(found, "iam:Role", "home").region


def test_a_key_is_shown_by_its_name_where_it_is_the_programs_own(found: Preview) -> None:
    assert "home" == one(found, "s3:BucketObjectv2", "home").key
    assert "alias/other" == one(found, "secretsmanager:Secret", "home").key
    assert "" == one(found, "ec2:Vpc", "home").key


def test_protection_and_dependencies_are_kept(found: Preview) -> None:
    bucket, item = one(found, "s3:Bucket", "home"), one(found, "s3:BucketObjectv2", "home")
    assert bucket.protect
    assert not item.protect
    assert bucket.urn in item.dependencies


def test_counts_are_by_service_and_side(found: Preview) -> None:
    counts = found.counts()
    assert {f"provider-{HOME}": 1, f"provider-{RECOVERY}": 1} == counts["kms"]
    assert 1 == counts["components"]["cell"]
    assert len(found.resources) == sum(number for sides in counts.values() for number in sides.values())


def test_the_account_of_the_run_is_no_part_of_a_preview_of_other_settings(found: Preview) -> None:
    assert "" == found.account_id, "the test's stack states none"
    assert ACCOUNT in found.to_json(), "while its provider does"


def every_face(preview: Preview) -> str:
    """All that is ever printed or saved of a preview."""
    out = io.StringIO()
    shown = console(out)
    render.preview(shown, preview, summary=False)
    empty = replace(preview, resources=(), outputs={}, cell="eu")
    for before, after in ((empty, preview), (preview, empty), (preview, preview)):
        difference = diff.compare(before, after)
        render.difference(shown, difference, summary=False)
        out.write(json.dumps(render.difference_json(difference)))
    return out.getvalue() + preview.to_json()


def test_a_secret_shows_in_no_form_of_a_preview(found: Preview) -> None:
    printed = every_face(found)
    assert REDACTED in printed
    assert PLANTED not in printed


def test_a_preview_comes_back_from_its_json_as_it_was(found: Preview) -> None:
    assert found == model.from_json(found.to_json())


def test_json_is_sorted_and_the_same_for_each_run(found: Preview) -> None:
    again = model.build(STACK, declare(program))
    assert found.to_json() == again.to_json()
    urns = [item["urn"] for item in json.loads(found.to_json())["resources"]]
    assert sorted(urns) == urns


def test_json_of_a_summary_has_counts_and_no_resources(found: Preview) -> None:
    summary: dict[str, Any] = json.loads(found.to_json(summary=True))
    assert len(found.resources) == summary["total"]
    assert "resources" not in summary


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '"us"', "{", "[" * 5000, '{"format": 2}', b"\xff\x00"],
)
def test_what_is_no_saved_preview_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        model.from_json(text)


def test_a_saved_preview_with_a_range_that_is_none_is_refused(found: Preview) -> None:
    saved = json.loads(found.to_json())
    saved["home"]["cidr"] = "10.10.0.0/99"
    with pytest.raises(ValueError, match=r"cidr|range|netmask"):
        model.from_json(json.dumps(saved))


def test_nothing_is_coloured_or_wrapped_where_there_is_no_terminal(found: Preview) -> None:
    printed = every_face(found)
    assert "\x1b" not in printed
    assert any(len(line) > 100 for line in printed.splitlines())
    assert not any(line.rstrip().endswith(("=", "key")) for line in printed.splitlines()), "no name is broken"
