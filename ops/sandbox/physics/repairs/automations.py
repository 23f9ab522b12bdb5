"""Systems Manager's automations over time: begun by a rule or by a call, run, kept, and told of.

Owns: when an execution begins, its one kind of step (a script), its status and output, and the calls that begin and
describe executions. Does not own: what a script does (`scripts` runs it), and which events there are. In a dark region
an execution waits until it is back. A script that is running takes no virtual time.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.aws.event_targets import AUTOMATION
from ops.sandbox.physics.trail.taps import acting

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

_RESULT: Final = "$.Payload."
_RULE: Final = "events.amazonaws.com"


@dataclass(kw_only=True)
class Execution:
    """An execution of a document of moto's."""

    id: str
    region: str
    document: str
    by: str
    content: Mapping[str, Any]
    begun: datetime
    due: float
    status: str = "InProgress"
    ended: datetime | None = None
    outputs: dict[str, list[str]] = field(default_factory=dict)
    failure: str = ""

    def told(self) -> dict[str, Any]:
        """As DescribeAutomationExecutions words it."""
        found = {
            "AutomationExecutionId": self.id,
            "DocumentName": self.document,
            "DocumentVersion": "1",
            "AutomationExecutionStatus": self.status,
            "ExecutionStartTime": self.begun,
            "ExecutionEndTime": self.ended,
            "ExecutedBy": self.by,
            "Outputs": self.outputs,
            "Mode": "Auto",
            "FailureMessage": self.failure,
        }
        return {key: value for key, value in found.items() if value}


class Automations:
    """The executions of all regions."""

    def __init__(self, world: World) -> None:
        """None yet."""
        self._world = world
        self._executions: list[Execution] = []

    def begin(self, region: str, document: str, by: str) -> str:
        """Begin an execution of a document that stands in `region`; give its id."""
        kept = self._world.backend("ssm", region).get_document(document, None, None, "JSON")
        execution = Execution(
            id=str(uuid.UUID(int=len(self._executions) + 1)),
            region=region,
            document=document,
            by=by,
            content=json.loads(kept["Content"]),
            begun=self._world.now,
            due=self._world.clock.elapsed + self._world.draw("automation", f"{region}/{document}"),
        )
        self._executions.append(execution)
        return execution.id

    def step(self) -> None:
        """Run what is due."""
        for execution in self._executions:
            waits = execution.ended or self._world.clock.elapsed < execution.due
            if not waits and not self._world.faults.active("region-dark", execution.region):
                self._run(execution)

    def told(self, region: str) -> list[dict[str, Any]]:
        """The executions in `region`, newest first."""
        return [item.told() for item in reversed(self._executions) if item.region == region]

    def _run(self, execution: Execution) -> None:
        from ops.sandbox.physics.repairs import scripts  # noqa: PLC0415 - boto3 only when there is something to do

        role = self._world.trails.of_role(execution.content["assumeRole"], f"Automation-{execution.id}")
        try:
            with acting(self._world, role):
                for step in execution.content["mainSteps"]:
                    answer = scripts.run(self._world, step)
                    for output in step.get("outputs", ()):
                        name = f"{step['name']}.{output['Name']}"
                        execution.outputs[name] = [str(answer[output["Selector"].removeprefix(_RESULT)])]
            execution.status = "Success"
        except scripts.ScriptError as error:
            execution.status, execution.failure = "Failed", str(error)
        execution.ended = self._world.now
        said = execution.failure or "; ".join(text for texts in execution.outputs.values() for text in texts)
        _tell(self._world, execution)
        self._world.happened(
            "automation", region=execution.region, document=execution.document, status=execution.status, said=said
        )


def _tell(world: World, execution: Execution) -> None:
    """Put Systems Manager's event of an execution's end on the region's bus."""
    detail = {
        "ExecutionId": execution.id,
        "Definition": execution.document,
        "DefinitionVersion": 1.0,
        "Status": execution.status,
        "ExecutedBy": execution.by,
    }
    event: dict[str, object] = {
        "Source": "aws.ssm",
        "DetailType": "EC2 Automation Execution Status-change Notification",
        "Time": world.now.timestamp(),
        "Resources": [],
        "Detail": json.dumps(detail),
    }
    world.backend("events", execution.region).put_events([event])


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, rules begin automations, and Systems Manager answers for them."""
    from moto.events.models import Rule  # noqa: PLC0415 - after moto's environment is set
    from moto.ssm.responses import SimpleSystemManagerResponse  # noqa: PLC0415 - as above

    send: Any = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:  # noqa: ANN401, FBT001, FBT002 - moto's own signature
        started = [target for target in self.targets if AUTOMATION in target["Arn"]]
        others = [target for target in self.targets if target not in started]
        if world.running and self.state == "ENABLED" and self.event_pattern.matches_event(original_event):
            for target in started:
                _, _, rest = target["Arn"].partition(AUTOMATION)
                world.automations.begin(self.region_name, rest.partition(":")[0], _RULE)
        with mock.patch.object(self, "targets", others):
            send(self, original_event, transform_input)

    with (
        mock.patch.object(Rule, "send_to_targets", send_to_targets),
        mock.patch.object(SimpleSystemManagerResponse, "start_automation_execution", _started(world), create=True),
        mock.patch.object(SimpleSystemManagerResponse, "describe_automation_executions", _told(world), create=True),
    ):
        yield


def _started(world: World) -> Any:  # noqa: ANN401 - a method of moto's
    def start_automation_execution(self: Any) -> Any:  # noqa: ANN401 - moto's own
        from moto.core.responses import ActionResult  # noqa: PLC0415 - after moto's environment is set

        with world.lock:
            id_ = world.automations.begin(self.region, self._get_param("DocumentName"), "a call")
        return ActionResult({"AutomationExecutionId": id_})

    return start_automation_execution


def _told(world: World) -> Any:  # noqa: ANN401 - as above
    def describe_automation_executions(self: Any) -> Any:  # noqa: ANN401 - as above
        from moto.core.responses import ActionResult  # noqa: PLC0415 - as above

        with world.lock:
            return ActionResult({"AutomationExecutionMetadataList": world.automations.told(self.region)})

    return describe_automation_executions
