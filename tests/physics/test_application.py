"""What answers behind a side's load balancer, on the small cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain import markers
from domain.manifest import SideName
from ops.sandbox.physics import application
from ops.sandbox.physics.application import Application, ApplicationGoneError
from ops.sandbox.physics.databases.databases import DatabaseGoneError, ReadOnlyError
from ops.sandbox.physics.objects.objects import ObjectsGoneError
from ops.sandbox.physics.sides import region_of
from ops.sandbox.physics.world import World
from service import markers as served
from service.database import Role
from service.failures import Reason
from service.readiness import Status
from tests.small_cell import CELL, SmallCell, small_cell
from tests.support import HOME, RECOVERY

RUN = "run-1"


class Fleets:
    """So many healthy instances in each group."""

    def __init__(self) -> None:
        """One in each."""
        self.counts: dict[str, int] = {}

    def healthy(self, _region: str, group: str) -> int:
        return self.counts.get(group, 1)


class Databases:
    """Rows of instances that can be written, read, or neither."""

    def __init__(self) -> None:
        """None knows any row; each is a writer."""
        self.roles: dict[str, str] = {}
        self.rows: dict[tuple[str, str], dict[int, str]] = {}

    def role(self, _region: str, identifier: str) -> str:
        return self.roles.get(identifier, "writer")

    def read(self, region: str, identifier: str, run: str) -> dict[int, str]:
        if self.role(region, identifier) == "gone":
            raise DatabaseGoneError(identifier)
        return dict(self.rows.get((identifier, run), {}))

    def write(self, region: str, identifier: str, run: str, number: int, sha256: str) -> None:
        self.read(region, identifier, run)
        if self.role(region, identifier) == "read-only":
            raise ReadOnlyError(identifier)
        self.rows.setdefault((identifier, run), {})[number] = sha256


class Objects:
    """Objects by bucket and key."""

    def __init__(self) -> None:
        """No bucket holds any, and none is gone."""
        self.kept: dict[tuple[str, str], str] = {}
        self.gone: set[str] = set()

    def put(self, _region: str, bucket: str, key: str, body: str) -> None:
        self._reach(bucket)
        self.kept[bucket, key] = body

    def get(self, _region: str, bucket: str, key: str) -> str | None:
        self._reach(bucket)
        return self.kept.get((bucket, key))

    def keys(self, _region: str, bucket: str, prefix: str) -> list[str]:
        self._reach(bucket)
        return [key for place, key in self.kept if place == bucket and key.startswith(prefix)]

    def _reach(self, bucket: str) -> None:
        if bucket in self.gone:
            raise ObjectsGoneError(bucket)


def begun(account: str) -> Any:  # noqa: ANN401 - the world, whose laws are replaced here
    world = World(account)
    world.begin(1)
    return world


class Served:
    """The application of the small cell, and what it stands on."""

    def __init__(self, small: SmallCell) -> None:
        """All is well: home writes, recovery reads."""
        self.small = small
        self.manifest = small.manifest
        self.world = begun(small.account)
        self.fleets = self.world.fleets = Fleets()
        self.databases = self.world.databases = Databases()
        self.objects = self.world.objects = Objects()
        self.application = Application(self.world)
        self.databases.roles[self.manifest.recovery.database.identifier] = "read-only"

    def ask(self, side: SideName, method: str, path: str, body: str = "") -> tuple[int, dict[str, Any]]:
        return self.application.request(self.manifest.side(side).load_balancer, method, path, body)

    def put(self, side: SideName, number: int) -> tuple[int, dict[str, Any]]:
        return self.ask(side, "PUT", markers.path(RUN, number), markers.content(RUN, number))


@pytest.fixture(scope="module")
def small() -> Iterator[SmallCell]:
    with small_cell() as found:
        yield found


@pytest.fixture
def cell(small: SmallCell) -> Served:
    return Served(small)


def sha256(number: int) -> str:
    return markers.checksum(markers.content(RUN, number))


def test_home_is_ready_and_recovery_is_read_only(cell: Served) -> None:
    for side, region, status, role in (
        ("home", HOME, Status.READY, Role.WRITER),
        ("recovery", RECOVERY, Status.READ_ONLY, Role.READER),
    ):
        code, body = cell.ask(side, "GET", "/readyz")
        assert (200, status, CELL, side, region) == (code, body["status"], body["cell"], body["side"], body["region"])
        assert {"database", "cache", "bucket"} == set(body["checks"]), "as the service names them"
        assert (True, role) == (body["checks"]["database"]["ok"], body["checks"]["database"]["role"])
        assert cell.manifest.release.sha256 == body["release"]


def test_livez_touches_nothing(cell: Served) -> None:
    cell.databases.roles[cell.manifest.home.database.identifier] = "gone"
    assert (200, {"status": "live"}) == cell.ask("home", "GET", "/livez")
    code, body = cell.ask("home", "GET", "/readyz")
    assert (503, Status.UNREADY) == (code, body["status"])
    assert Reason.UNREACHABLE == body["checks"]["database"]["reason"]


def test_a_marker_is_kept_as_row_and_object_of_its_own_side_and_found_there(cell: Served) -> None:
    expected = {"side": "home", "region": HOME, "row": True, "object": True, "sha256": sha256(1)}
    assert (201, expected) == cell.put("home", 1)
    assert {1: sha256(1)} == cell.databases.rows[cell.manifest.home.database.identifier, RUN]
    key = markers.object_key(RUN, 1)
    assert {(cell.manifest.home.buckets["uploads"], key): markers.content(RUN, 1)} == cell.objects.kept
    found = {"side": "home", "region": HOME, "rows": {"1": sha256(1)}, "objects": {"1": sha256(1)}}
    assert (200, found) == cell.ask("home", "GET", markers.path(RUN))
    elsewhere: dict[str, Any] = {"side": "recovery", "region": RECOVERY, "rows": {}, "objects": {}}
    assert (200, elsewhere) == cell.ask("recovery", "GET", markers.path(RUN)), "nothing here copies anything"


def test_a_marker_says_what_the_service_would_make_of_it_if_nothing_is_sent(cell: Served) -> None:
    code, body = cell.ask("home", "PUT", markers.path(RUN, 4))
    assert (201, sha256(4)) == (code, body["sha256"])


def test_the_same_marker_again_changes_nothing_and_another_of_its_number_is_refused(cell: Served) -> None:
    cell.put("home", 1)
    kept = dict(cell.objects.kept)
    assert 201 == cell.put("home", 1)[0]
    assert kept == cell.objects.kept
    assert 409 == cell.ask("home", "PUT", markers.path(RUN, 1), "something else")[0]
    assert kept == cell.objects.kept


def test_where_the_database_takes_no_writes_nothing_is_kept(cell: Served) -> None:
    assert (503, {"error": "read-only"}) == cell.put("recovery", 1)
    cell.databases.roles[cell.manifest.home.database.identifier] = "read-only"
    assert (503, {"error": "read-only"}) == cell.put("home", 1), "a fenced writer is no other"
    assert not cell.databases.rows
    assert not cell.objects.kept
    assert 200 == cell.ask("recovery", "GET", markers.path(RUN))[0], "and is read all the same"


def test_without_a_bucket_the_row_is_acknowledged_alone(cell: Served) -> None:
    cell.objects.gone.add(cell.manifest.home.buckets["uploads"])
    code, body = cell.put("home", 1)
    assert (201, True, False) == (code, body["row"], body["object"])
    assert (503, {"error": "unreachable"}) == cell.ask("home", "GET", markers.path(RUN)), "half would look like a loss"


def test_a_long_list_is_answered_in_pages(cell: Served) -> None:
    most = served.PAGE + 2
    for number in range(1, most + 1):
        assert 201 == cell.put("home", number)[0]
    _, first = cell.ask("home", "GET", markers.path(RUN))
    _, second = cell.ask("home", "GET", f"{markers.path(RUN)}?from={first['next']}")
    assert (served.PAGE, served.PAGE, served.PAGE + 1) == (len(first["rows"]), len(first["objects"]), first["next"])
    assert {str(served.PAGE + 1), str(most)} == set(second["rows"]) == set(second["objects"])
    assert "next" not in second


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "/continuity/markers/UPPER/1", "", 400),
        ("PUT", "/continuity/markers/run-1/0", "", 400),
        ("PUT", "/continuity/markers/run-1/1234567", "", 400),
        ("PUT", "/continuity/markers/run-1/one", "", 400),
        ("GET", "/continuity/markers/run-1?from=x", "", 400),
        ("PUT", "/continuity/markers/run-1/1", "x" * 1025, 413),
        ("GET", "/continuity/markers/run-1/1", "", 405),
        ("PUT", "/continuity/markers/run-1", "", 405),
        ("POST", "/readyz", "", 405),
        ("GET", "/continuity/markers/run-1/1/2", "", 404),
        ("GET", "/patients", "", 404),
    ],
)
def test_what_the_service_does_not_take_is_refused(
    cell: Served, method: str, path: str, body: str, expected: int
) -> None:
    assert expected == cell.ask("home", method, path, body)[0]
    assert not cell.databases.rows


def test_a_dark_region_and_a_fleet_without_instances_do_not_answer(cell: Served) -> None:
    cell.world.faults.inject("region-dark", HOME)
    with pytest.raises(ApplicationGoneError, match="region is dark"):
        cell.ask("home", "GET", "/livez")
    assert 200 == cell.ask("recovery", "GET", "/livez")[0]
    cell.fleets.counts[cell.manifest.recovery.fleet.autoscaling_group] = 0
    with pytest.raises(ApplicationGoneError, match="no instance"):
        cell.application.probe(cell.manifest.recovery.load_balancer, "/readyz")
    cell.world.faults.lift("region-dark", HOME)
    assert 200 == cell.application.probe(cell.manifest.home.load_balancer, "/readyz")


@pytest.mark.parametrize("address", ["nobody", f"other-1.{HOME}.elb.amazonaws.com"])
def test_an_address_that_no_manifest_names_does_not_answer(cell: Served, address: str) -> None:
    with pytest.raises(ApplicationGoneError, match="no manifest"):
        cell.application.request(address, "GET", "/readyz")


def test_without_its_key_or_secret_a_side_is_unready_and_keeps_nothing(cell: Served) -> None:
    for fault, reason in (("key-missing", Reason.REFUSED), ("secret-missing", Reason.MISSING)):
        cell.world.faults.inject(fault, HOME)
        code, body = cell.ask("home", "GET", "/readyz")
        assert (503, Status.UNREADY) == (code, body["status"])
        assert (False, reason) == (body["checks"]["database"]["ok"], body["checks"]["database"]["reason"])
        assert (503, {"error": reason}) == cell.put("home", 1)
        assert 503 == cell.application.probe(cell.manifest.home.load_balancer, "/readyz")
        assert 200 == cell.ask("recovery", "GET", "/readyz")[0], "the other side has its own"
        cell.world.faults.lift(fault, HOME)
    assert 201 == cell.put("home", 1)[0]


def test_a_key_that_is_truly_disabled_is_missed_as_well(cell: Served) -> None:
    kms, key_id = cell.small.client("kms", HOME), cell.manifest.home.key.rpartition("/")[2]
    kms.disable_key(KeyId=key_id)
    try:
        assert 503 == cell.ask("home", "GET", "/readyz")[0]
    finally:
        kms.enable_key(KeyId=key_id)
    assert 200 == cell.ask("home", "GET", "/readyz")[0]


def test_a_secret_that_is_truly_deleted_is_missed_as_well(cell: Served) -> None:
    secrets = cell.small.client("secretsmanager", HOME)
    secrets.delete_secret(SecretId=cell.manifest.home.secrets.cache)
    try:
        code, body = cell.ask("home", "GET", "/readyz")
        assert (503, "missing") == (code, body["checks"]["cache"]["reason"])
    finally:
        secrets.restore_secret(SecretId=cell.manifest.home.secrets.cache)
    assert 200 == cell.ask("home", "GET", "/readyz")[0]


def test_every_second_call_of_each_kind_to_a_brown_region_is_refused(cell: Served) -> None:
    cell.world.faults.inject("region-brown", HOME)
    before = cell.world.clock.elapsed
    codes = [(cell.ask("home", "GET", "/livez")[0], cell.put("home", number)[0]) for number in range(1, 7)]
    assert [(200, 201), (503, 503)] * 3 == codes
    probe = cell.manifest.home.load_balancer
    assert [200, 503, 200, 503] == [cell.application.probe(probe, "/readyz") for _ in range(4)]
    assert 200 == cell.ask("recovery", "GET", "/livez")[0]
    assert before == cell.world.clock.elapsed, "what an answer takes is not waited for here"


def test_a_brown_region_is_slow(cell: Served) -> None:
    def milliseconds() -> int:
        return int(cell.ask("home", "GET", "/readyz")[1]["checks"]["database"]["milliseconds"])

    assert milliseconds() <= 250
    cell.world.faults.inject("region-brown", HOME)
    assert 2000 <= milliseconds() <= 10_000


def test_nothing_is_due_and_a_step_changes_nothing(cell: Served) -> None:
    cell.world.clock.advance(100, cell.application.step)
    assert not cell.databases.rows
    assert not cell.objects.kept
    assert not cell.world.events


def test_pages_and_numbers_are_bounded_as_the_service_bounds_them() -> None:
    assert (served.PAGE, served._NUMBER.pattern) == (application._PAGE, application._NUMBER.pattern)


def test_a_load_balancers_name_tells_its_region() -> None:
    assert HOME == region_of(f"Medical-us-use2-edge-1.{HOME}.elb.amazonaws.com.")
    assert "" == region_of("us.app.example.com")
