"""IAM policy documents as values."""

from __future__ import annotations

import json

from components import policy


def test_a_trust_policy_admits_sources_of_this_account_only() -> None:
    (statement,) = json.loads(policy.trust("rds.amazonaws.com", account_id="111122223333"))["Statement"]
    assert {"StringEquals": {"aws:SourceAccount": "111122223333"}} == statement["Condition"]


def test_a_trust_policy_can_be_narrowed_to_a_source() -> None:
    (statement,) = json.loads(policy.trust("x.amazonaws.com", account_id="1", source_arn="arn:aws:x:*"))["Statement"]
    assert {"aws:SourceArn": "arn:aws:x:*"} == statement["Condition"]["ArnLike"]


def test_actions_are_sorted_so_that_documents_do_not_change_by_themselves() -> None:
    assert ["s3:GetObject", "s3:PutObject"] == policy.allow("X", ("s3:PutObject", "s3:GetObject"), ["a"])["Action"]


def test_a_statement_without_a_condition_has_no_empty_one() -> None:
    assert "Condition" not in policy.allow("X", ("s3:GetObject",), ["a"])
