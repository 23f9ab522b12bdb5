"""The claim to an account, or to one of its regions: a name that AWS gives once.

What an account has once, AWS lets everybody set again: the last to write wins, in silence. So the stack that owns it
first takes a name that no two stacks can have, and all of it waits for that name. A second claimant is refused by AWS
(EntityAlreadyExists) while everything is still as it was. Who owns is told by the name's tags:

    aws iam list-instance-profile-tags --instance-profile-name medical-account-owner
"""

from __future__ import annotations

import pulumi
from pulumi_aws import iam


def take(name: str, claim: str, opts: pulumi.ResourceOptions) -> iam.InstanceProfile:
    """Take `claim`. The profile has no role, so it gives nobody anything; its tags name the cell."""
    return iam.InstanceProfile(name, name=claim, opts=opts)
