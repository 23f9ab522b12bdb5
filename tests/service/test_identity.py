"""Who is taken for a drill, by an AWS STS that checks signatures."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from service import claim, sts
from service.claim import Claim
from service.config import Drill
from service.failures import Failure, Reason
from service.identity import AT_A_TIME, Ask, Identity, Verdict
from tests.service import drills
from tests.service.drills import ACCOUNT, CELL, DRILL, OTHER_REGION, OTHERS, ROLE_NAME, Answer, Sts, encoded, said, url
from tests.service.servers import REGION

REGIONS = (REGION, OTHER_REGION)
WHO = Drill(account_id=ACCOUNT, role_name=ROLE_NAME, regions=REGIONS)


@pytest.fixture
def asks(sts: Sts, monkeypatch: pytest.MonkeyPatch) -> Sts:
    """STS, found where this process looks for it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.endpoint)
    return sts


def judged(*headers: str | None, cell: str = CELL, ask: Ask = sts.caller) -> list[Verdict]:
    """What headers are worth to one service, one after the other."""

    async def judge() -> list[Verdict]:
        identity = Identity(cell, WHO, ask)
        try:
            return [await identity.judge(header) for header in headers]
        finally:
            identity.close()

    return asyncio.run(judge())


def nobody(claimed: Claim, cell: str) -> str:
    raise AssertionError(f"STS was asked: {claimed}, {cell}")


@pytest.mark.parametrize("region", REGIONS)
def test_the_drills_role_is_admitted_by_the_sts_of_either_side(region: str, asks: Sts) -> None:
    assert [Verdict.ADMITTED] == judged(drills.header(region=region))
    assert 1 == len(asks.asked)


@pytest.mark.parametrize("who", OTHERS.values(), ids=OTHERS)
def test_everybody_else_is_refused(who: drills.Person, asks: Sts) -> None:
    assert [Verdict.REFUSED] == judged(drills.header(who))
    assert 1 == len(asks.asked)


def test_an_identity_for_another_cell_is_refused(asks: Sts) -> None:
    assert [Verdict.REFUSED] == judged(drills.header(cell="eu"))
    assert [Verdict.ADMITTED] == judged(drills.header(cell="eu"), cell="eu")
    assert 2 == len(asks.asked)


@pytest.mark.parametrize("header", [None, "", "nonsense", encoded("https://169.254.169.254/latest/meta-data/")])
def test_what_is_no_claim_is_not_even_asked_about(header: str | None) -> None:
    assert [Verdict.UNKNOWN] == judged(header, ask=nobody)


def test_an_identity_that_was_signed_for_no_cell_is_not_even_asked_about(asks: Sts) -> None:
    assert [Verdict.UNKNOWN] == judged(drills.header(cell=None))
    assert [] == asks.asked


def test_a_signature_over_anything_else_is_refused(asks: Sts) -> None:
    made = url()
    forged = made.replace("X-Amz-Expires=60", "X-Amz-Expires=61")
    assert made != forged
    assert [Verdict.REFUSED, Verdict.ADMITTED] == judged(encoded(forged), encoded(made))
    assert 2 == len(asks.asked)


def test_a_yes_is_remembered_and_a_no_is_not(asks: Sts) -> None:
    good, bad = drills.header(), drills.header(OTHERS["a user"])
    assert [Verdict.ADMITTED] * 3 == judged(good, good, good)
    assert 1 == len(asks.asked)
    assert [Verdict.REFUSED] * 2 == judged(bad, bad)
    assert 3 == len(asks.asked)


def test_a_yes_ends_with_the_url_and_after_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    def admitted_after(seconds: int, life: int) -> int:
        now = 1000.0
        asked: list[Claim] = []

        def ask(claimed: Claim, _: str) -> str:
            asked.append(claimed)
            return DRILL.arn

        async def twice() -> None:
            nonlocal now
            identity, header = Identity(CELL, WHO, ask), drills.header(seconds=life)
            assert Verdict.ADMITTED == await identity.judge(header)
            now += seconds
            assert Verdict.ADMITTED == await identity.judge(header)
            identity.close()

        with monkeypatch.context() as patch:
            patch.setattr("service.identity.time.monotonic", lambda: now)
            asyncio.run(twice())
        return len(asked)

    assert 1 == admitted_after(58, life=900)
    assert 2 == admitted_after(61, life=900), "a minute at most"
    assert 1 == admitted_after(8, life=10)
    assert 2 == admitted_after(11, life=10), "no longer than the URL itself"


