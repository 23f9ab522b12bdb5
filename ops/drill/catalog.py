"""The probes and actions that plans name, with the calls that each makes.

Owns: names, calls and reversals. Does not own: what they do; see `ops.drill.probes`, `ops.drill.actions`, and what
binds both to a run. Calls are written as IAM's permissions; what asks the application makes no call of AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from ops.drill import bound_actions, bound_probes, readiness
from ops.drill.arguments import ArgumentError
from ops.drill.calls import ActionError
from ops.drill.context import Context
from ops.drill.model import Action, Arguments, Condition, Observation
from ops.drill.site import SiteError

__all__ = [
    "ACTIONS",
    "CALLS",
    "PROBES",
    "ActionEntry",
    "ActionError",
    "Bound",
    "Context",
    "ProbeEntry",
    "act",
    "observe",
]

Ask: TypeAlias = Callable[[Context, Arguments], Observation]
Do: TypeAlias = Callable[[Context, Arguments], str]

_DESCRIBE: Final = "rds:DescribeDBInstances"
_PARAMETERS: Final = "rds:DescribeDBParameters"
_GROUPS: Final = "autoscaling:DescribeAutoScalingGroups"
_LAG: Final = "cloudwatch:GetMetricStatistics"
_ALARMS: Final = "cloudwatch:DescribeAlarms"


@dataclass(frozen=True, kw_only=True)
class ProbeEntry:
    """A probe: what it sees, and the calls that it makes."""

    text: str
    ask: Ask
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ActionEntry:
    """An action: what it does, the calls that it makes, and the action that undoes it; empty if nothing does."""

    text: str
    do: Do
    calls: tuple[str, ...] = ()
    reversal: str = ""


def _probe(text: str, ask: Ask, *calls: str) -> ProbeEntry:
    return ProbeEntry(text=text, ask=ask, calls=calls)


def _action(text: str, do: Do, *calls: str, reversal: str = "") -> ActionEntry:
    return ActionEntry(text=text, do=do, calls=calls, reversal=reversal)


_OF_PARITY: Final = tuple(dict.fromkeys(call for check in readiness.CHECKS.values() for call in check.calls))

PROBES: Final[Mapping[str, ProbeEntry]] = MappingProxyType(
    {
        "markers-flow": _probe("markers are acknowledged as row and object", bound_probes.markers_flow),
        "home-lost": _probe("the client's last tries at home failed", bound_probes.home_lost),
        "users-read": _probe("the client is read for by a side", bound_probes.users_read),
        "users-write": _probe("the client's marker is taken by a side", bound_probes.users_write),
        "drained": _probe("a side takes no more markers", bound_probes.drained),
        "decided": _probe("somebody has decided", bound_probes.decided),
        "passed": _probe("the step has lasted so long", bound_probes.passed),
        "acted": _probe("the step's call was taken", bound_probes.acted),
        "switch": _probe("the switch is on, or off", bound_probes.switch, _ALARMS),
        "alarm": _probe("an alarm of a side is in a state", bound_probes.alarm, _ALARMS),
        "fenced": _probe("a side's database takes no writes", bound_probes.fenced, _DESCRIBE, _PARAMETERS),
        "caught-up": _probe("the replica of a fenced source lacks nothing", bound_probes.caught_up, _LAG),
        "received-applied": _probe("the replica of a lost source has all it got", bound_probes.received_applied, _LAG),
        "replica-standing": _probe(
            "a replica could become a whole writer",
            bound_probes.replica_standing,
            _DESCRIBE,
            "ec2:DescribeSecurityGroups",
        ),
        "replica-follows": _probe("a side's replica follows", bound_probes.replica_follows, _DESCRIBE, _LAG),
        "may-promote": _probe("RDS would promote the replica now", bound_probes.may_promote, _DESCRIBE),
        "promoted": _probe("the replica has become a primary", bound_probes.promoted, _DESCRIBE),
        "one-writer": _probe("exactly one database takes writes", bound_probes.one_writer, _DESCRIBE, _PARAMETERS),
        "at-most-one-writer": _probe(
            "no two databases take writes", bound_probes.at_most_one_writer, _DESCRIBE, _PARAMETERS
        ),
        "desired": _probe("a group is told to be so large", bound_probes.desired, _GROUPS),
        "in-service": _probe(
            "so many instances serve",
            bound_probes.in_service,
            _GROUPS,
            "autoscaling:DescribeScalingActivities",
            "elasticloadbalancing:DescribeTargetHealth",
        ),
        "ready": _probe("a side serves reads and writes", bound_probes.ready),
        "recovery-answers": _probe("recovery's API answers", bound_probes.recovery_answers, _DESCRIBE),
        "home-answers": _probe("home's API answers", bound_probes.home_answers, _DESCRIBE),
        "lock-held": _probe("the lock is this run's", bound_probes.lock_held, "ssm:GetParameter"),
        "markers-found": _probe("acknowledged markers are found at a side", bound_probes.markers_found),
        "stores-agree": _probe("both sides have the same markers", bound_probes.stores_agree),
        "journeys-walked": _probe("each journey's canary has walked it again", bound_probes.journeys_walked, _LAG),
        "manifest-current": _probe("the manifest is the plan's", bound_probes.manifest_current, "ssm:GetParameter"),
        "declared": _probe("the stack's file is true, and the next update safe", bound_probes.declared_),
        "parity": _probe("recovery has what home has", bound_probes.parity, *_OF_PARITY),
    }
)

ACTIONS: Final[Mapping[str, ActionEntry]] = MappingProxyType(
    {
        "inject": _action("make a fault happen", bound_actions.inject, reversal="lift"),
        "lift": _action("end a fault", bound_actions.lift, reversal="inject"),
        "turn-switch": _action(
            "lead users to recovery, or home",
            bound_actions.turn_switch,
            "cloudwatch:PutMetricData",
            reversal="turn-switch",
        ),
        "fence": _action(
            "let nobody write at a side", bound_actions.fence, "rds:ModifyDBParameterGroup", reversal="unfence"
        ),
        "unfence": _action(
            "take the fence away", bound_actions.unfence, "rds:ModifyDBParameterGroup", reversal="fence"
        ),
        "promote": _action(
            "make a replica a primary; the way back is a failback",
            bound_actions.promote,
            _DESCRIBE,
            "rds:PromoteReadReplica",
        ),
        "grow": _action(
            "have more instances", bound_actions.grow, _GROUPS, "autoscaling:UpdateAutoScalingGroup", reversal="shrink"
        ),
        "shrink": _action(
            "have fewer instances", bound_actions.shrink, _GROUPS, "autoscaling:UpdateAutoScalingGroup", reversal="grow"
        ),
        "declare": _action("have the program declare a state", bound_actions.declare_),
        "write-config": _action("write a state into the stack's file", bound_actions.write_config),
    }
)

CALLS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: entry.calls for name, entry in (*PROBES.items(), *ACTIONS.items())}
)
"""The calls of each probe and action, by name: what plans copy into their steps."""


def observe(condition: Condition, context: Context) -> Observation:
    """What the probe of `condition` sees. A question that AWS refuses has no data for an answer.

    Raises:
        UnreachableError: whom it asks did not answer.
        ArgumentError: there is no such probe, or its arguments are not what it takes.
    """
    entry = PROBES.get(condition.probe)
    if entry is None:
        raise ArgumentError(f"{condition.probe!r} is no probe; choose one of {', '.join(PROBES)}")
    try:
        return entry.ask(context, condition.arguments)
    except ActionError as error:
        return Observation(holds=None, text=str(error))


def act(action: Action, context: Context) -> str:
    """Carry out `action`, and say what was done.

    Raises:
        UnreachableError: whom it tells did not answer; the call may have been taken all the same.
        ActionError: it was refused; the message says by what rule, and what to do.
        ArgumentError: there is no such action, or its arguments are not what it takes.
    """
    entry = ACTIONS.get(action.name)
    if entry is None:
        raise ArgumentError(f"{action.name!r} is no action; choose one of {', '.join(ACTIONS)}")
    try:
        return entry.do(context, action.arguments)
    except SiteError as error:
        raise ActionError(str(error)) from error


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The catalog of one run."""

    context: Context

    def observe(self, condition: Condition) -> Observation:
        """As the function."""
        return observe(condition, self.context)

    def act(self, action: Action) -> str:
        """As the function."""
        return act(action, self.context)
