"""Rotation on real servers, under users who ask without pause."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pymysql
import pytest
from botocore.stub import Stubber
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from functions.rotation import handler
from functions.rotation.accounts import ACCOUNTS
from functions.rotation.faults import RotationError
from functions.rotation.peer import Peer
from service import config
from service.cache import Cache
from service.credentials import RotatingSecret, Vault
from service.database import Database, Role
from service.pool import Limits
from tests.service import rotating
from tests.service.certificates import Authority
from tests.service.rotating import MASTER, OTHER_REGION, STEPS, Cell, Context, Pair, clients
from tests.service.servers import REGION, Aws, MariaDb, Valkey, wait_until

TOKENS = ("application", "master", "token")


@pytest.fixture(scope="module")
def started_pair(
    programs: None,  # noqa: ARG001  only for its refusal
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Pair]:
    pair = Pair(tmp_path_factory.mktemp("pair"), authority)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


@pytest.fixture
def pair(started_pair: Pair) -> Pair:
    """Home writes, recovery follows, and nobody but the master has an account."""
    home, recovery = started_pair.home, started_pair.recovery
    for server in (home, recovery):
        server.start()
    home.sql("SET GLOBAL read_only = 0")
    if not recovery.ask("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'system user'"):
        # It was promoted, or restarted: it forgets what it wrote itself, and follows again from here.
        recovery.sql("STOP SLAVE", "RESET SLAVE ALL", "RESET MASTER")
        recovery.sql(
            f"SET GLOBAL gtid_slave_pos = '{home.ask('SELECT @@gtid_binlog_pos')}'",
            f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={home.port}, MASTER_USER='follower', "
            "MASTER_PASSWORD='follower', MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_USE_GTID=slave_pos",
        )
        for account in ACCOUNTS:
            recovery.sql(f"DROP USER IF EXISTS '{account}'@'%'")
        recovery.sql(f"ALTER USER '{MASTER}'@'%' IDENTIFIED BY '{started_pair.master_password}'", "RESET MASTER")
        recovery.sql("START SLAVE")
    recovery.sql("SET GLOBAL read_only = 1")
    home.sql(f"ALTER USER '{MASTER}'@'%' IDENTIFIED BY '{started_pair.master_password}'")
    for account in ACCOUNTS:
        home.sql(f"DROP USER IF EXISTS '{account}'@'%'")
    wait_until(started_pair.caught_up, "the replica")
    return started_pair


@pytest.fixture
def cell(pair: Pair, cache: Valkey, aws: Aws, authority: Authority) -> Cell:
    return rotating.build(pair, cache, aws.endpoint, authority.certificate)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, aws: Aws) -> None:
    """Rotations lie days apart and are milliseconds apart here: so is what keeps a service from asking too often."""
    monkeypatch.setattr("service.credentials.REFETCH_SECONDS", 0.0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    # How fast a laden machine is, is not in question.
    monkeypatch.setattr("service.database.SECONDS", 30.0)
    monkeypatch.setattr("service.cache.SECONDS", 30.0)


def application(cell: Cell, server: MariaDb, authority: Authority, region: str = REGION) -> Database:
    """The service's own store in a region, which opens connections all the time."""
    vault, arn = Vault(region), cell.arn("application", region)
    secret = RotatingSecret(arn, ("username", "password"), vault.read, vault.read_previous)
    settings = config.Database(
        host="localhost",
        port=server.port,
        name="medical",
        secret=arn,
        authority=authority.certificate,
    )
    return Database(settings, secret, Limits(size=8, age_seconds=0.02, wait_seconds=20))


def write(store: Database) -> None:
    store.run(lambda cursor: cursor.execute("INSERT INTO visit (who) VALUES ('somebody')"))


def login(server: MariaDb, values: dict[str, str], authority: Authority | None) -> Connection[Cursor]:
    """A connection of that account: over TLS if the authority is given, else without."""
    return Connection(
        host="localhost",
        port=server.port,
        user=values["username"],
        password=values["password"].encode(),
        database="medical",
        autocommit=True,
        ssl_ca=str(authority.certificate) if authority else None,
        ssl_disabled=authority is None,
    )


def test_no_request_fails_while_the_database_password_rotates_again_and_again(cell: Cell, authority: Authority) -> None:
    store = application(cell, cell.pair.home, authority)
    users = [cell.values("application")["username"]]
    with clients(lambda: write(store)) as asking:
        for _ in range(6):
            cell.rotate("application")
            users.append(cell.values("application")["username"])
            asking.go_on()
    store.close()
    assert [] == asking.failed
    assert [MASTER, *ACCOUNTS * 3] == users, "the accounts take turns"


