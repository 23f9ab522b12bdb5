"""Creators for managed policies, roles' boundaries among them."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

CREATORS: Final = {
    "aws:iam/policy:Policy": Creator(
        service="iam",
        operation="create_policy",
        id="Policy.Arn",
        params={"PolicyName": "{name}", "PolicyDocument": "{policy}"},
        outputs={"arn": "Policy.Arn", "policyId": "Policy.PolicyId"},
    ),
}
