"""The residency contract, and the map of where data are."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_aws import backup, rds, s3, secretsmanager, sqs, ssm

from domain import jurisdictions
from domain.regions import REGIONS
from domain.residency import Contract, Copy, DataClass, Dataset, Jurisdiction, Mechanism, ResidencyError
from ops import cli
from ops.engine import project
from ops.residency import work
from ops.residency.flows import DataMap, Place, build
from tests.support import CELLS, HOME, RECOVERY, declare, provider_for, whole

REGION_NAMES = sorted(REGIONS)
CODES = sorted(jurisdictions.REGIONS_OF)


def copy_between(code: str, source: str, destination: str, dataset: Dataset = Dataset.UPLOADS) -> Copy[str]:
    return Contract(Jurisdiction(code)).admit(
        dataset,
        source_region=source,
        destination_region=destination,
        mechanism=Mechanism.BUCKET_REPLICATION,
        key="key",
    )


@given(
    code=st.sampled_from(CODES),
    source=st.sampled_from(REGION_NAMES),
    destination=st.sampled_from(REGION_NAMES),
    dataset=st.sampled_from(Dataset),
)
def test_a_copy_exists_only_inside_its_jurisdiction(code: str, source: str, destination: str, dataset: Dataset) -> None:
    inside = {source, destination} <= set(jurisdictions.REGIONS_OF[code])
    if inside:
        copy = copy_between(code, source, destination, dataset)
        assert (dataset, source, destination) == (copy.dataset, copy.source_region, copy.destination_region)
        return
    with pytest.raises(ResidencyError) as refused:
        copy_between(code, source, destination, dataset)
    for region in jurisdictions.REGIONS_OF[code]:
        assert region in str(refused.value), "it names the way out"


@given(code=st.sampled_from(CODES), region=st.text())
def test_a_region_that_nobody_knows_is_in_no_jurisdiction(code: str, region: str) -> None:
    home = jurisdictions.REGIONS_OF[code][0]
    if region not in REGIONS:
        with pytest.raises(ResidencyError, match="in no jurisdiction that the platform knows"):
            copy_between(code, home, region)


def test_the_refusal_names_the_value_the_rule_and_the_way_out() -> None:
    with pytest.raises(ResidencyError) as refused:
        copy_between("US", "us-east-2", "eu-west-1")
    assert (
        "uploads (patient data) cannot be copied to eu-west-1 by S3 replication: it lies in EU, outside jurisdiction "
        "US; choose one of us-east-1, us-east-2, us-west-2 or change jurisdiction"
    ) == str(refused.value)


def test_great_britain_is_not_the_european_union() -> None:
    with pytest.raises(ResidencyError, match="it lies in GB, outside jurisdiction EU"):
        copy_between("EU", "eu-west-1", "eu-west-2")
    assert "eu-west-3" == copy_between("EU", "eu-west-1", "eu-west-3").destination_region


def test_a_copy_that_was_admitted_cannot_be_turned_abroad() -> None:
    copy = copy_between("JP", "ap-northeast-1", "ap-northeast-3")
    with pytest.raises(ResidencyError, match="outside jurisdiction JP"):
        dataclasses.replace(copy, destination_region="ap-northeast-2")
    with pytest.raises(dataclasses.FrozenInstanceError):
        copy.destination_region = "ap-northeast-2"  # type: ignore[misc]


def test_an_unknown_jurisdiction_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ResidencyError, match=r"'UK' is no jurisdiction .* GB"):
        Jurisdiction("UK")


def test_a_copy_is_used_only_for_what_it_was_admitted_for() -> None:
    copy = copy_between("US", "us-east-2", "us-west-2")
    copy.require(Dataset.UPLOADS, mechanism=Mechanism.BUCKET_REPLICATION, destination_region="us-west-2")
    with pytest.raises(ResidencyError, match="admitted for dataset uploads and is used for audit"):
        copy.require(Dataset.AUDIT, mechanism=Mechanism.BUCKET_REPLICATION)
    with pytest.raises(ResidencyError, match="admitted for destination region us-west-2 and is used for us-east-1"):
        copy.require(Dataset.UPLOADS, mechanism=Mechanism.BUCKET_REPLICATION, destination_region="us-east-1")


def test_a_copy_does_not_print_its_key() -> None:
    copy = Contract(Jurisdiction("US")).admit(
        Dataset.SECRETS,
        source_region="us-east-2",
        destination_region="us-west-2",
        mechanism=Mechanism.SECRET_REPLICA,
        key="arn:aws:kms:us-west-2:111122223333:key/1",
    )
    assert "arn:" not in repr(copy)


def test_what_the_law_protects_most_is_classed_so() -> None:
    classes = {item.title: item.data_class for item in Dataset}
    assert {"patient records", "uploads", "texts", "images", "audit", "backups", "secrets"} <= set(classes)
    for title in ("patient records", "uploads", "texts", "images", "backups"):
        assert DataClass.PATIENT is classes[title]
    assert (DataClass.EVIDENCE, DataClass.CREDENTIALS) == (classes["audit"], classes["secrets"])


@pytest.mark.parametrize("dataset", Dataset)
def test_every_dataset_is_described(dataset: Dataset) -> None:
    assert dataset.description
    assert dataset.title == dataset.title.lower()


ABROAD = "eu-west-1"


def map_of(program: Callable[[pulumi.ResourceOptions, pulumi.ResourceOptions], Any]) -> DataMap:
    """The map of what `program` makes at home and in another region, judged by the law of the US."""

    def whole() -> None:
        home, other = (pulumi.ResourceOptions(provider=provider_for(name, name)) for name in (HOME, RECOVERY))
        program(home, other)

    return build(declare(whole), Jurisdiction("US"))


def the(found: DataMap, resource: str) -> Place:
    (place,) = [item for item in found.places if item.resource == resource]
    return place


def bucket(name: str, opts: pulumi.ResourceOptions, dataset: str = "uploads") -> s3.Bucket:
    return s3.Bucket(name, bucket=name, tags={"Dataset": dataset}, opts=opts)


def replication(source: s3.Bucket, destination_arn: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    destination = s3.BucketReplicationConfigRuleDestinationArgs(bucket=destination_arn)
    rule = s3.BucketReplicationConfigRuleArgs(status="Enabled", destination=destination)
    s3.BucketReplicationConfig("replication", bucket=source.bucket, role="arn", rules=[rule], opts=opts)


@cache
def map_of_cell(cell: str) -> DataMap:
    return work.data_map(cell, folder=project.ROOT)


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_of_a_cell_leaves_its_jurisdiction(cell: str) -> None:
    found = map_of_cell(cell)
    assert [] == found.violations
    assert {item.region for item in found.places} <= set(found.regions)


def test_the_map_is_the_same_in_whatever_order_things_were_registered() -> None:
    program = whole("us")
    turned = dataclasses.replace(program, registrations=program.registrations[::-1])
    assert build(program, Jurisdiction("US")) == build(turned, Jurisdiction("US"))


@pytest.mark.parametrize("cell", CELLS)
def test_the_map_knows_every_dataset_of_a_cell(cell: str) -> None:
    found = map_of_cell(cell)
    assert {item.title for item in Dataset} == {item.dataset for item in found.places}
    assert all(item.key for item in found.places)


def test_records_and_secrets_are_copied_to_recovery_under_its_own_key() -> None:
    found = map_of_cell("us")
    copies = {
        (item.dataset, flow.mechanism, flow.region, flow.key)
        for item in found.places
        for flow in item.copies
        if item.region == HOME
    }
    assert {
        ("patient records", "RDS read replica", RECOVERY, "recovery-keys"),
        ("secrets", "Secrets Manager replica", RECOVERY, "recovery-keys"),
    } <= copies


def test_a_secret_that_is_replicated_abroad_is_a_violation() -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        for name, region in (("kept", RECOVERY), ("lost", ABROAD)):
            replica = secretsmanager.SecretReplicaArgs(region=region)
            secretsmanager.Secret(name, name=name, replicas=[replica], opts=home)

    found = map_of(program)
    assert () == the(found, "kept").violations
    (violation,) = the(found, "lost").violations
    assert (
        "secrets, by Secrets Manager replica (lost), is copied to eu-west-1, which lies in EU, outside jurisdiction "
        "US: inside are us-east-1, us-east-2, us-west-2"
    ) == violation
    assert [violation] == found.violations


def test_a_store_abroad_is_a_violation_too() -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        bucket("here", home)
        bucket("there", pulumi.ResourceOptions(provider=provider_for("abroad", ABROAD)), dataset="audit")

    found = map_of(program)
    assert () == the(found, "here").violations
    assert "audit in there lies in eu-west-1, which lies in EU" in the(found, "there").violations[0]


def test_replication_is_followed_to_the_bucket_it_leads_to() -> None:
    def program(home: pulumi.ResourceOptions, other: pulumi.ResourceOptions) -> None:
        replication(bucket("source", home), bucket("twin", other).arn, home)

    (flow,) = the(map_of(program), "source").copies
    assert ("S3 replication", RECOVERY) == (flow.mechanism, flow.region)


def test_a_bucket_of_two_datasets_is_two_places_each_with_its_own_copies() -> None:
    def program(home: pulumi.ResourceOptions, other: pulumi.ResourceOptions) -> None:
        source, twin = bucket("source", home, dataset="texts and images"), bucket("twin", other, dataset="images")
        rules = [
            s3.BucketReplicationConfigRuleArgs(
                status="Enabled",
                filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=prefix),
                destination=s3.BucketReplicationConfigRuleDestinationArgs(bucket=arn),
            )
            for prefix, arn in (("texts/", twin.arn), ("status/", twin.arn), ("images/", "arn:aws:s3:::somebodys"))
        ]
        s3.BucketReplicationConfig("replication", bucket=source.bucket, role="arn", rules=rules, opts=home)

    texts, images = [item for item in map_of(program).places if item.resource == "source"]
    assert ("texts", "images") == (texts.dataset, images.dataset)
    assert [RECOVERY, RECOVERY] == [flow.region for flow in texts.copies]
    assert () == texts.violations
    assert ["unknown"] == [flow.region for flow in images.copies]
    (violation,) = images.violations
    assert violation.startswith("images, by S3 replication")


@pytest.mark.parametrize("cell", CELLS)
def test_originals_texts_and_images_are_each_copied_to_the_other_side_and_nowhere_else(cell: str) -> None:
    found = map_of_cell(cell)
    for title in ("uploads", "texts", "images"):
        places = [item for item in found.places if item.dataset == title]
        assert 2 == len(places), "one on each side"
        for place in places:
            (there,) = {item.region for item in places} - {place.region}
            assert {there} == {flow.region for flow in place.copies if flow.mechanism == "S3 replication"}


def test_replication_to_a_bucket_that_the_program_does_not_have_leads_to_an_unknown_place() -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        replication(bucket("source", home), "arn:aws:s3:::somebodys", home)

    (violation,) = the(map_of(program), "source").violations
    assert "is copied to an unknown place" in violation


def test_backups_are_followed_from_what_is_backed_up_to_the_vault_that_holds_the_copy() -> None:
    def program(home: pulumi.ResourceOptions, other: pulumi.ResourceOptions) -> None:
        source = bucket("source", home)
        near = backup.Vault("near", name="near", kms_key_arn="near-key", opts=home)
        far = backup.Vault("far", name="far", kms_key_arn="far-key", opts=other)
        for name, arn in (("kept", far.arn), ("lost", f"arn:aws:backup:{ABROAD}:111122223333:backup-vault:far")):
            action = backup.PlanRuleCopyActionArgs(destination_vault_arn=arn)
            rule = backup.PlanRuleArgs(rule_name=name, target_vault_name=near.name, copy_actions=[action])
            plan = backup.Plan(name, name=name, rules=[rule], opts=home)
            backup.Selection(name, plan_id=plan.id, iam_role_arn="arn", resources=[source.arn], opts=home)

    found = map_of(program)
    assert {("AWS Backup", HOME, "near-key")} == {
        (flow.mechanism, flow.region, flow.key) for flow in the(found, "source").copies
    }
    _lost, kept = the(found, "near").copies
    assert ("AWS Backup copy", RECOVERY, "far-key") == (kept.mechanism, kept.region, kept.key)
    (violation,) = the(found, "near").violations
    assert "AWS Backup copy (lost), is copied to eu-west-1" in violation


def test_a_replica_of_a_database_that_the_program_does_not_have_is_a_violation() -> None:
    def program(_home: pulumi.ResourceOptions, other: pulumi.ResourceOptions) -> None:
        source = f"arn:aws:rds:{ABROAD}:111122223333:db:foreign"
        rds.Instance("replica", instance_class="db.t4g.medium", replicate_source_db=source, opts=other)

    assert any("which this program does not hold" in text for text in map_of(program).violations)


def test_what_looks_like_a_copy_and_cannot_be_read_is_a_violation() -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        rds.GlobalCluster("global", global_cluster_identifier="global", opts=home)

    (violation, _) = map_of(program).violations
    assert violation.startswith("global copies something")


def test_what_is_encrypted_and_of_no_known_dataset_is_a_violation() -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        bucket("odd", home, dataset="odds and ends")
        sqs.Queue("known", name="known", kms_master_key_id="key", opts=home)
        ssm.Document("new", name="new", content="", document_type="Command", opts=home)

    found = map_of(program)
    assert ["odd (aws:s3/bucket:Bucket) holds data of no dataset that the map knows"] == found.violations


def test_the_command_prints_the_map(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == cli.main(["residency", "apac"])
    printed = capsys.readouterr().out
    assert "apac: data stay in JP (ap-northeast-1, ap-northeast-3)" in printed
    assert "patient records" in printed
    assert "no copy leaves the jurisdiction" in printed


def test_the_command_prints_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == cli.main(["residency", "us", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert ("us", "US", []) == (found["cell"], found["jurisdiction"], found["violations"])
    assert {"dataset", "region", "key", "copies"} <= set(found["places"][0])


def test_the_command_exits_with_1_where_a_copy_leaves_the_jurisdiction(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def program(home: pulumi.ResourceOptions, _other: pulumi.ResourceOptions) -> None:
        replica = secretsmanager.SecretReplicaArgs(region=ABROAD)
        secretsmanager.Secret("lost", name="lost", replicas=[replica], opts=home)

    found = map_of(program)

    def data_map(_cell: str, *, folder: Path) -> DataMap:
        assert project.ROOT == folder
        return found

    monkeypatch.setattr(work, "data_map", data_map)
    assert 1 == cli.main(["residency", "us"])
    printed = capsys.readouterr().out
    assert "violation: secrets, by Secrets Manager replica" in printed
    assert "1 violations" in printed


def test_a_cell_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == cli.main(["residency", "mars", "--stacks", str(tmp_path)])
    assert "no cell 'mars'" in capsys.readouterr().err
