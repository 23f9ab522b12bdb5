"""What an account has once is set by the stack that owns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies import owners
from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import TRAIL
from policies.values import below, complete, every, off

_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_PASSWORDS: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
_VOLUMES: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_LEAST: Final[Mapping[str, int]] = {"minimumPasswordLength": 14, "passwordReusePrevention": 24}  # CIS 1.8 and 1.9


def _check(view: View) -> Iterator[Breach]:
    claim = owners.account(view)
    if claim is not None:
        if not any(_blocks(item.inputs) for item in view.of(_BLOCK)):
            yield Breach(claim.urn, "the account's buckets can be opened to the world")
        if not any(_asks(item.inputs) for item in view.of(_PASSWORDS)):
            yield Breach(claim.urn, "the account takes short passwords, or old ones again")
        trails = list(view.of(TRAIL))
        if trails and not any(_manages(item.at("advancedEventSelectors")) for item in trails):
            yield Breach(claim.urn, "nothing records what is done to the account itself")
    for region, taken in owners.regions(view):
        if all(item.at("enabled") is False for item in owners.standing(view, _VOLUMES, region)):
            yield Breach(taken.urn, f"new volumes in {region} are not encrypted unless somebody asks for it")


def _blocks(inputs: Mapping[str, object]) -> bool:
    return not any(off(inputs.get(name)) for name in _BLOCKS)


def _asks(inputs: Mapping[str, object]) -> bool:
    return not any(below(inputs.get(name), least) for name, least in _LEAST.items())


def _manages(selectors: object) -> bool:
    """Whether management events are recorded, or may be: a trail without selectors records just those."""
    if selectors is None or not complete(selectors):
        return True
    return "Management" in set(every(selectors, "fieldSelectors.equals"))


RULE: Final = Rule(
    name="no-open-account",
    title="Whoever owns the account closes it",
    severity=Severity.HIGH,
    controls=(
        *hipaa("312(a)(1)", "312(b)"),
        *cis("1.8", "1.9", "2.1.4", "2.2.1", "3.1"),
        *fsbp("S3.1", "EC2.7", "IAM.7", "CloudTrail.1"),
    ),
    types=(_BLOCK, _PASSWORDS, _VOLUMES, TRAIL),
    way_out="block public access and encrypt volumes by default, set a password policy, record management events; "
    "or let another stack own the account",
    check=_check,
)