def test_readers_on_the_replica_get_through_too_and_need_not_wait_for_it(cell: Cell, authority: Authority) -> None:
    cell.rotate("application")
    wait_until(cell.pair.caught_up, "the replica")
    store = application(cell, cell.pair.recovery, authority, OTHER_REGION)
    with clients(lambda: store.run(lambda cursor: cursor.execute("SELECT COUNT(*) FROM visit"))) as asking:
        cell.pair.recovery.sql("STOP SLAVE")
        cell.rotate("application")  # the secret's copy is there before the account is
        assert "app_b" == cell.values("application", region=OTHER_REGION)["username"]
        assert Role.READER == store.role()
        cell.pair.recovery.sql("START SLAVE")
        wait_until(cell.pair.caught_up, "the replica")
    store.close()
    assert [] == asking.failed


@pytest.mark.slow("rotates again and again under clients that never pause")
def test_no_request_fails_while_the_master_rotates(cell: Cell, authority: Authority) -> None:
    cell.rotate("application")
    store = application(cell, cell.pair.home, authority)
    before = cell.values("master")
    with clients(lambda: write(store)) as asking:
        for _ in range(2):
            cell.rotate("master")
            cell.rotate("application")  # by the master's new password
            asking.go_on()
    store.close()
    assert [] == asking.failed
    assert before["username"] == cell.values("master")["username"]
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        login(cell.pair.home, before, authority)


def test_the_master_waits_until_the_application_is_no_longer_the_master(cell: Cell) -> None:
    with pytest.raises(RotationError, match="MasterInUse"):
        cell.rotate("master")
    cell.rotate("application")
    cell.rotate("master")
    assert cell.values("master") != cell.values("master", "AWSPREVIOUS")


@pytest.mark.slow("rotates again and again under clients that never pause")
def test_no_request_fails_while_the_cache_token_rotates(cell: Cell, cache: Valkey, authority: Authority) -> None:
    arn = cell.arn("token")
    settings = config.Cache(host="localhost", port=cache.port, secret=arn, authority=authority.certificate)

    def visit() -> None:
        store = Cache(settings, secret)  # a connection a time: each must be let in
        try:
            store.run(lambda redis: redis.incr("visits"))
        finally:
            store.close()

    secret = RotatingSecret(arn, ("token",), Vault(REGION).read)
    first = cell.values("token")["token"]
    with clients(visit, count=2) as asking:
        for _ in range(4):
            cell.rotate("token")
            asking.go_on()
    assert [] == asking.failed
    assert ["ROTATE", "SET", "ROTATE", "SET", "ROTATE", "SET", "ROTATE"] == cell.elasticache.calls
    current, previous = cell.values("token")["token"], cell.values("token", "AWSPREVIOUS")["token"]
    opens = cell.desks[REGION].cache.opens
    assert [True, True, False] == [opens(current), opens(previous), opens(first)]


