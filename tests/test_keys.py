"""A side's key: who may use it, declared and standing."""

from __future__ import annotations

import json

from components.keys import Keys, KeysArgs, statements
from domain.naming import Names
from tests.support import ACCOUNT, HOME, declare, only, opts_in, standing


def keys(*, throw_away: bool = False) -> Keys:
    names = Names(cell="us", place="use2")
    args = KeysArgs(names=names, account_id=ACCOUNT, region=HOME, throw_away=throw_away)
    return Keys("home-keys", args, opts_in())


def test_the_key_policy_admits_these_services_and_no_other() -> None:
    services = {item["Principal"].get("Service") for item in statements(ACCOUNT, HOME)} - {None}
    assert {
        f"logs.{HOME}.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "sns.amazonaws.com",
        "backup.amazonaws.com",
        "budgets.amazonaws.com",
        "costalerts.amazonaws.com",
        "cloudtrail.amazonaws.com",
    } == services


def test_every_principal_but_the_account_is_held_by_a_condition() -> None:
    open_ = [
        item["Sid"]
        for item in statements(ACCOUNT, HOME)
        if item["Principal"] != {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} and ACCOUNT not in json.dumps(item["Condition"])
    ]
    assert [] == open_, "a service may use the key for this account's resources only"


def test_whoever_is_named_by_condition_is_auto_scalings_role_of_this_account() -> None:
    anyone = [item for item in statements(ACCOUNT, HOME) if item["Principal"] == {"AWS": "*"}]
    assert 2 == len(anyone)
    for item in anyone:
        assert item["Condition"]["ArnEquals"]["aws:PrincipalArn"].startswith(
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"
        )
        assert ACCOUNT == item["Condition"]["StringEquals"]["kms:CallerAccount"]


def test_the_key_is_deleted_only_after_a_month() -> None:
    key = only(declare(keys), "aws:kms/key:Key")
    assert (True, 30) == (key.protect, key.inputs["deletionWindowInDays"])
    assert key.retain_on_delete, "final snapshots can be restored after the stack is gone"


def test_a_throw_away_key_can_go_sooner() -> None:
    key = only(declare(lambda: keys(throw_away=True)), "aws:kms/key:Key")
    assert (False, 7, False) == (key.protect, key.inputs["deletionWindowInDays"], key.retain_on_delete)


def test_the_standing_key_rotates_and_has_its_alias() -> None:
    with standing(keys) as (program, cloud):
        kms = cloud.client("kms", HOME)
        key = only(program, "aws:kms/key:Key").id
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        assert key == kms.describe_key(KeyId="alias/medical-us-use2-data")["KeyMetadata"]["KeyId"]
        policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        may = [(item["Principal"], item["Effect"], item["Action"]) for item in policy["Statement"]]
        use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        send = ["kms:Decrypt", "kms:GenerateDataKey*"]
        assert [
            ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Allow", "kms:*"),
            ({"Service": f"logs.{HOME}.amazonaws.com"}, "Allow", use),
            ({"Service": "events.amazonaws.com"}, "Allow", send),  # to queues
            ({"Service": "events.amazonaws.com"}, "Allow", send),  # to topics
            ({"Service": "cloudwatch.amazonaws.com"}, "Allow", send),
            ({"Service": "backup.amazonaws.com"}, "Allow", send),
            ({"Service": "budgets.amazonaws.com"}, "Allow", send),
            ({"Service": "costalerts.amazonaws.com"}, "Allow", send),
            ({"Service": "sns.amazonaws.com"}, "Allow", send),
            ({"Service": "cloudtrail.amazonaws.com"}, "Allow", ["kms:GenerateDataKey*"]),
            ({"Service": "cloudtrail.amazonaws.com"}, "Allow", ["kms:GenerateDataKey*"]),
            ({"Service": "cloudtrail.amazonaws.com"}, "Allow", ["kms:DescribeKey"]),
            ({"AWS": "*"}, "Allow", use),  # Auto Scaling's role, named by condition
            ({"AWS": "*"}, "Allow", "kms:CreateGrant"),
        ] == may
