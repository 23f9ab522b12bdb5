"""What may pass through the endpoints, of every cell as it is registered."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from components.network.endpoint_policies import of_interface, of_s3
from components.web import boot
from ops.engine.record import Program
from tests.rights import as_list, matches
from tests.support import ACCOUNT, CELLS, HOME, statements, whole

ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
OTHER: Final = "999988887777"


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def passes(policy: list[dict[str, Any]], action: str, resource: str, **keys: str) -> bool:
    """Whether a request passes; `keys` are the condition keys that it carries, less their `aws:`."""
    context = {f"aws:{name}": value for name, value in keys.items()}

    def holds(statement: dict[str, Any]) -> bool:
        conditions = statement.get("Condition", {})
        return all(
            context.get(key, value if operator.endswith("IfExists") else None) == value
            for operator, pairs in conditions.items()
            for key, value in pairs.items()
        )

    return any(
        matches(as_list(item["Action"]), action) and matches(as_list(item["Resource"]), resource) and holds(item)
        for item in policy
    )


S3: Final = [dict(item) for item in of_s3(account_id=ACCOUNT, region=HOME)]
SSM: Final = [dict(item) for item in of_interface("ssm", account_id=ACCOUNT, region=HOME)]
SECRETS: Final = [dict(item) for item in of_interface("secretsmanager", account_id=ACCOUNT, region=HOME)]


def test_every_endpoint_has_a_policy_and_none_that_lets_another_account_through(program: Program) -> None:
    found = program.of_type(ENDPOINT)
    assert len(found) > 2
    for item in found:
        policy = statements(item.inputs["policy"])
        mine = {"PrincipalAccount": ACCOUNT, "ResourceAccount": ACCOUNT}
        assert passes(policy, "any:Action", "arn:aws:any:::thing", **mine), f"{item.name} lets our own through"
        for strange in mine:
            foreign = {**mine, strange: OTHER}
            assert not passes(policy, "any:Action", "arn:aws:any:::thing", **foreign), f"{item.name}: {strange}"


def test_each_endpoints_policy_names_its_own_region_only(program: Program) -> None:
    regions = {str(item.inputs["region"]) for item in program.of_type("pulumi:providers:aws")}
    for item in program.of_type(ENDPOINT):
        others = regions - {program.region_of(item)}
        assert not any(region in str(item.inputs["policy"]) for region in others)


@pytest.mark.parametrize(
    "bucket", [f"al2023-repos-{HOME}-de612dc2", f"aws-ssm-{HOME}", f"patch-baseline-snapshot-{HOME}"]
)
def test_what_amazon_linux_and_its_agent_fetch_passes_without_an_account(bucket: str) -> None:
    assert passes(S3, "s3:GetObject", f"arn:aws:s3:::{bucket}/a")
    assert not passes(S3, "s3:PutObject", f"arn:aws:s3:::{bucket}/a"), "nothing is written there"


def test_nobodys_bucket_is_reached_without_this_accounts_credentials() -> None:
    assert not passes(S3, "s3:GetObject", "arn:aws:s3:::somebody-elses/a")
    assert not passes(S3, "s3:GetObject", f"arn:aws:s3:::medical-us-use2-uploads-{ACCOUNT}/a")
    ours = {"PrincipalAccount": ACCOUNT, "ResourceAccount": OTHER}
    assert not passes(S3, "s3:PutObject", "arn:aws:s3:::somebody-elses/a", **ours), "nothing is carried out"


def test_all_that_an_instance_downloads_when_it_boots_passes() -> None:
    """Its packages come from Amazon's repository, and its release from the side's own bucket."""
    release = {"PrincipalAccount": ACCOUNT, "ResourceAccount": ACCOUNT}
    assert passes(S3, "s3:GetObject", f"arn:aws:s3:::medical-us-use2-releases-{ACCOUNT}/web.zip", **release)
    script = boot.script(boot.Boot(region=HOME, bucket="b", key="k", sha256="0" * 64, config={}, agent="a"))
    fetching = re.findall(r"^(?!#).*\b(?:dnf|yum|curl|wget|pip|aws)\b .*$", script, re.MULTILINE)
    assert ["dnf install", "aws s3 cp", "dnf install"] == [
        re.sub(r"^.*?((?:dnf|aws s3) \w+).*$", r"\1", line) for line in fetching
    ]


def test_the_agent_reads_awss_own_documents_and_reports_its_instance() -> None:
    mine = {"PrincipalAccount": ACCOUNT}
    assert passes(SSM, "ssm:UpdateInstanceInformation", "*", **mine), "which is about nothing that an account owns"
    aws = {**mine, "ResourceAccount": OTHER}
    assert passes(SSM, "ssm:GetDocument", f"arn:aws:ssm:{HOME}::document/AWS-RunShellScript", **aws)
    assert not passes(SSM, "ssm:GetDocument", f"arn:aws:ssm:{HOME}:{OTHER}:document/theirs", **aws)
    assert not passes(SECRETS, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:::secret:theirs", **aws)
