"""Creators for managed policies, roles' boundaries among them, and for the provider of GitHub's identities."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

CREATORS: Final = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Creator(
        service="iam",
        operation="create_open_id_connect_provider",
        id="OpenIDConnectProviderArn",
        # moto asks for a thumbprint, and AWS no more for GitHub: this one is of no certificate.
        params={"ClientIDList": "{clientIdLists}", "ThumbprintList": ["0" * 40]},
        outputs={"arn": "OpenIDConnectProviderArn"},
    ),
    "aws:iam/policy:Policy": Creator(
        service="iam",
        operation="create_policy",
        id="Policy.Arn",
        params={"PolicyName": "{name}", "PolicyDocument": "{policy}"},
        outputs={"arn": "Policy.Arn", "policyId": "Policy.PolicyId"},
    ),
}
