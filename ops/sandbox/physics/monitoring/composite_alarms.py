"""Makes moto know composite alarms, tell them apart from metric alarms, and tell what became of any alarm.

moto keeps a rule if it is given one and has no call that gives it; it answers every kind of alarm whichever was asked
for, and keeps an alarm's history without telling it. It judges no alarm either way: see `physics.monitoring`.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Final
from unittest import mock

from ops.sandbox.physics.monitoring import rules
from ops.sandbox.physics.monitoring.alarms import UnsupportedAlarmError

_METRIC, _COMPOSITE = "MetricAlarm", "CompositeAlarm"
MOST_ALARMS: Final = 100  # in a rule; source: PutCompositeAlarm in the CloudWatch API reference
MOST_CHARACTERS: Final = 10_240  # of a rule; source: as above


@contextmanager
def composites_known() -> Generator[None]:
    """Until the block ends, take composite alarms, and tell the history of all."""
    from moto.cloudwatch.responses import CloudWatchResponse  # noqa: PLC0415 - moto reads its environment first

    describe: Any = CloudWatchResponse.describe_alarms

    def describe_alarms(self: Any) -> Any:  # noqa: ANN401 - moto's own
        answer = describe(self)
        asked = self._get_param("AlarmTypes") or [_METRIC]  # as AWS does: composites only if they are asked for
        for kind in (_METRIC, _COMPOSITE):
            if kind not in asked:
                answer.result[f"{kind}s"] = []
        return answer

    with (
        mock.patch.object(CloudWatchResponse, "describe_alarms", describe_alarms),
        mock.patch.object(CloudWatchResponse, "put_composite_alarm", _put, create=True),
        mock.patch.object(CloudWatchResponse, "describe_alarm_history", _history, create=True),
    ):
        yield


def _put(self: Any) -> Any:  # noqa: ANN401 - moto's own
    """Make or change a composite alarm, once every alarm that its rule names is there."""
    from moto.cloudwatch.exceptions import ValidationError  # noqa: PLC0415 - as above

    text = self._get_param("AlarmRule")
    try:
        rule = rules.parse(text)
    except UnsupportedAlarmError as error:
        raise ValidationError(str(error)) from error
    missing = [name for name in rule.names if name not in self.cloudwatch_backend.alarms]
    if missing:
        raise ValidationError(f"Could not save the composite alarm as alarms {missing} in the alarm rule do not exist")
    if len(rule.names) > MOST_ALARMS or len(text) > MOST_CHARACTERS:
        raise ValidationError(f"AlarmRule must have at most {MOST_ALARMS} alarms and {MOST_CHARACTERS} characters")
    return self.put_metric_alarm()


def _history(self: Any) -> Any:  # noqa: ANN401 - moto's own
    """The changes of state, newest first."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - as above

    name, kinds = self._get_param("AlarmName"), self._get_param("AlarmTypes") or [_METRIC]
    items = [
        item
        for alarm in self.cloudwatch_backend.alarms.values()
        if name in (None, alarm.name) and _kind(alarm) in kinds
        for item in _changes(alarm)
    ]
    return ActionResult({"AlarmHistoryItems": sorted(items, key=lambda item: item["Timestamp"], reverse=True)})


def _changes(alarm: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - moto's own
    before = [(reason, state, at) for _, reason, _, state, at in alarm.history]
    known = [*before, (alarm.state_reason, alarm.state_value, alarm.state_updated_timestamp)]
    return [
        {
            "AlarmName": alarm.name,
            "AlarmType": _kind(alarm),
            "Timestamp": at,
            "HistoryItemType": "StateUpdate",
            "HistorySummary": f"Alarm updated from {old} to {new}",
            "HistoryData": json.dumps(
                {
                    "version": "1.0",
                    "oldState": {"stateValue": old},
                    "newState": {"stateValue": new, "stateReason": reason},
                }
            ),
        }
        for (_, old, _), (reason, new, at) in pairwise(known)
    ]


def _kind(alarm: Any) -> str:  # noqa: ANN401 - moto's own
    return _METRIC if alarm.rule is None else _COMPOSITE
