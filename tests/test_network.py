"""The network, declared and standing."""

from __future__ import annotations

from components.naming import Names
from components.network.args import NetworkArgs
from components.network.network import Network
from components.regions import region
from tests.support import ACCOUNT, HOME, opts_in, standing


def network(*, nat_per_az: bool = False) -> Network:
    args = NetworkArgs(
        names=Names(cell="us", place="use2"),
        account_id=ACCOUNT,
        region=region(HOME),
        cidr="10.10.0.0/16",
        nat_per_az=nat_per_az,
        interface_endpoints=("ssm", "kms"),
        log_days=365,
        key_arn=f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1",
    )
    return Network("home-network", args, opts_in())


def test_the_standing_network_spans_three_zones() -> None:
    with standing(network) as (_, cloud):
        ec2 = cloud.client("ec2", HOME)
        vpc = next(item for item in ec2.describe_vpcs()["Vpcs"] if item["CidrBlock"] == "10.10.0.0/16")
        found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
        assert {"use2-az1", "use2-az2", "use2-az3"} == {item["AvailabilityZoneId"] for item in found}
        assert 9 == len(found)
