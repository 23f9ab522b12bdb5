"""What counts as a claim: no visitor can have the service ask anybody but the STS of its own cell's regions."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import claim
from service.claim import Claim
from tests.service import drills
from tests.service.drills import OTHER_REGION, encoded, url
from tests.service.servers import REGION

REGIONS = (REGION, OTHER_REGION)
GOOD = url()
QUERY = GOOD.partition("?")[2]
HOSTILE_URLS = {
    "empty": "",
    "no URL": "hello",
    "plain http": GOOD.replace("https://", "http://"),
    "a file": "file:///etc/passwd",
    "the metadata service": f"https://169.254.169.254/?{QUERY}",
    "a host that starts so": GOOD.replace("amazonaws.com/", "amazonaws.com.evil.example/"),
    "a host that ends so": GOOD.replace("https://sts", "https://evil.example.sts"),
    "a user in front of another host": GOOD.replace(".com/", ".com@evil.example/"),
    "a user in front of ours": GOOD.replace("https://", "https://evil@"),
    "a port": GOOD.replace(".com/", ".com:8443/"),
    "a dot behind the host": GOOD.replace(".com/", ".com./"),
    "capital letters": GOOD.replace("sts.", "STS."),
    "another service": GOOD.replace("//sts.", "//s3."),
    "the global endpoint": GOOD.replace(f"sts.{REGION}.", "sts."),
    "another cell's region": url(region="eu-central-1"),
    "signed for one region and sent to the other": GOOD.replace(f"//sts.{REGION}", f"//sts.{OTHER_REGION}"),
    "a path": GOOD.replace(".com/?", ".com/latest/?"),
    "no slash": GOOD.replace(".com/?", ".com?"),
    "a backslash": GOOD.replace(".com/?", ".com\\@evil.example/?"),
    "a fragment": f"{GOOD}#",
    "a line more": f"{GOOD}\r\nX-Evil: 1",
    "a blank": f"{GOOD} ",
    "another action": GOOD.replace("GetCallerIdentity", "AssumeRole"),
    "an action more": f"{GOOD}&RoleArn=x",
    "two actions": f"{GOOD}&Action=AssumeRole",
    "the same action twice": f"{GOOD}&Action=GetCallerIdentity",
    "an action in other letters": f"{GOOD}&action=AssumeRole",
    "an action in disguise": GOOD.replace("Action=", "%41ction="),
    "an action that is encoded": GOOD.replace("GetCallerIdentity", "%47etCallerIdentity"),
    "a plus for a blank": GOOD.replace("%2B", "+") if "%2B" in GOOD else f"{GOOD}+",
    "small hex digits": GOOD.replace("%2F", "%2f"),
    "a semicolon between fields": GOOD.replace("&Version", ";Version"),
    "an empty field": f"{GOOD}&",
    "no action": GOOD.replace("Action=GetCallerIdentity&", ""),
    "another signature version": GOOD.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    "the cell not signed": GOOD.replace("%3Bx-medical-cell", ""),
    "more headers signed": GOOD.replace("host%3B", "host%3Bx-evil%3B"),
    "a user's key, without a token": GOOD.replace("ASIA", "AKIA"),
    "a day that is none": GOOD.replace("X-Amz-Date=2026", "X-Amz-Date=0000").replace(
        "X-Amz-Date=2027", "X-Amz-Date=0000"
    ),
    "a life without end": GOOD.replace("Expires=60", "Expires=99999"),
    "no life": GOOD.replace("Expires=60", "Expires=0"),
    "a negative life": GOOD.replace("Expires=60", "Expires=-1"),
    "letters of another script": GOOD.replace("Expires=60", "Expires=" + quote("٦٠")),
    "too long": GOOD.replace("Security-Token=", "Security-Token=" + "A" * 8000),
}


def test_the_good_url_is_a_claim_in_its_region_with_its_query() -> None:
    claimed = read(GOOD)
    assert claimed is not None
    assert (REGION, f"/?{QUERY}") == (claimed.region, claimed.target)


def read(text: str) -> Claim | None:
    return claim.read(encoded(text), REGIONS)


@pytest.mark.parametrize("text", HOSTILE_URLS.values(), ids=HOSTILE_URLS)
def test_a_hostile_url_is_no_claim(text: str) -> None:
    assert text != GOOD, "the case is one"
    assert read(text) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "=",
        "a",
        "!!!!",
        GOOD,
        f" {encoded(GOOD)}",
        f"{encoded(GOOD)}\n",
        "_" * 9000,
        encoded("é" + GOOD),
        "/w==",
    ],
)
def test_what_is_not_base64url_is_no_claim(header: str) -> None:
    assert claim.read(header, REGIONS) is None


def is_safe(claimed: Claim | None) -> bool:
    """Whether a claim, if there is one, can lead to nothing but the one question in one of the cell's regions."""
    if claimed is None:
        return True
    names = sorted(pair.partition("=")[0] for pair in claimed.target.removeprefix("/?").split("&"))
    return (
        claimed.region in REGIONS
        and claimed.target.startswith("/?")
        and claimed.target.isascii()
        and claimed.target.isprintable()
        and not set(' #\\"<>@') & set(claimed.target)
        and sorted(pair.partition("=")[0] for pair in QUERY.split("&")) == names
        and "Action=GetCallerIdentity" in claimed.target.split("?")[1].split("&")
        and "X-Amz-SignedHeaders=host%3Bx-medical-cell" in claimed.target.split("&")
    )


PIECES = st.sampled_from(
    [
        *(
            "https://",
            "http://",
            "//",
            "sts.",
            REGION,
            OTHER_REGION,
            ".amazonaws.com",
            "@",
            ":",
            "/",
            "?",
            "&",
            "#",
            "\\",
        ),
        *("evil.example", "169.254.169.254", "[::1]", "Action=GetCallerIdentity", "Action=AssumeRole", "%00", "%2e"),
        *(" ", "\r\n", QUERY, GOOD, *QUERY.split("&")),
    ]
)


@settings(deadline=None)
@given(text=st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=300))
def test_no_text_leads_anywhere_but_to_the_cells_own_sts(text: str) -> None:
    assert is_safe(read(text))
    assert is_safe(claim.read(text, REGIONS))


@settings(deadline=None)
@given(data=st.data())
def test_no_change_of_a_good_url_leads_anywhere_else(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 12)))
    text = GOOD[:start] + data.draw(st.text(max_size=12) | PIECES) + GOOD[end:]
    assert is_safe(read(text))


@settings(deadline=None)
@given(header=st.binary(max_size=200).map(lambda content: content.decode("latin-1")) | st.text(max_size=200))
def test_no_header_at_all_is_an_error(header: str) -> None:
    assert is_safe(claim.read(header, REGIONS))


def test_the_check_of_safety_can_fail() -> None:
    good = read(GOOD)
    assert good is not None
    assert is_safe(good)
    assert not is_safe(Claim("eu-west-1", good.target, good.ends))
    assert not is_safe(Claim(REGION, f"{good.target}&RoleArn=x", good.ends))
    assert not is_safe(Claim(REGION, good.target.replace("GetCallerIdentity", "AssumeRole"), good.ends))


def test_a_url_says_itself_how_long_it_lives() -> None:
    minute, quarter = (claim.read(drills.header(seconds=seconds), REGIONS) for seconds in (60, 900))
    assert minute is not None
    assert quarter is not None
    assert timedelta(0) <= quarter.ends - minute.ends - timedelta(seconds=840) <= timedelta(seconds=2)
    assert claim.read(drills.header(seconds=901), REGIONS) is None, "longer than a URL may live"
