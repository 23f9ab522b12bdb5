"""The database's passwords, in Secrets Manager of each of the cell's regions: the master's and the application's.

Owns: the first password and both secrets with their replicas, if the cell has a second region. Does not own: the right
to read them, which stands with the roles that need it; and their rotation (`components.rotation`). They belong to the
cell and not to a side, because who writes may change while the secrets stay.

The program makes the first password only, of the master, which is the application's too until the first rotation gives
it an account of its own. Rotations happen outside, in the database and the secrets, and no update changes anything
back. A version that has lost all its labels is removed by AWS in time, and a refresh that does not find it would make
it anew, with the password of the first day as the current one; so the first version has a label of its own, for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_random as random
from pulumi_aws import secretsmanager

from components.secrets import first_version
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
    """Names and passwords: `{"username", "password"}` in secrets that each region holds.

    `master` is for rotation alone, and `application` for the service. Both have one name in all regions.
    """

    username: str
    password: pulumi.Output[str]
    master_name: str
    application_name: str
    master: pulumi.Output[str]
    application: pulumi.Output[str]

    def __init__(self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the password and the secrets."""
        super().__init__("medical:database:Credentials", name, None, opts)
        self._args = args
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
        self.master_name = args.names.path("database")
        self.application_name = args.names.path("application")
        self.master = self._build_secret(name, self.master_name, f"Master of cell {args.names.cell}'s database")
        self.application = self._build_secret(
            f"{name}-application", self.application_name, f"The service's account in cell {args.names.cell}'s database"
        )
        self.register_outputs({"master": self.master, "application": self.application})

    def _build_secret(self, name: str, path: str, description: str) -> pulumi.Output[str]:
        """Make a secret with the first password, and give its ARN."""
        throw_away = self._args.throw_away
        secret = secretsmanager.Secret(
            name,
            name=path,
            description=description,
            kms_key_id=self._args.key_arn,
            recovery_window_in_days=0 if throw_away else RECOVERY_DAYS,
            replicas=_replicas(self._args.copy),
            opts=pulumi.ResourceOptions(parent=self, protect=not throw_away),
        )
        return first_version(name, secret, {"username": self.username, "password": self.password}, self)

    def master_in(self, region: str) -> pulumi.Output[str]:
        """The master's secret in `region`, by its ARN: a replica's differs in the region alone."""
        return self.master.apply(lambda arn: _in_region(arn, region))

    def application_in(self, region: str) -> pulumi.Output[str]:
        """The application's secret in `region`, by its ARN."""
        return self.application.apply(lambda arn: _in_region(arn, region))


def _replicas(copy: Copy[pulumi.Input[str]] | None) -> list[secretsmanager.SecretReplicaArgs] | None:
    if copy is None:
        return None
    return [secretsmanager.SecretReplicaArgs(region=copy.destination_region, kms_key_id=copy.key)]


def _in_region(arn: str, region: str) -> str:
    """`arn` as it is called in `region`."""
    head, rest = arn.split(":")[:3], arn.split(":")[4:]
    return ":".join([*head, region, *rest])