def test_a_url_that_has_ended_is_refused_without_a_question() -> None:
    past = url().replace("X-Amz-Date=2", "X-Amz-Date=1")
    assert [Verdict.REFUSED] == judged(encoded(past), ask=nobody)


NOES: dict[str, Callable[[], Answer]] = {
    "a signature that is none": lambda: (403, b'{"Error": {"Code": "SignatureDoesNotMatch"}}', {}),
    "credentials that have ended": lambda: (403, b'{"Error": {"Code": "ExpiredToken"}}', {}),
    "a no without a word": lambda: (403, b"", {}),
    "a no nested without end": lambda: (400, b"[" * 20_000, {}),
    "an ARN with more behind it": lambda: (200, said(f"{DRILL.arn}/more"), {}),
}
UNCLEAR: dict[str, Callable[[], Answer]] = {
    "an error of its own": lambda: (500, said(DRILL.arn), {}),
    "too many questions": lambda: (400, b'{"Error": {"Code": "Throttling"}}', {}),
    "too many questions, by its status": lambda: (429, b"", {}),
    "a redirect": lambda: (302, said(DRILL.arn), {"Location": "http://169.254.169.254/latest/meta-data/"}),
    "no JSON": lambda: (200, b"<GetCallerIdentityResponse/>", {}),
    "other JSON": lambda: (200, b'{"Arn": "x"}', {}),
    "a list": lambda: (200, b"[]", {}),
    "nothing": lambda: (200, b"", {}),
    "JSON without end": lambda: (200, b"[" * 20_000, {}),
    "an ARN that is none": lambda: (200, said(DRILL.arn).replace(b'"arn:', b'7, "x": "arn:'), {}),
}


@pytest.mark.parametrize("answer", NOES.values(), ids=NOES)
def test_a_word_against_the_claim_is_a_no(answer: Callable[[], Answer], asks: Sts) -> None:
    asks.instead = answer
    assert [Verdict.REFUSED] == judged(drills.header())


@pytest.mark.parametrize("answer", UNCLEAR.values(), ids=UNCLEAR)
def test_whatever_is_neither_yes_nor_no_lets_nobody_in_and_may_be_asked_again(
    answer: Callable[[], Answer], asks: Sts
) -> None:
    asks.instead = answer
    header = drills.header()
    assert [Verdict.UNCHECKED] == judged(header)
    assert 1 == len(asks.asked), "no redirect is followed"
    asks.instead = None
    assert [Verdict.ADMITTED] == judged(header)


def test_an_sts_that_is_away_is_no_word_about_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    assert [Verdict.UNCHECKED] == judged(drills.header())


def test_an_sts_that_hangs_is_waited_for_two_seconds_at_most(asks: Sts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2.0 == sts.SECONDS
    release = threading.Event()
    asks.instead = lambda: (200 if release.wait(5) else 500, b"", {})
    monkeypatch.setattr(sts, "SECONDS", 0.05)
    claimed = claim.read(drills.header(), REGIONS)
    assert claimed is not None
    with pytest.raises(Failure) as refusal:
        sts.caller(claimed, CELL)
    release.set()
    assert Reason.TIMEOUT == refusal.value.reason


def test_strangers_cannot_make_the_service_ask_without_end() -> None:
    release = threading.Event()
    asked: list[Claim] = []

    def hang(claimed: Claim, _: str) -> str:
        asked.append(claimed)
        release.wait(5)
        return OTHERS["a user"].arn

    async def flood() -> list[Verdict]:
        identity = Identity(CELL, WHO, hang)
        tasks = [asyncio.create_task(identity.judge(drills.header(seconds=60 + n))) for n in range(AT_A_TIME)]
        await asyncio.sleep(0)  # each has put its question and waits
        further = await identity.judge(drills.header(seconds=90))
        release.set()
        await asyncio.gather(*tasks)
        after = len(asked)
        await identity.judge(drills.header())
        identity.close()
        return [further] if (after, len(asked)) == (AT_A_TIME, AT_A_TIME + 1) else []

    assert [Verdict.UNCHECKED] == asyncio.run(flood()), "told so at once; and asked again as soon as there is room"
