"""What is known of CloudWatch Synthetics, and how the canaries of a side are called. Pure."""

from __future__ import annotations

from typing import Final

from domain.naming import ALARM, SYSTEM, Names

AS_OF: Final = "2026-11"
# The newest with Python and Selenium. Source: "Runtime versions using Python and Selenium Webdriver" in the CloudWatch
# user guide, read at AS_OF. It brings Python 3.12; AWS writes to accounts two months before it deprecates one.
RUNTIME: Final = "syn-python-selenium-14.0"
NAME_LIMIT: Final = 255
# What a canary's function is called begins with this, and goes on with the name, of which older guides say that only
# so many characters are taken.
FUNCTION_PREFIX: Final = "cwsyn-"
FUNCTION_NAME_CHARACTERS: Final = 21

NAMESPACE: Final = "CloudWatchSynthetics"
DIMENSION: Final = "CanaryName"
SUCCESS, DURATION = "SuccessPercent", "Duration"  # percent of a period's runs; milliseconds of a run
SUCCESS_ALARM, DURATION_ALARM = "success", "duration"

FOLDER: Final = "canaries"  # of the logs bucket, for what runs leave


def name(names: Names, journey: str) -> str:
    """The canary of `journey` on the side of `names`."""
    return names.of(journey, NAME_LIMIT)


def log_pattern(cell: str) -> str:
    """The log groups of the functions of a cell's canaries; their names end in ids that AWS draws."""
    return f"/aws/lambda/{function_pattern(cell)}"


def function_pattern(cell: str) -> str:
    """The functions of a cell's canaries, and their layers."""
    return f"{FUNCTION_PREFIX}{f'{SYSTEM}-{cell}-'[:FUNCTION_NAME_CHARACTERS]}*"


def alarm(names: Names, journey: str, which: str) -> str:
    """The alarm on a canary's success or duration, `which`."""
    return names.of(f"{journey}-{which}", ALARM)