@pytest.mark.slow("four rotations of each secret, each cut off elsewhere")
@pytest.mark.parametrize("secret", TOKENS)
def test_a_rotation_that_is_cut_off_after_any_step_and_begun_again_ends_right(
    secret: str, cell: Cell, authority: Authority
) -> None:
    cell.rotate("application")
    for ended_after in range(len(STEPS) + 1):
        before, token = cell.values(secret), cell.begin(secret)
        for step in STEPS[:ended_after]:
            cell.step(secret, step, token)
        for step in STEPS:
            cell.step(secret, step, token)
        after = cell.values(secret)
        assert [before, True] == [cell.values(secret, "AWSPREVIOUS"), before != after]
        if secret == "token":  # noqa: S105  a name
            assert cell.desks[REGION].cache.opens(after["token"])
        else:
            login(cell.pair.home, after, authority).close()


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
@pytest.mark.parametrize("secret", TOKENS)
def test_every_step_done_twice_changes_nothing_more(secret: str, cell: Cell) -> None:
    cell.rotate("application")
    token = cell.begin(secret)
    cell.step(secret, "createSecret", token)
    made = cell.values(secret, "AWSPENDING")
    for step in (*STEPS[:1], *STEPS[1:], *STEPS):
        cell.step(secret, step, token)
        cell.step(secret, step, token)
    assert made == cell.values(secret)


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_a_rotation_of_the_accounts_that_was_given_up_leaves_the_next_one_free(cell: Cell) -> None:
    cell.rotate("application")
    given_up = cell.begin("application")
    for step in STEPS[:2]:
        cell.step("application", step, given_up)
    cell.rotate("application")
    with pytest.raises(RotationError, match="NotPending"):
        cell.step("application", "finishSecret", given_up)


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_versions_and_secrets_that_are_not_being_rotated_are_refused(cell: Cell) -> None:
    with pytest.raises(RotationError, match="UnknownVersion"):
        cell.step("application", "setSecret", "0" * 36)
    cell.rotate("application")
    cell.rotate("application")
    versions = cell.client().describe_secret(SecretId=cell.arn("application"))["VersionIdsToStages"]
    previous = next(version for version, labels in versions.items() if "AWSPREVIOUS" in labels)
    with pytest.raises(RotationError, match="NotPending"):
        cell.step("application", "setSecret", previous)
    with pytest.raises(RotationError, match="NotCreated"):
        cell.step("application", "setSecret", cell.begin("application"))
    foreign = cell.client().create_secret(Name=f"{cell.arns['token'][-6:]}/foreign", SecretString="{}")["ARN"]
    event = {"Step": "setSecret", "SecretId": foreign, "ClientRequestToken": "t"}
    with pytest.raises(RotationError, match="NotOurs"):
        handler.take(cell.desks[REGION], event, Context())
    with pytest.raises(RotationError, match="Replica"):
        cell.step("application", "setSecret", cell.begin("application", REGION), OTHER_REGION)
    unknown: tuple[dict[str, str], ...] = (
        {"source": "aws.events"},
        {"Step": "dropSecret", "SecretId": "s", "ClientRequestToken": "t"},
        {"ask": "delete"},
    )
    for event in unknown:
        with pytest.raises(RotationError, match="NotForUs"):
            handler.take(cell.desks[REGION], event, Context())


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_an_account_has_the_rights_that_the_service_needs_and_no_others(cell: Cell, authority: Authority) -> None:
    cell.rotate("application")
    values, home = cell.values("application"), cell.pair.home
    with login(home, values, authority) as connection, connection.cursor() as cursor:
        for statement in (
            "INSERT INTO visit (who) VALUES ('a')",
            "UPDATE visit SET who = 'b'",
            "SELECT who FROM visit",
            "DELETE FROM visit",
            "CREATE TABLE IF NOT EXISTS continuity_markers (run INT)",
        ):
            cursor.execute(statement)
        for statement in (
            "CREATE TABLE other (id INT)",
            "DROP TABLE visit",
            "ALTER TABLE visit ADD more INT",
            "TRUNCATE visit",
            "GRANT SELECT ON medical.* TO 'app_a'@'%'",
            "CREATE USER 'mallory'@'%'",
            "SELECT * FROM mysql.user",
            "SET GLOBAL read_only = 0",
            "CREATE DATABASE elsewhere",
        ):
            with pytest.raises(pymysql.MySQLError) as denied:
                cursor.execute(statement)
            assert denied.value.args[0] in (1044, 1142, 1227, 1410), statement
    home.sql("DROP TABLE medical.continuity_markers")
    with pytest.raises(pymysql.OperationalError):
        login(home, values, None)


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_after_a_failover_the_function_that_is_left_at_home_has_the_other_side_do_it(
    cell: Cell, authority: Authority
) -> None:
    cell.rotate("application")
    cell.pair.fail_over()
    store = application(cell, cell.pair.recovery, authority, OTHER_REGION)
    with clients(lambda: write(store)) as asking:
        for secret in ("application", "application", "master", "application"):
            cell.rotate(secret)
            asking.go_on()
    store.close()
    assert [] == asking.failed
    login(cell.pair.recovery, cell.values("master"), authority).close()
    asked = cell.peers[OTHER_REGION].asked
    assert {"writes", "apply", "prove"} == {event["ask"] for event in asked}
    assert not [secret for secret in cell.everything_secret() if secret in json.dumps(asked)], "no secret is handed on"


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_a_promoted_replica_of_the_secret_is_rotated_where_it_is_when_home_is_gone(
    cell: Cell, authority: Authority
) -> None:
    cell.rotate("application")
    cell.pair.fail_over()
    cell.pair.home.kill()
    cell.peers[REGION].dark = True
    # What the runbook has a person do, once for each of the database's secrets. moto has no StopReplicationToReplica.
    far = cell.client(OTHER_REGION)
    for name in ("application", "master"):
        kept = far.get_secret_value(SecretId=cell.arn(name, OTHER_REGION))["SecretString"]
        promoted = rotating.promote(cell, name, kept)
        assert OTHER_REGION in promoted
    store = application(cell, cell.pair.recovery, authority, OTHER_REGION)
    with clients(lambda: write(store)) as asking:
        for secret in ("application", "master", "application"):
            cell.rotate(secret, OTHER_REGION)
            asking.go_on()
    store.close()
    assert [] == asking.failed


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_two_writers_or_none_change_nothing(cell: Cell) -> None:
    cell.rotate("application")
    wait_until(cell.pair.caught_up, "the replica")
    before = cell.values("application")
    cell.pair.recovery.sql("SET GLOBAL read_only = 0")
    with pytest.raises(RotationError, match="TwoWriters"):
        cell.rotate("application")
    cell.pair.recovery.sql("SET GLOBAL read_only = 1")
    cell.pair.home.sql("SET GLOBAL read_only = 1")
    with pytest.raises(RotationError, match="NoWriter"):
        cell.rotate("application")
    cell.peers[OTHER_REGION].dark = True
    with pytest.raises(RotationError, match="EndpointConnectionError"):
        cell.rotate("application")
    assert before == cell.values("application")
    cell.pair.home.sql("SET GLOBAL read_only = 0")
    cell.rotate("application")  # the other side is lost, and this one writes
    assert before != cell.values("application")


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_a_cell_of_one_side_rotates_by_itself(cell: Cell, authority: Authority) -> None:
    lone = rotating.alone(cell)
    lone.rotate("application")
    login(cell.pair.home, lone.values("application"), authority).close()


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_the_other_side_does_only_what_is_being_rotated(cell: Cell) -> None:
    cell.rotate("application")
    token = cell.rotate("application")
    for event, code in (
        ({"ask": "apply", "kind": "application", "token": token, "region": REGION}, "NotPending"),
        ({"ask": "apply", "kind": "application", "token": token, "region": "eu-west-1"}, "NotOurs"),
        ({"ask": "apply", "kind": "anything", "token": token, "region": REGION}, "NotForUs"),
    ):
        with pytest.raises(RotationError, match=code):
            handler.take(cell.desks[OTHER_REGION], event, Context())


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_a_cache_that_is_not_ready_in_time_is_left_for_another_try(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    cell.elasticache.statuses = ["modifying", "modifying"]
    cell.rotate("token")
    assert [10, 10] == waited
    cell.elasticache.statuses = ["modifying"] * 3
    token = cell.begin("token")
    cell.step("token", "createSecret", token)
    event = {"Step": "setSecret", "SecretId": cell.arn("token"), "ClientRequestToken": token}
    with pytest.raises(RotationError, match="CacheBusy"):
        handler.take(cell.desks[REGION], event, Context(seconds=5))
    cell.elasticache.statuses = []
    for step in STEPS:
        cell.step("token", step, token)


@pytest.mark.slow("every step of every rotation, whole and broken in three ways")
def test_neither_logs_nor_errors_show_a_secret(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = cell.desks[REGION]
    monkeypatch.setattr("functions.rotation.desk.desk", lambda: desk)
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    def call(step: str, token: str, secret: str) -> None:
        try:
            handler.handler(
                {"Step": step, "SecretId": cell.arn(secret), "ClientRequestToken": token}, Context(seconds=1)
            )
        except RotationError as error:
            said.append("".join(traceback.format_exception(error)))

    for secret in TOKENS:
        token = cell.begin(secret)
        for step in STEPS:
            call(step, token, secret)
    for break_it in (
        lambda: cell.pair.home.sql(f"ALTER USER '{MASTER}'@'%' ACCOUNT LOCK"),
        lambda: monkeypatch.setattr("functions.rotation.accounts.password", lambda _=40: "it's \\ broken'"),
        lambda: monkeypatch.setattr("functions.rotation.database.TABLES", ("no`such",)),
    ):
        break_it()
        for secret in TOKENS:
            token = cell.begin(secret)
            for step in STEPS:
                call(step, token, secret)
        cell.pair.home.sql(f"ALTER USER '{MASTER}'@'%' ACCOUNT UNLOCK")
    heard = (
        caplog.text
        + "".join(said)
        + repr(desk)
        + repr(cell.desks[REGION].vault.with_label(cell.arn("token"), "AWSCURRENT"))
    )
    assert said, "nothing went wrong, so nothing was tried"
    shown = [line for line in heard.splitlines() if any(secret in line for secret in cell.everything_secret())]
    assert [] == shown


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_a_rotation_that_is_overdue_is_told(cell: Cell) -> None:
    for name in TOKENS:
        cell.rotate("application" if name == "master" else name)
    desk = cell.desks[REGION]
    settings = desk.settings
    looked = handler.take(desk, {"ask": "look"}, Context())
    assert [settings.application, settings.master, settings.token] == looked
    later = replace(desk, now=lambda: datetime.now(UTC) + timedelta(days=34))
    with pytest.raises(RotationError, match="Overdue: not rotated for more than 33 days"):
        handler.take(later, {"ask": "look"}, Context())


@pytest.mark.slow("rotates on two real databases, one following the other, and a real cache")
def test_the_real_client_of_lambda_takes_what_is_asked(cell: Cell) -> None:
    client = boto3.client("lambda", region_name=OTHER_REGION, endpoint_url=cell.endpoint)
    with Stubber(client) as stub:
        stub.add_client_error("invoke", "ResourceNotFoundException")
        peer = Peer(client=client, function="rotation", region=REGION)
        with pytest.raises(RotationError, match="NoOtherFunction"):
            peer.writes()
