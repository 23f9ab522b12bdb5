"""What is refused before the first change, and runs that are begun, broken off, resumed and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from domain import manifest as manifests
from ops.drill import approval, execute, journal, lock
from ops.drill.execute import Given, Order
from ops.drill.model import Kind, Plan, Value, Verdict
from ops.drill.plans import build
from ops.drill.ports import Equipment
from ops.drill.runs import VARIABLE, Run, Runs
from ops.drill.site import Answer, Reply, UnreachableError
from ops.refusal import RefusalError
from tests.drill.recipes import recipe
from tests.drill.tiny import Clock, KilledError, Tiny, TinyCatalog, TinyClient, judged, nothing
from tests.small_cell import SmallCell, small_cell
from tests.support import HOME, RECOVERY

LOCK = lock.parameter_name("us")
ADA = "arn:aws:iam::111122223333:user/ada"


@pytest.fixture(scope="module")
def standing() -> Iterator[SmallCell]:
    with small_cell() as found:
        yield found


@pytest.fixture
def small(standing: SmallCell) -> Iterator[SmallCell]:
    yield standing
    ssm = standing.client("ssm", RECOVERY)
    left = [found["Name"] for found in ssm.describe_parameters()["Parameters"]]
    for name in left:
        if name == LOCK or name.startswith(approval.folder("us")):
            ssm.delete_parameter(Name=name)


@dataclass
class Place:
    """The small cell's AWS, and the tiny cell's time."""

    small: SmallCell
    tiny: Tiny
    name: Literal["sandbox", "aws"] = "sandbox"
    dark: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        self.asked.append((service, region))
        if region in self.dark:
            raise UnreachableError(f"{service} in {region}: no answer")
        client = self.small.client(service, region)
        client.meta.events.register("after-call.ssm.GetParameterHistory", _written_by_ada)
        return client

    def now(self) -> datetime:
        return self.tiny.now

    def sleep(self, seconds: float) -> None:
        self.tiny.sleep(seconds)

    def resolve(self, client: str, name: str) -> Answer:
        raise UnreachableError(f"{client} asks {name}: not part of this cell")

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:
        raise UnreachableError(f"{client} {method} {address}{path} {body}: not part of this cell")

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> None:
        """Nothing: the tiny cell does it."""

    def lift(self, fault: str, region: str) -> None:
        """Nothing, as above."""

    def declare(self, settings: Mapping[str, Value]) -> str:
        return f"{dict(settings)}"


def _written_by_ada(parsed: dict[str, Any], **_more: Any) -> None:  # noqa: ANN401 - botocore's own
    """What the local cloud leaves out: who wrote each version."""
    for version in parsed.get("Parameters", []):
        version["LastModifiedUser"] = ADA


@dataclass
class Bench:
    """A plan, where it is carried out, and how."""

    place: Place
    plan: Plan
    order: Order

    @property
    def tiny(self) -> Tiny:
        return self.place.tiny

    def ssm(self) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        return self.place.small.client("ssm", RECOVERY)

    def locked(self) -> bool:
        return lock.read(self.ssm(), "us") is not None


def bench(
    small: SmallCell,
    folder: Path,
    *,
    kind: Kind = Kind.SWITCHOVER,
    site: Literal["sandbox", "aws"] = "sandbox",
    typed: str = "us",
    hook: Callable[[str], None] = nothing,
    **changes: Any,  # noqa: ANN401 - any field's value
) -> Bench:
    place = Place(small=small, tiny=Tiny(), name=site)
    plan = build(kind, recipe(manifest=small.manifest, site=site, checks=(), **changes))

    def equip(given: Given) -> Equipment:
        client = TinyClient(place.tiny, given.journal.append)
        catalog = TinyCatalog(place.tiny, client, given.marks, hook)
        return Equipment(
            catalog=catalog, client=client, time=Clock(place.tiny), sample=dict, judge=judged, decision=lambda: "ada"
        )

    order = Order(runs=Runs(folder), site=place, equip=equip, typed=typed, holder="bob")
    return Bench(place=place, plan=plan, order=order)


def refused(made: Bench, message: str) -> RefusalError:
    with pytest.raises(RefusalError, match=message) as found:
        execute.start(made.plan, made.order)
    assert [] == made.tiny.calls, "nothing was changed"
    assert [] == made.order.runs.of("us"), "and no run was begun"
    return found.value


def test_a_drill_is_run_under_its_lock_and_gives_it_back(small: SmallCell, tmp_path: Path) -> None:
    seen: list[bool] = []
    made = bench(small, tmp_path, hook=lambda where: seen.append(made.locked()) if where == "before fence" else None)
    run, ending = execute.start(made.plan, made.order)
    assert ("us-switchover-001", Verdict.PASSED) == (run.id, ending.verdict)
    assert ([True], False) == (seen, made.locked())
    assert made.plan == run.plan()
    facts = run.facts()
    assert journal.verify(run.journal).seal == facts["seal"]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in run.folder.iterdir()}
    assert "us-switchover-002" == execute.start(made.plan, made.order)[0].id


@pytest.mark.parametrize("typed", ["", "eu", "US", "us "])
def test_the_cell_is_typed_out(small: SmallCell, tmp_path: Path, typed: str) -> None:
    made = bench(small, tmp_path, typed=typed)
    assert "us" in refused(made, "add --execute us").message
    assert [] == made.place.asked, "nobody was asked before"


def test_another_account_is_refused(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    made.plan = made.plan.model_copy(update={"account_id": "999988887777"})
    refused(made, "credentials are of account 111122223333, and cell us is in 999988887777")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": "eu"}, "says cell eu, and the plan says us"),
        ({"home": {"region": "us-east-1"}}, "says home region us-east-1"),
        ({"account_id": "999988887777"}, "says account 999988887777"),
        ({"release": {"key": "next.zip"}}, "has changed since the plan was made: make a new plan"),
        ({"writer": "recovery"}, "has changed since"),
    ],
)
def test_a_foreign_or_stale_manifest_is_refused(
    small: SmallCell, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    made = bench(small, tmp_path)
    content = small.manifest.model_dump(mode="json", exclude={"schema_version"})
    for key, value in changes.items():
        content[key] = {**content[key], **value} if isinstance(value, dict) else value
    with kept(made, manifests.write(content)):
        refused(made, message)


@contextmanager
def kept(made: Bench, text: str) -> Generator[None]:
    """The manifest in recovery says `text` until the block ends."""
    ssm, name = made.ssm(), manifests.parameter_name("us")
    before = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    ssm.put_parameter(Name=name, Value=text, Type=before["Type"], Overwrite=True)
    yield
    ssm.put_parameter(Name=name, Value=before["Value"], Type=before["Type"], Overwrite=True)


def test_what_is_no_manifest_is_refused(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    with kept(made, "{}"):
        refused(made, "no manifest of version 1")


def test_a_manifest_that_the_databases_contradict_is_refused(small: SmallCell, tmp_path: Path) -> None:
    content = small.manifest.model_dump(mode="json", exclude={"schema_version"})
    text = manifests.write({**content, "writer": "recovery"})
    moved = SmallCell(account=small.account, manifest=manifests.read(text), session=small.session)
    made = bench(moved, tmp_path, kind=Kind.FAILBACK)
    with kept(made, text):
        refused(made, "replicates .* and the manifest says that recovery writes: it is older than the truth")


def test_a_failover_asks_home_for_nothing_and_a_switchover_needs_it(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path, kind=Kind.FAILOVER)
    made.place.dark.add(HOME)
    _run, ending = execute.start(made.plan, made.order)
    assert Verdict.PASSED is ending.verdict
    planned = bench(small, tmp_path / "planned")
    planned.place.dark.add(HOME)
    refused(planned, "no answer; nothing was changed")


def test_without_its_recovery_region_no_drill_is_begun(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path, kind=Kind.FAILOVER)
    made.place.dark.add(RECOVERY)
    refused(made, "nothing was changed: try again when it answers")


def test_whoever_may_not_do_all_of_the_plan_is_refused(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    made.order = replace(made.order, forbidden=lambda plan, _manifest: f"{plan.cell}: grant rds:PromoteReadReplica")
    refused(made, "us: grant rds:PromoteReadReplica")


def test_a_cell_that_another_drill_holds_is_refused(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    lock.take(made.ssm(), "us", "us-failover-007", "ada", made.tiny.now)
    refused(made, "us-failover-007 of ada is running")


def test_two_commands_of_one_machine_do_not_work_on_one_cell(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    with made.order.runs.locked("us"):
        refused(made, "another command of this machine")
    assert execute.start(made.plan, made.order)


def test_on_aws_a_plan_needs_a_second_persons_approval(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path, site="aws", decision_seconds=300)
    refused(made, "is not approved")
    now = datetime.now(made.tiny.now.tzinfo)
    made.tiny.now = now
    expires = now.replace(microsecond=0).replace(year=now.year + 1)
    name, text = approval.parameter_name("us", made.plan.hash), approval.text(made.plan.hash, expires)
    made.ssm().put_parameter(Name=name, Value=text, Type="String")
    refused(made, "within 7 days")


def test_an_approved_plan_is_carried_out_on_aws_and_its_journal_names_the_approver(
    small: SmallCell, tmp_path: Path
) -> None:
    made = bench(small, tmp_path, site="aws")
    text = approval.text(made.plan.hash, made.tiny.now + timedelta(hours=4))
    made.ssm().put_parameter(Name=approval.parameter_name("us", made.plan.hash), Value=text, Type="String")
    run, ending = execute.start(made.plan, made.order)
    begun = journal.verify(run.journal).entries[0]["data"]
    assert (Verdict.PASSED, [ADA]) == (ending.verdict, [found["by"] for found in begun["approvals"]])
    decided = [entry["data"] for entry in journal.verify(run.journal).entries if entry["kind"] == "decided"]
    assert [{"by": "ada"}] == decided


def test_a_plan_for_aws_is_not_carried_out_elsewhere(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path, site="aws")
    made.place.name = "sandbox"
    refused(made, "the plan is for aws")


def broken_off(small: SmallCell, folder: Path, place: str) -> tuple[Bench, Run]:
    """A switchover that was killed at a place, and its run."""
    dead: list[str] = []

    def kill(where: str) -> None:
        if where == place and not dead:
            dead.append(where)
            raise KilledError(where)

    made = bench(small, folder, hook=kill)
    with pytest.raises(KilledError):
        execute.start(made.plan, made.order)
    (run,) = made.order.runs.of("us")
    return made, run


@pytest.mark.parametrize(
    "place", ["before fence", "after fence", "before promote", "after promote", "after turn-switch"]
)
def test_a_run_that_was_broken_off_keeps_its_lock_and_is_resumed(small: SmallCell, tmp_path: Path, place: str) -> None:
    made, run = broken_off(small, tmp_path, place)
    assert made.locked()
    with pytest.raises(RefusalError, match=f"drill resume {run.id}"):
        execute.start(made.plan, made.order)
    assert Verdict.PASSED is execute.resume(run, made.order).verdict
    assert (["recovery"], False) == (made.tiny.writers, made.locked())
    assert journal.verify(run.journal, run.facts()["seal"]).complete
    with pytest.raises(RefusalError, match="has ended PASSED"):
        execute.resume(run, made.order)


@pytest.mark.parametrize("place", ["before fence", "after fence"])
def test_a_run_is_taken_back_in_reverse_order(small: SmallCell, tmp_path: Path, place: str) -> None:
    made, run = broken_off(small, tmp_path, place)
    found = execute.abort(run, made.order)
    assert ("fence-home", "grow") == found.done
    assert (["home"], set(), None, False) == (
        made.tiny.writers,
        made.tiny.fenced,
        made.tiny.grown_at,
        made.locked(),
    )
    assert journal.verify(run.journal).complete
    for again in (execute.abort, execute.resume):
        with pytest.raises(RefusalError, match="was aborted"):
            again(run, made.order)


@pytest.mark.parametrize(("place", "sure"), [("before promote", "may have been"), ("after turn-switch", "was")])
def test_nothing_is_taken_back_past_the_point_of_no_return(
    small: SmallCell, tmp_path: Path, place: str, sure: str
) -> None:
    made, run = broken_off(small, tmp_path, place)
    before = list(made.tiny.calls)
    with pytest.raises(RefusalError, match=f"promote {sure} done.*drill resume {run.id}.*run failback"):
        execute.abort(run, made.order)
    assert before == made.tiny.calls


def test_resuming_and_taking_back_need_the_cell_typed_out_too(small: SmallCell, tmp_path: Path) -> None:
    made, run = broken_off(small, tmp_path, "after fence")
    order = replace(made.order, typed="")
    for command in (execute.resume, execute.abort):
        with pytest.raises(RefusalError, match="add --execute us"):
            command(run, order)


def test_runs_are_found_by_name_and_a_wrong_one_is_refused(small: SmallCell, tmp_path: Path) -> None:
    made = bench(small, tmp_path)
    run, _ending = execute.start(made.plan, made.order)
    assert (run, ["us"]) == (made.order.runs.find(run.id), made.order.runs.cells())
    with pytest.raises(RefusalError, match="cell us has us-switchover-001"):
        made.order.runs.find("us-failover-009")
    for name in ("nonsense", "../us-failover-001", "us-failover-1", ""):
        with pytest.raises(RefusalError, match="is no run"):
            made.order.runs.find(name)
    (run.folder / "plan.json").write_text(json.dumps({"kind": "failover"}))
    with pytest.raises(RefusalError, match="is no plan"):
        run.plan()


def test_the_environment_names_the_folder_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert tmp_path == Runs().folder
    monkeypatch.delenv(VARIABLE)
    assert ".drills" == Runs().folder.name
