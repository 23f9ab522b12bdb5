"""What an account has once: who owns it, by the stack files; and what the owner makes, declared and standing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_aws import kms
from typer.testing import CliRunner

from components.account.account import Account, AccountArgs
from components.account.region import AccountRegion, AccountRegionArgs
from domain.naming import Names
from domain.ownership import Claim, Objection, objections
from domain.regions import REGIONS
from ops.cli import app
from ops.engine import owners, project
from ops.engine.record import Program
from settings import SettingsError
from tests.support import ACCOUNT, CELLS, HOME, RECOVERY, opts_in, standing, whole

OTHER: Final = "444455556666"
PROFILE: Final = "aws:iam/instanceProfile:InstanceProfile"
ONCE: Final = {
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
}
ENCRYPTION: Final = {"aws:ebs/defaultKmsKey:DefaultKmsKey", "aws:ebs/encryptionByDefault:EncryptionByDefault"}
DETECTORS: Final = {
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:cfg/recorder:Recorder",
    "aws:guardduty/detector:Detector",
    "aws:inspector2/enabler:Enabler",
    "aws:securityhub/account:Account",
}
ONCE_A_REGION: Final = ENCRYPTION | {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ssm/serviceSetting:ServiceSetting",
}


def claim(
    stack: str, owner: str = "own", *, regions: tuple[str, ...] = (), of_regions: str = "own", account: str = ACCOUNT
) -> Claim:
    return Claim(
        stack=stack,
        account_id=account,
        regions=regions or (f"{stack}-home", f"{stack}-recovery"),
        account_owner=owner,
        region_owner=of_regions,
    )


def refused(mine: Claim, *others: Claim) -> list[Objection]:
    return list(objections(mine, others))


@pytest.mark.parametrize("owner", ["own", "us"])
def test_a_stack_alone_owns_its_account_and_says_so_in_either_way(owner: str) -> None:
    assert [] == refused(claim("us", owner, of_regions=owner))


def test_stacks_of_one_account_that_name_one_owner_stand_together() -> None:
    assert [] == refused(claim("us"), claim("eu", "us"), claim("apac", "us"))
    assert [] == refused(claim("eu", "us"), claim("us"), claim("apac", "us"))


def test_two_owners_of_an_account_are_refused_on_either_side() -> None:
    for mine, other in (("us", "eu"), ("eu", "us")):
        (found,) = refused(claim(mine), claim(other))
        assert ("accountOwner", "own") == (found.key, found.value)
        assert f"stack {other} of the same account names {other}" in found.rule
        assert "set the same name in both" in found.rule


def test_stacks_of_two_accounts_own_one_each() -> None:
    assert [] == refused(claim("us"), claim("eu", account=OTHER))


@pytest.mark.parametrize("owner", ["nobody", "eu"])
def test_an_owner_that_is_no_stack_of_the_account_is_refused(owner: str) -> None:
    (found,) = refused(claim("us", owner), claim("eu", account=OTHER))
    assert f"is no stack of account {ACCOUNT}; set own, or one of us" == found.rule


def test_two_owners_of_a_region_are_refused_and_one_that_leaves_it_to_the_other_is_not() -> None:
    shared = ("r1", "r2")
    one, two = claim("us", "us", regions=shared), claim("us2", "us", regions=shared)
    (found,) = refused(one, two)
    assert ("regionOwner", True) == (found.key, "owns r1, r2 too" in found.rule)
    left = claim("us2", "us", regions=shared, of_regions="us")
    assert [] == refused(one, left)
    assert [] == refused(left, one)


def test_an_owner_of_regions_that_does_not_lie_in_them_is_refused() -> None:
    (found,) = refused(claim("eu", "us", of_regions="us"), claim("us"))
    assert "does not lie in eu-home, eu-recovery" in found.rule


def test_an_owner_of_regions_that_leaves_them_to_a_third_is_refused() -> None:
    shared = ("r1",)
    third = claim("c", "c", regions=shared)
    middle = claim("b", "c", regions=shared, of_regions="c")
    (found,) = refused(claim("a", "c", regions=shared, of_regions="b"), middle, third)
    assert "leaves its regions to c" in found.rule


@given(st.lists(st.tuples(st.sampled_from(["own", "a", "b", "c"]), st.sampled_from([ACCOUNT, OTHER])), max_size=3))
def test_where_all_stacks_stand_each_account_has_exactly_one_owner(said: list[tuple[str, str]]) -> None:
    claims = [claim(name, owner, account=account) for name, (owner, account) in zip("abc", said, strict=False)]
    if any(refused(mine, *claims) for mine in claims):
        return
    for account in {item.account_id for item in claims}:
        mine = [item for item in claims if item.account_id == account]
        assert 1 == sum(item.owner == item.stack for item in mine)


@pytest.mark.parametrize("cell", CELLS)
def test_the_shipped_stacks_stand_together(cell: str) -> None:
    owners.refuse_rivals(project.load(cell))


def copied(folder: Path, **owner: str) -> Path:
    """The shipped stack files, with another owner of the account in some."""
    for cell in CELLS:
        text = (project.ROOT / f"Pulumi.{cell}.yaml").read_text(encoding="utf-8")
        said = text.replace("accountOwner: us", f"accountOwner: {owner.get(cell, 'us')}")
        (folder / f"Pulumi.{cell}.yaml").write_text(said, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", [("preview", "eu"), ("sandbox", "up", "eu"), ("residency", "eu")])
def test_a_second_owner_is_refused_wherever_its_file_is_read(command: tuple[str, ...], tmp_path: Path) -> None:
    folder = copied(tmp_path, eu="own")
    with pytest.raises(SettingsError) as raised:
        owners.refuse_rivals(project.load("eu", folder=folder), folder)
    assert ["accountOwner", "accountOwner"] == [problem.key for problem in raised.value.problems], "us's and apac's say"
    found = CliRunner().invoke(app, [*command, "--stacks", str(folder), "--json"])
    assert 2 == found.exit_code
    assert "an account has one owner: set the same name in both" in found.output
    assert "Traceback" not in found.output


def of_account(program: Program) -> set[str]:
    return {item.type for item in program.registrations} & (ONCE | ONCE_A_REGION)


def test_exactly_one_shipped_cell_makes_what_the_account_has_once() -> None:
    assert ONCE | ONCE_A_REGION == of_account(whole("us"))
    for cell in ("eu", "apac"):
        assert ONCE_A_REGION == of_account(whole(cell)), "their regions are theirs"
    assert set() == of_account(whole("eu", regionOwner="us"))


def test_all_that_is_owned_waits_for_the_claim() -> None:
    program = whole("us")
    claims = {item.inputs["name"]: item.urn for item in program.of_type(PROFILE) if "role" not in item.inputs}
    assert {"medical-account-owner", "medical-use2-owner", "medical-usw2-owner"} == set(claims)
    places = {HOME: "medical-use2-owner", RECOVERY: "medical-usw2-owner"}
    for item in program.registrations:
        if item.type in ONCE:
            assert claims["medical-account-owner"] in item.dependencies, item.name
        if item.type in ONCE_A_REGION | DETECTORS:
            assert claims[places[program.region_of(item)]] in item.dependencies, item.name
        if item.type == "aws:cloudtrail/trail:Trail":
            assert claims["medical-account-owner"] in item.dependencies, "it records the account's management"


def test_the_claims_to_all_regions_differ() -> None:
    assert len(REGIONS) == len({region.abbreviation for region in REGIONS.values()})


def test_the_claim_names_no_cell_so_that_two_cells_ask_for_the_same() -> None:
    us, eu = (
        {item.inputs["name"] for item in whole(cell, accountOwner="own").of_type(PROFILE)} for cell in ("us", "eu")
    )
    assert {"medical-account-owner"} == us & eu


def region() -> None:
    opts = opts_in()
    key = kms.Key("key", opts=opts)
    AccountRegion("home-account", AccountRegionArgs(names=Names(cell="us", place="use2"), key_arn=key.arn), opts)


def test_new_volumes_of_a_standing_region_are_encrypted_with_the_sides_key() -> None:
    with standing(region) as (program, cloud):
        ec2 = cloud.client("ec2", HOME)
        (key,) = program.of_type("aws:kms/key:Key")
        assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
        volume = ec2.create_volume(AvailabilityZone=f"{HOME}a", Size=1, Encrypted=True)
        assert key.outputs["arn"] == volume["KmsKeyId"]
        assert not cloud.client("ec2", RECOVERY).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
        assert ONCE_A_REGION - ENCRYPTION == {item.type for item in cloud.recorded}, "moto cannot hold these"


def test_the_password_policy_is_that_of_the_benchmark() -> None:
    (found,) = whole("us").of_type("aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
    assert (14, 24) == (found.inputs["minimumPasswordLength"], found.inputs["passwordReusePrevention"])


def test_the_owner_is_found_by_the_claims_tags() -> None:
    def program() -> None:
        Account("account", AccountArgs(account_id=ACCOUNT), opts_in())

    with standing(program) as (_, cloud):
        iam = cloud.client("iam", HOME)
        profile = iam.get_instance_profile(InstanceProfileName="medical-account-owner")["InstanceProfile"]
        assert [] == profile["Roles"], "it gives nobody anything"
        assert {"Key": "Cell", "Value": "us"} in profile["Tags"]
        with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
            iam.create_instance_profile(InstanceProfileName="medical-account-owner")


def test_what_the_account_has_once_stands() -> None:
    def program() -> None:
        Account("account", AccountArgs(account_id=ACCOUNT), opts_in())

    with standing(program) as (_, cloud):
        block = cloud.client("s3control", HOME).get_public_access_block(AccountId=ACCOUNT)
        assert {True} == set(block["PublicAccessBlockConfiguration"].values())
        policy = cloud.client("iam", HOME).get_account_password_policy()["PasswordPolicy"]
        assert (14, 24, 90, True) == (
            policy["MinimumPasswordLength"],
            policy["PasswordReusePrevention"],
            policy["MaxPasswordAge"],
            policy["RequireSymbols"],
        )
