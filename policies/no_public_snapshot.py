"""No snapshot or machine image is shared with everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.values import each

_SHARED: Final = (
    ("aws:rds/snapshot:Snapshot", "sharedAccounts"),
    ("aws:rds/snapshotCopy:SnapshotCopy", "sharedAccounts"),
    ("aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy", "sharedAccounts"),
    ("aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", "accountId"),
    ("aws:ec2/amiLaunchPermission:AmiLaunchPermission", "group"),
)


def _check(view: View) -> Iterator[Breach]:
    for type_, path in _SHARED:
        for item in view.of(type_):
            if "all" in list(each(item.at(path))):
                yield Breach(item.urn, "it is shared with everybody")


RULE: Final = Rule(
    name="no-public-snapshot",
    title="No snapshot or image is shared with everybody",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)"), *fsbp("RDS.1", "EC2.1")),
    types=tuple(type_ for type_, _ in _SHARED),
    way_out="share it with the accounts that need it, or with none",
    check=_check,
)
