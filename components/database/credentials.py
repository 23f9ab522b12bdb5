"""The master user's password, in Secrets Manager of each of the cell's regions.

Owns: the password and the secret with its replica, if the cell has a second region. Does not own: the right to read it,
which stands with the roles that need it. It belongs to the cell and not to a side, because who writes may change while
the secret stays.

The program makes the first password only. A rotation happens outside, in the database and the secret at once, and the
next update changes neither back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_random as random
from pulumi_aws import secretsmanager

from components import texts
from domain.naming import Names
from domain.residency import Copy, Dataset, Mechanism

USERNAME: Final = "medical"
RECOVERY_DAYS: Final = 30

_LENGTH = 32  # RDS for MySQL takes 8 to 41
# An edit of these would make a new password, which would reach the secret but not the standing database.
_GIVEN_ONCE = ("length", "override_special", "min_lower", "min_upper", "min_numeric", "min_special")
_SPECIALS = "!#$%^&*()-_=+[]{}<>:?"  # printable, without / ' " @ and space, which RDS refuses or shells stumble over


@dataclass(frozen=True, kw_only=True)
class CredentialsArgs:
    """What the credentials are made from. `throw_away` lets the secret be deleted at once, without recovery.

    The secret lies in `region`; `copy` says where it is replicated to, and under which key. None replicates it nowhere.
    """

    names: Names
    region: str
    key_arn: pulumi.Input[str]
    copy: Copy[pulumi.Input[str]] | None
    throw_away: bool

    def __post_init__(self) -> None:
        """Refuse a copy that was admitted for something else.

        Raises:
            ResidencyError: of a copy of another dataset, by other means, or from another region.
        """
        if self.copy:
            self.copy.require(Dataset.SECRETS, mechanism=Mechanism.SECRET_REPLICA, source_region=self.region)


class Credentials(pulumi.ComponentResource):
    """The master user's name and password: `{"username", "password"}` in a secret that each region holds."""

    username: str
    password: pulumi.Output[str]
    secret_arn: pulumi.Output[str]

    def __init__(self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the password and the secret that holds it."""
        super().__init__("medical:database:Credentials", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        password = random.RandomPassword(
            name,
            length=_LENGTH,
            override_special=_SPECIALS,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=list(_GIVEN_ONCE)),
        )
        self.username = USERNAME
        self.password = pulumi.Output.secret(password.result)
        secret = secretsmanager.Secret(
            name,
            name=args.names.path("database"),
            description=f"Master user of the database of cell {args.names.cell}",
            kms_key_id=args.key_arn,
            recovery_window_in_days=0 if args.throw_away else RECOVERY_DAYS,
            replicas=_replicas(args.copy),
            opts=pulumi.ResourceOptions(parent=self, protect=not args.throw_away),
        )
        version = secretsmanager.SecretVersion(
            name,
            secret_id=secret.id,
            secret_string=texts.dumps({"username": self.username, "password": self.password}),
            opts=child,
        )
        # Whoever takes the ARN waits for the value too, or its first read would find nothing.
        self.secret_arn = pulumi.Output.all(secret.arn, version.id).apply(lambda found: str(found[0]))
        self.register_outputs({"secret_arn": self.secret_arn})

    def secret_arn_in(self, region: str) -> pulumi.Output[str]:
        """The secret's ARN in `region`: a replica's differs in the region alone."""
        return self.secret_arn.apply(lambda arn: _in_region(arn, region))


def _replicas(copy: Copy[pulumi.Input[str]] | None) -> list[secretsmanager.SecretReplicaArgs] | None:
    if copy is None:
        return None
    return [secretsmanager.SecretReplicaArgs(region=copy.destination_region, kms_key_id=copy.key)]


def _in_region(arn: str, region: str) -> str:
    """`arn` as it is called in `region`."""
    head, rest = arn.split(":")[:3], arn.split(":")[4:]
    return ":".join([*head, region, *rest])
