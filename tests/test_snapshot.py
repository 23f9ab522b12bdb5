"""What stands in moto, kept and put back: whole, and each time anew."""

from __future__ import annotations

import pickle
from typing import Any

import boto3
import pytest
from moto.ssm.models import ssm_backends

from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.local import local_aws
from tests.small_cell import SmallCell, small_cell
from tests.snapshot import Snapshot
from tests.support import ACCOUNT, HOME, RECOVERY


def parameters(small: SmallCell, region: str) -> set[str]:
    return {item["Name"] for item in small.client("ssm", region).describe_parameters()["Parameters"]}


def test_what_is_done_to_one_copy_is_not_done_to_the_next() -> None:
    with small_cell() as small:
        before = parameters(small, HOME)
        small.client("ssm", HOME).put_parameter(Name="/mine", Value="1", Type="String")
        small.client("rds", HOME).modify_db_instance(
            DBInstanceIdentifier=small.manifest.home.database.identifier, AllocatedStorage=77, ApplyImmediately=True
        )
        small.client("s3", HOME).put_object(Bucket=small.manifest.home.buckets["releases"], Key="mine", Body=b"1")
        assert before | {"/mine"} == parameters(small, HOME)
    with small_cell() as small:
        (database,) = small.client("rds", HOME).describe_db_instances()["DBInstances"]
        held = small.client("s3", HOME).list_objects_v2(Bucket=small.manifest.home.buckets["releases"])["Contents"]
        assert (before, 50, ["release.zip"]) == (
            parameters(small, HOME),
            database["AllocatedStorage"],
            [item["Key"] for item in held],
        )


def test_a_copy_is_in_all_regions_and_hangs_together() -> None:
    with small_cell() as small:
        (source,) = small.client("rds", HOME).describe_db_instances()["DBInstances"]
        (replica,) = small.client("rds", RECOVERY).describe_db_instances()["DBInstances"]
        assert [replica["DBInstanceArn"]] == source["ReadReplicaDBInstanceIdentifiers"]
        small.client("rds", RECOVERY).promote_read_replica(DBInstanceIdentifier=replica["DBInstanceIdentifier"])
        text = small.client("kms", HOME).encrypt(KeyId=small.manifest.home.key, Plaintext=b"told")["CiphertextBlob"]
        assert b"told" == small.client("kms", HOME).decrypt(CiphertextBlob=text)["Plaintext"]


def test_nothing_of_it_is_left_afterwards() -> None:
    with small_cell() as small:
        assert parameters(small, HOME)
    with local_aws(ACCOUNT, managed_policies=False):
        session: Any = boto3.Session(**CREDENTIALS)
        assert [] == session.client("ssm", HOME).describe_parameters()["Parameters"]
        assert [] == session.client("rds", HOME).describe_db_instances()["DBInstances"]


def test_what_a_copy_would_share_by_a_function_is_refused() -> None:
    with local_aws(ACCOUNT, managed_policies=False):
        held: list[int] = []
        backend: Any = ssm_backends[ACCOUNT][HOME]
        backend.watcher = lambda: held
        with pytest.raises(pickle.PicklingError, match="holds variables, which a copy would share"):
            Snapshot()
        del backend.watcher
        assert Snapshot()
