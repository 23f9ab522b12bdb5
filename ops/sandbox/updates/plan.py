"""What an update of a standing cell would do, told by one run of the program, before anything is changed.

Owns: what is compared with what, the outputs that the program is given for what is not there yet, and the refusal of
what would lose a database. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from domain import replacement
from ops.engine.record import Registration, Request, reveal
from ops.engine.synthetic import text_outputs
from ops.sandbox.creator import Missing, Values, fill
from ops.sandbox.refusals import WorldError
from ops.sandbox.updates.updaters import DATABASE, UPDATERS

_SOURCE: Final = "replicateSourceDb"
_PROVIDER: Final = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A resource of the next state. `before` is what stands of it, and `changed` are the inputs that differ.

    `marks` stand in the inputs of others for outputs that a new resource will have, by output (`id` for its id).
    """

    request: Request
    before: Registration | None
    changed: frozenset[str] = frozenset()
    marks: Mapping[str, str]


class Planning:
    """The engine's backend that answers from the record of what stands, and keeps what would be done as steps."""

    unknown_outputs = False

    def __init__(self, standing: Mapping[str, Registration]) -> None:
        """Compare with what is `standing`, by URN."""
        self.steps: list[Step] = []
        self._standing = standing
        self._places = {urn: place(item) for urn, item in standing.items() if item.type.startswith(_PROVIDER)}

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """The id and outputs that `request` has, will have, or, as marks, may have."""
        before = self._standing.get(request.urn)
        if before is None:
            marks = self._marks(request)
            self.steps.append(Step(request=request, before=None, marks=marks))
            return marks["id"], {**marks, **request.inputs}
        changed = frozenset(_differing(before, request))
        self.steps.append(Step(request=request, before=before, changed=changed, marks={}))
        return foretold(before, request, changed, self._places.get(request.provider, {}))

    def refuse_losses(self) -> None:
        """Refuse the update if it would replace or delete a database, or make one empty.

        Raises:
            WorldError: naming the first such database.
        """
        found = next(self._losses(), "")
        if found:
            raise WorldError(f"{found}; nothing was changed: set writer and generations as the cell's state asks for")

    def _losses(self) -> Iterator[str]:
        declared = {step.request.urn for step in self.steps}
        for urn, item in self._standing.items():
            if item.type == DATABASE and urn not in declared:
                yield f"the update would delete the database {item.name}"
        for step in self.steps:
            if step.request.type != DATABASE:
                continue
            name = step.request.name
            replaced = sorted(step.changed & replacement.INSTANCE)
            if replaced:
                yield f"the update would replace the database {name}, because of {', '.join(replaced)}"
            if _SOURCE in step.changed and _SOURCE in step.request.inputs:
                yield f"the update would have the standing database {name} follow another, which RDS refuses"
            if step.before is None and _SOURCE not in step.request.inputs:
                yield f"the update would make the database {name} empty"

    def _marks(self, request: Request) -> dict[str, str]:
        number = len(self.steps)
        marks = {name: f"${{{number}.{name}}}" for name in ("id", *text_outputs(request.type))}
        where = self._places.get(request.provider)
        if "arn" in marks and where:
            service = request.type.split(":")[1].split("/")[0]
            marks["arn"] = f"arn:aws:{service}:{where['region']}:{where['account']}:{marks['arn']}"
        return marks


def place(provider: Request) -> dict[str, str]:
    """The region and account of a provider of AWS; nothing of any other."""
    accounts = provider.inputs.get("allowedAccountIds")
    return {"region": str(provider.inputs["region"]), "account": str(accounts[0])} if accounts else {}


def foretold(
    before: Registration, request: Request, changed: frozenset[str], where: Values
) -> tuple[str, Mapping[str, Any]]:
    """The id and outputs that what stands as `before` has once the inputs `changed` are those of `request`."""
    if not changed:
        return before.id, before.outputs
    updater = UPDATERS.get(request.type)
    kept = {key: value for key, value in before.outputs.items() if key in request.inputs or key not in before.inputs}
    outputs = {**kept, **kept_inputs(before, request)}
    if updater is None:
        return before.id, outputs
    values = {**reveal(outputs), **where, "standing": before.id}
    found = {name: fill(template, values) for name, template in updater.outputs.items()}
    return str(fill(updater.id, values)), {**outputs, **{k: v for k, v in found.items() if v is not Missing}}


def kept_inputs(before: Registration, request: Request) -> dict[str, Any]:
    """The inputs of `request`, with those that it has ignored as they were."""
    ignored = set(request.ignore_changes)
    kept = {key: value for key, value in before.inputs.items() if key in ignored}
    return {**{key: value for key, value in request.inputs.items() if key not in ignored}, **kept}


def _differing(before: Registration, request: Request) -> Iterator[str]:
    after = kept_inputs(before, request)
    for key in {**before.inputs, **after}:
        if _plain(before.inputs.get(key)) != _plain(after.get(key)):
            yield key


def _plain(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` in a form in which equal ones are equal: a file is its path, and what is in it says its hash."""
    return value.path if isinstance(value, pulumi.FileAsset) else reveal(value)
