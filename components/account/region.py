"""What an AWS account has once in each region.

Owns: the claim to the region, encryption by default of new volumes under the side's key, and what instances, snapshots,
images and documents of the region start from: metadata by session tokens only, and nothing shared with the world.
Does not own: the detectors and the recorder, which the same stack makes, nor the account's other regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import ebs, ec2, iam, ssm

from components.account import claim
from domain import ownership
from domain.naming import Names

_DOCUMENTS = "/ssm/documents/console/public-sharing-permission"


@dataclass(frozen=True, kw_only=True)
class AccountRegionArgs:
    """The side that lies in the region, and its key, which new volumes are encrypted with by default.

    The key's policy lets Auto Scaling use it; whoever else starts instances in the region needs a right to it.
    """

    names: Names
    key_arn: pulumi.Input[str]


class AccountRegion(pulumi.ComponentResource):
    """What an account has once in the region of the provider in `opts`."""

    claimed: pulumi.Output[str]
    claim: iam.InstanceProfile

    def __init__(self, name: str, args: AccountRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Take the region, then set what it has once."""
        super().__init__("medical:account:AccountRegion", name, None, opts)
        taken = claim.take(name, ownership.claim_of_region(args.names.place), pulumi.ResourceOptions(parent=self))
        # None has an input that the claim could give.
        after = pulumi.ResourceOptions(parent=self, depends_on=[taken])
        ebs.DefaultKmsKey(name, key_arn=args.key_arn, opts=after)
        ebs.EncryptionByDefault(name, enabled=True, opts=after)
        ebs.SnapshotBlockPublicAccess(name, state="block-all-sharing", opts=after)
        ec2.ImageBlockPublicAccess(name, state="block-new-sharing", opts=after)
        ec2.InstanceMetadataDefaults(
            name, http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1, opts=after
        )
        ssm.ServiceSetting(name, setting_id=_DOCUMENTS, setting_value="Disable", opts=after)
        self.claim = taken
        self.claimed = taken.name
        self.register_outputs({"claimed": self.claimed})
