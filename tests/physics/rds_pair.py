"""A database and its replica in another region, made with plain boto3, and a world in which RDS takes its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.local import local_aws
from ops.sandbox.physics.clock import START
from ops.sandbox.physics.databases import databases
from ops.sandbox.physics.figures import Figure, Figures
from ops.sandbox.physics.monitoring import metrics
from ops.sandbox.physics.world import World
from tests.support import ACCOUNT, HOME, RECOVERY

HOME_DB, RECOVERY_DB = "home-1", "recovery-1"
DAYS: Final = 14


def _exactly(seconds: float) -> Figure:
    return Figure(seconds, seconds, "a round figure for tests")


FIGURES: Final = replace(
    Figures(),
    promotion=_exactly(200),
    reboot=_exactly(60),
    modification=_exactly(40),
    rename=_exactly(100),
    replica_creation=_exactly(600),
    instance_creation=_exactly(500),
    backup=_exactly(180),
    parameter=_exactly(10),
    lag=_exactly(2),
    received=_exactly(0.5),
    catch_up=_exactly(4),
    metric_delay=_exactly(40),
)


@cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """Made once, inside moto's reach: to make one takes longer than most tests."""
    session: Any = boto3.Session(**CREDENTIALS)
    return session.client(service, region_name=region)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The two instances, in a world that runs from `begin` on."""

    world: World

    def begin(self, seed: int, start: datetime = START) -> None:
        """Let the world run, with the laws of databases and metrics and no other."""
        self.world.begin(seed, start)
        self.world.databases = databases.Databases(self.world)
        self.world.metrics = metrics.Metrics(self.world)
        self.world._laws = (self.world.databases, self.world.metrics)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A client of `service` in `region`."""
        return _client(service, region)

    def rds(self, region: str) -> Any:  # noqa: ANN401 - as above
        """RDS in `region`."""
        return self.client("rds", region)

    def shown(self, region: str, identifier: str) -> Mapping[str, Any]:
        """What the API shows of an instance."""
        found: Mapping[str, Any] = self.rds(region).describe_db_instances(DBInstanceIdentifier=identifier)
        shown: Mapping[str, Any] = found["DBInstances"][0]
        return shown

    def status(self, region: str, identifier: str) -> str:
        """Its status."""
        return str(self.shown(region, identifier)["DBInstanceStatus"])

    def statuses(self, region: str, identifier: str, seconds: int, every: int = 20) -> list[str]:
        """The statuses that the API shows in the next `seconds`, asked now and then, each once."""
        seen = [self.status(region, identifier)]
        for _ in range(0, seconds, every):
            self.world.advance(every)
            if (status := self.status(region, identifier)) != seen[-1]:
                seen.append(status)
        return seen

    def dark(self, region: str = HOME) -> None:
        """Let `region` go dark."""
        self.world.faults.inject("region-dark", region)

    def lit(self, region: str = HOME) -> None:
        """Let it answer again."""
        self.world.faults.lift("region-dark", region)

    def role(self, region: str, identifier: str) -> str:
        """What a service that asks the database would find."""
        return self.world.databases.role(region, identifier)

    def writers(self) -> list[tuple[str, str]]:
        """Those that would take a write."""
        return self.world.databases.writers()

    def fence(self, region: str, identifier: str, value: str = "1", method: str = "immediate") -> None:
        """Change `read_only` in its parameter group."""
        self.rds(region).modify_db_parameter_group(
            DBParameterGroupName=f"{identifier}-mysql84",
            Parameters=[{"ParameterName": "read_only", "ParameterValue": value, "ApplyMethod": method}],
        )

    def applied(self, region: str, identifier: str) -> str:
        """What the API says of its parameter group."""
        return str(self.shown(region, identifier)["DBParameterGroups"][0]["ParameterApplyStatus"])

    def promote(self, region: str = RECOVERY, identifier: str = RECOVERY_DB, **options: int) -> str:
        """Promote, and give the status that is answered."""
        made = self.rds(region).promote_read_replica(DBInstanceIdentifier=identifier, **options)
        return str(made["DBInstance"]["DBInstanceStatus"])

    def write(self, number: int, region: str = HOME, identifier: str = HOME_DB) -> None:
        """Write marker `number` of run r."""
        self.world.databases.write(region, identifier, "r", number, f"sha-{number}")

    def rows(self, region: str = RECOVERY, identifier: str = RECOVERY_DB) -> list[int]:
        """The numbers of run r that an instance has."""
        return sorted(self.world.databases.read(region, identifier, "r"))

    def lags(self, region: str = RECOVERY, identifier: str = RECOVERY_DB) -> list[tuple[datetime, float]]:
        """The lag that CloudWatch has of an instance since the beginning, oldest first."""
        seconds = self.world.clock.elapsed
        dimensions = {"DBInstanceIdentifier": identifier}
        return self.world.metrics.recent(region, "AWS/RDS", "ReplicaLag", dimensions, seconds)

    def replicate(self, region: str, identifier: str, source: str, **options: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Make another replica."""
        parameter_group(self.rds(region), identifier)
        made: Mapping[str, Any] = self.rds(region).create_db_instance_read_replica(
            DBInstanceIdentifier=identifier,
            SourceDBInstanceIdentifier=source,
            DBParameterGroupName=f"{identifier}-mysql84",
            **options,
        )
        shown: Mapping[str, Any] = made["DBInstance"]
        return shown


def parameter_group(rds: Any, identifier: str) -> None:  # noqa: ANN401 - boto3's clients have no static type
    """An instance's own parameter group."""
    rds.create_db_parameter_group(
        DBParameterGroupName=f"{identifier}-mysql84", DBParameterGroupFamily="mysql8.4", Description="its own"
    )


def code(error: ClientError) -> str:
    """The code that AWS refuses with."""
    return str(error.response["Error"]["Code"])


@contextmanager
def rds_pair(*, begun: bool = True, figures: Figures = FIGURES, start: datetime = START) -> Iterator[Pair]:
    """The pair, with `figures`; the world runs from `start` if it has `begun`."""
    with local_aws(ACCOUNT, managed_policies=False), ExitStack() as stack:
        pair = Pair(world=World(ACCOUNT, figures=figures))
        _build(pair)
        stack.enter_context(databases.installed(pair.world))
        stack.enter_context(metrics.installed(pair.world))
        if begun:
            pair.begin(1, start)
        yield pair


def _build(pair: Pair) -> None:
    home, recovery = pair.rds(HOME), pair.rds(RECOVERY)
    parameter_group(home, HOME_DB)
    parameter_group(recovery, RECOVERY_DB)
    made = home.create_db_instance(
        DBInstanceIdentifier=HOME_DB,
        DBInstanceClass="db.t4g.medium",
        Engine="mysql",
        EngineVersion="8.4.5",
        AllocatedStorage=50,
        MasterUsername="medical",
        MasterUserPassword="not-told-to-anybody",
        MultiAZ=True,
        BackupRetentionPeriod=DAYS,
        DBParameterGroupName=f"{HOME_DB}-mysql84",
        Tags=[{"Key": "Side", "Value": "home"}],
    )
    recovery.create_db_instance_read_replica(
        DBInstanceIdentifier=RECOVERY_DB,
        SourceDBInstanceIdentifier=made["DBInstance"]["DBInstanceArn"],
        AvailabilityZone=f"{RECOVERY}a",
        DBParameterGroupName=f"{RECOVERY_DB}-mysql84",
    )
    recovery.modify_db_instance(DBInstanceIdentifier=RECOVERY_DB, BackupRetentionPeriod=DAYS, ApplyImmediately=True)
