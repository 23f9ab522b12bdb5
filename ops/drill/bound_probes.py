"""Each probe of the vocabulary, bound to a run: which clients it is given, and which target.

Owns: the binding alone. Does not own: what a probe asks (`ops.drill.probes`), nor its name (`ops.drill.catalog`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ops.drill import arguments as read
from ops.drill import readiness
from ops.drill.context import Context, Try, other, stem
from ops.drill.model import Arguments, Observation
from ops.drill.probes import database, declared, fleet, journeys, lag, routing, users
from ops.drill.site import UnreachableError


def markers_flow(context: Context, given: Arguments) -> Observation:
    """The client's markers, lately."""
    count = read.whole(given, "count")
    return users.markers_flow(context.traffic.tries, context.site.now(), context.plan.marker_seconds, count)


def home_lost(context: Context, given: Arguments) -> Observation:
    """The client's tries at home."""
    home = context.manifest.home.load_balancer
    return users.home_lost(context.traffic.tries, home, read.whole(given, "failures"))


def users_read(context: Context, given: Arguments) -> Observation:
    """The client's last read."""
    return _served(context, given, write=False)


def users_write(context: Context, given: Arguments) -> Observation:
    """The client's last marker."""
    return _served(context, given, write=True)


def drained(context: Context, given: Arguments) -> Observation:
    """The markers that a side takes no more."""
    seconds = read.whole(given, "seconds")
    return users.drained(context.traffic.tries, context.site.now(), read.side(given), seconds)


def decided(context: Context, given: Arguments) -> Observation:
    """On AWS, whether a person has; in the local cloud, whether the time that this is assumed to take has passed."""
    if not context.plan.simulated:
        return Observation(holds=context.marks.decided, text="decided" if context.marks.decided else "not decided yet")
    return passed(context, given)


def passed(context: Context, given: Arguments) -> Observation:
    """The time since the step under way was begun."""
    began, seconds = context.marks.began(context.marks.current), read.whole(given, "seconds")
    if began is None:
        return Observation(holds=None, text="no step is under way to count from")
    gone = context.site.now() - began
    return Observation(
        holds=gone >= timedelta(seconds=seconds), text=f"{min(gone.total_seconds(), seconds):.0f} of {seconds} s"
    )


def acted(context: Context, given: Arguments) -> Observation:
    """Whether the call of a step was taken."""
    step = read.text(given, "step")
    taken = context.marks.acted(step)
    return Observation(holds=taken, text=f"the call of {step} was {'' if taken else 'not '}taken")


def switch(context: Context, given: Arguments) -> Observation:
    """The switch's alarm."""
    found = context.manifest.switch
    return routing.switch(context.site.client("cloudwatch", found.region), found, on=read.flag(given, "on"))


def alarm(context: Context, given: Arguments) -> Observation:
    """An alarm of a side."""
    cloudwatch = context.client("cloudwatch", read.side(given))
    return routing.alarm(cloudwatch, read.text(given, "name_part"), read.text(given, "state"))


def fenced(context: Context, given: Arguments) -> Observation:
    """A side's fence, as RDS and as the side's service see it."""
    side = read.side(given)
    seen = database.fenced(context.client("rds", side), context.database(side))
    if not seen.holds:
        return seen
    try:
        service = routing.read_only(context.site, context.manifest.side(side).load_balancer)
    except UnreachableError as error:
        raise UnreachableError(f"{seen.text}, but what its service sees is not known: {error}") from error
    text = f"{seen.text}; {service.text}"
    return Observation(holds=service.holds, text=text, values={**seen.values, **service.values})


def caught_up(context: Context, given: Arguments) -> Observation:
    """A fenced source's replica, which has the last row that a user was acknowledged.

    A lag of zero says that nothing received is left to apply. The row says that everything was received: the log is
    in order, so what was written before it has come too.
    """
    side = read.side(given)
    after = context.marks.ended(read.text(given, "after"))
    cloudwatch, identifier = context.client("cloudwatch", side), context.database(side).identifier
    found = lag.caught_up(cloudwatch, identifier, context.site.now(), after)
    if not found.holds:
        return found
    last = users.last_row(context.traffic.acknowledged())
    there = users.ask(context.site, context.manifest.side(side).load_balancer, context.run)
    return users.row_arrived(there, context.run, last, found)


def received_applied(context: Context, given: Arguments) -> Observation:
    """A lost source's replica."""
    side = read.side(given)
    cloudwatch, identifier = context.client("cloudwatch", side), context.database(side).identifier
    return lag.received_applied(cloudwatch, identifier, context.site.now(), context.marks.fault_at)


def replica_standing(context: Context, given: Arguments) -> Observation:
    """A side's replica, whole."""
    side = read.side(given)
    source = context.database(other(side)).identifier
    return database.standing(context.client("rds", side), context.client("ec2", side), context.database(side), source)


def replica_follows(context: Context, given: Arguments) -> Observation:
    """A side's replica of a generation."""
    side = read.side(given)
    wanted = context.database(side, read.whole(given, "generation"))
    source = context.database(other(side)).identifier
    rds, cloudwatch = context.client("rds", side), context.client("cloudwatch", side)
    return database.follows(rds, cloudwatch, wanted, source, context.site.now())


def may_promote(context: Context, given: Arguments) -> Observation:
    """A side's replica, before its promotion."""
    side = read.side(given)
    return database.may_promote(context.client("rds", side), context.database(side).identifier)


