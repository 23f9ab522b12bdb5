"""Where users are led and what answers there: the switch, alarms, a side's service, and a region's API."""

from __future__ import annotations

from typing import Any, Final

from domain.manifest import Switch
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Observation
from ops.drill.site import Site, UnreachableError

DRILL: Final = "drill"
"""What the drill itself is called where it asks a load balancer: it is no user, and asks no name."""

READY_PATH: Final = "/readyz"
READY: Final = "ready"
READ_ONLY: Final = "read-only"
_READER: Final = "reader"
_ON: Final = "ALARM"
_OFF: Final = "OK"


def switch(cloudwatch: Any, found: Switch, *, on: bool) -> Observation:  # noqa: ANN401 - boto3's clients have no type
    """Whether the switch's alarm says on or off; one that has never had a value says neither."""
    alarms = call(cloudwatch, "describe_alarms", AlarmNames=[found.alarm])["MetricAlarms"]
    if not alarms:
        return Observation(holds=None, text=f"there is no alarm {found.alarm}")
    state = str(alarms[0]["StateValue"])
    holds = (state == _ON) is on if state in {_ON, _OFF} else None
    return Observation(holds=holds, text=f"{found.alarm} is {state}", values={"state": state})


def alarm(cloudwatch: Any, name_part: str, state: str) -> Observation:  # noqa: ANN401 - as above
    """Whether an alarm whose name contains `name_part` is in `state`."""
    found = pages(cloudwatch, "describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"])
    named = {item["AlarmName"]: item["StateValue"] for item in found if name_part in item["AlarmName"]}
    if not named:
        return Observation(holds=None, text=f"no alarm of {cloudwatch.meta.region_name} has {name_part!r} in its name")
    shown = ", ".join(f"{name} is {value}" for name, value in sorted(named.items()))
    return Observation(holds=state in named.values(), text=shown)


def ready(site: Site, load_balancer: str) -> Observation:
    """Whether the service behind the load balancer serves reads and writes."""
    reply = site.send(DRILL, load_balancer, "GET", READY_PATH)
    status = str(reply.body.get("status", "")) or f"HTTP {reply.status}"
    return Observation(holds=status == READY, text=f"{load_balancer} is {status}", values={"status": status})


def read_only(site: Site, load_balancer: str) -> Observation:
    """Whether the service behind the load balancer finds its database read-only.

    It is asked of the whole, and of the database alone where something else keeps the whole from being ready.
    """
    reply = site.send(DRILL, load_balancer, "GET", READY_PATH)
    status = str(reply.body.get("status", "")) or f"HTTP {reply.status}"
    checks = reply.body.get("checks")
    database = checks.get("database") if isinstance(checks, dict) else None
    role = database.get("role") if isinstance(database, dict) else None
    holds = status == READ_ONLY or role == _READER
    return Observation(holds=holds, text=f"{load_balancer} is {status}", values={"status": status})


def answers(rds: Any, identifier: str) -> Observation:  # noqa: ANN401 - as above
    """Whether the API of a region answers. What it says about the instance is another matter."""
    region = rds.meta.region_name
    try:
        call(rds, "describe_db_instances", DBInstanceIdentifier=identifier)
    except UnreachableError as error:
        return Observation(holds=False, text=str(error))
    except ActionError as error:
        return Observation(holds=True, text=f"{region} answers: {error}")
    return Observation(holds=True, text=f"{region} answers")