def promoted(context: Context, given: Arguments) -> Observation:
    """A side's replica, after its promotion."""
    side = read.side(given)
    source = stem(context.database(other(side)))
    rds, elsewhere = context.client("rds", side), context.client("rds", other(side))
    return database.promoted(rds, elsewhere, context.database(side).identifier, source)


def one_writer(context: Context, _: Arguments) -> Observation:
    """Exactly one primary that takes writes, of those that can be reached."""
    return _writers(context, (1,))


def at_most_one_writer(context: Context, _: Arguments) -> Observation:
    """No more than one."""
    return _writers(context, (0, 1))


def desired(context: Context, given: Arguments) -> Observation:
    """What a side's group is told to be."""
    side = read.side(given)
    group = context.manifest.side(side).fleet.autoscaling_group
    return fleet.desired(context.client("autoscaling", side), group, read.whole(given, "count"))


def in_service(context: Context, given: Arguments) -> Observation:
    """What of a side's group serves."""
    side = read.side(given)
    place = context.manifest.side(side)
    autoscaling, elb = context.client("autoscaling", side), context.client("elbv2", side)
    group, count = place.fleet.autoscaling_group, read.whole(given, "count")
    return fleet.in_service(autoscaling, elb, group, place.target_group, count)


def ready(context: Context, given: Arguments) -> Observation:
    """A side's service, asked at its load balancer."""
    return routing.ready(context.site, context.manifest.side(read.side(given)).load_balancer)


def recovery_answers(context: Context, _: Arguments) -> Observation:
    """The API of the recovery region."""
    return routing.answers(context.client("rds", "recovery"), context.database("recovery").identifier)


def home_answers(context: Context, _: Arguments) -> Observation:
    """The API of the home region."""
    return routing.answers(context.client("rds", "home"), context.database("home").identifier)


def lock_held(context: Context, _: Arguments) -> Observation:
    """The drill's lock."""
    return context.lock.held() if context.lock else Observation(holds=None, text="this run keeps no lock")


def markers_found(context: Context, given: Arguments) -> Observation:
    """The run's markers at a side."""
    acknowledged = _acknowledged(context, read.text(given, "of"))
    if acknowledged is None:
        return Observation(holds=None, text="the loss has not been seen, so nothing is before or after it")
    found = users.ask(context.site, context.manifest.side(read.side(given)).load_balancer, context.run)
    return users.markers_found(found, context.run, acknowledged, read.whole(given, "most_seconds"))


def stores_agree(context: Context, given: Arguments) -> Observation:
    """The markers of this run, or of the one named, at both sides."""
    run = read.text(given, "run") if "run" in given else context.run
    home, recovery = (users.ask(context.site, context.manifest.side(side).load_balancer, run) for side in read.SIDES)
    return users.stores_agree(home, recovery, context.traffic.tries if run == context.run else ())


def journeys_walked(context: Context, given: Arguments) -> Observation:
    """The canaries of the side that serves now, since it took the first write of a user."""
    side = read.side(given)
    found = journeys.place(context.client("cloudwatch", side), context.manifest, side)
    wrote = next((seen.at for seen in context.traffic.acknowledged() if seen.side == side), None)
    return journeys.walked(found, wrote, context.site.now())


def manifest_current(context: Context, _: Arguments) -> Observation:
    """The manifest in recovery, against the plan's."""
    return declared.manifest_current(context.client("ssm", "recovery"), context.plan.cell, context.plan.manifest)


def declared_(context: Context, given: Arguments) -> Observation:
    """The stack's file, and the next update."""
    return declared.declared(context.plan.cell, context.folder, read.state(given), context.foresight)


def parity(context: Context, given: Arguments) -> Observation:
    """One of the readiness checks; with `holds` false, whether it finds what it is for."""
    name = read.text(given, "check")
    if name not in readiness.CHECKS:
        raise read.ArgumentError(f"{name!r} is no check; choose one of {', '.join(readiness.CHECKS)}")
    seen = readiness.check(name, context)
    wanted = read.flag(given, "holds") if "holds" in given else True
    return seen if seen.holds is None else seen.model_copy(update={"holds": seen.holds is wanted})


def _served(context: Context, given: Arguments, *, write: bool) -> Observation:
    now, every = context.site.now(), context.plan.marker_seconds
    return users.served(context.traffic.tries, now, every, read.side(given), write=write)


def _writers(context: Context, right: tuple[int, ...]) -> Observation:
    clients: dict[str, Any] = {side: context.client("rds", side) for side in read.SIDES}
    stems: dict[str, str] = {side: stem(context.manifest.side(side).database) for side in read.SIDES}
    found, silent = database.writers(clients, stems)
    text = f"{', '.join(found) or 'no database'} can be written to"
    if silent:
        text += f"; {', '.join(silent)} does not answer"
    values = {"writers": len(found), "sides_silent": len(silent)}
    return Observation(holds=len(found) in right, text=text, values=values)


def _acknowledged(context: Context, of: str) -> list[Try] | None:
    at = context.marks.fault_at
    if of == "all":
        return list(context.traffic.acknowledged())
    if of not in {"before", "after"}:
        raise read.ArgumentError(f"of is {of!r}; give before, after or all")
    if at is None:
        return None
    return list(context.traffic.acknowledged(until=at) if of == "before" else context.traffic.acknowledged(since=at))
