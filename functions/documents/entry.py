"""What the three Lambda entries share: a batch of SQS messages in, those that failed out; logs, metrics and traces.

No word of a file, and no key (keys may hold names), gets out of here: what is logged is an outcome or a code, with the
hash of key and version. So exceptions never reach Powertools or Lambda as they are, X-Ray does not patch boto3 (it
would record S3 keys), and what libraries warn of while a file is open is dropped: they quote what they warn of.
"""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.documents.desk import Call, Desk
from functions.documents.faults import MisroutedError, TransientError
from functions.documents.outcomes import Outcome

SERVICE: Final = "documents"
NAMESPACE: Final = "Medical"

Work = Callable[[Desk, Call, Mapping[str, Any]], Outcome]

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
tracer = Tracer(service=SERVICE, auto_patch=False)

for _library in ("PIL", "boto3", "botocore", "pillow_heif", "pydicom", "pypdf", "urllib3"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False


class MessageFailedError(Exception):
    """A message returns to its queue. Says a code and no more."""


def serve(event: dict[str, Any], context: LambdaContext, desk: Desk, work: Work) -> dict[str, Any]:
    """Work through a batch; give what Lambda needs to know of the messages that failed."""
    until = desk.now() + timedelta(milliseconds=context.get_remaining_time_in_millis())

    def one(record: SQSRecord) -> None:
        with tracer.provider.in_subsegment(name="## document") as subsegment:
            outcome = _guarded(work, desk, Call(until=until, queue_arn=record.event_source_arn), record)
            subsegment.put_annotation(key="Ending", value=outcome.ending)
        _tell(outcome)

    # Never raises: an exception for a whole batch would carry the tracebacks of all of its messages.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=one, processor=processor, context=context))


def _guarded(work: Work, desk: Desk, call: Call, record: SQSRecord) -> Outcome:
    """Do the work; of whatever is raised, only a code goes on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(desk, call, record.json_body)
    except TransientError as error:
        code = error.code
        logger.warning("The message returns to its queue", code=code)
        # Else the queue's own time-out decides, which is long but no loss.
        with suppress(TransientError):
            desk.notices.retry(call.queue_arn, record.receipt_handle, int(record.attributes.approximate_receive_count))
    except MisroutedError:
        code = "Misrouted"
        logger.error("The message is not for this function", code=code)  # noqa: TRY400  no traceback wanted
    except Exception as error:  # noqa: BLE001  a defect of ours: where it is may be said, what it says may not
        code = "Unexpected"
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        logger.error("The work failed", code=code, error_type=type(error).__name__, places=places)  # noqa: TRY400
    metrics.add_metric(name="Returned", unit=MetricUnit.Count, value=1)
    raise MessageFailedError(code)


def _tell(outcome: Outcome) -> None:
    """Log and count an outcome."""
    logger.info(outcome.ending, digest=outcome.digest, code=outcome.code, kind=outcome.kind)
    metrics.add_metric(name=outcome.ending, unit=MetricUnit.Count, value=1)
    if outcome.code:
        with single_metric(
            name=f"{outcome.ending}By",
            unit=MetricUnit.Count,
            value=1,
            namespace=NAMESPACE,
            default_dimensions={"service": SERVICE},
        ) as counted:
            counted.add_dimension(name="code", value=outcome.code)
    if outcome.overdue is not None:
        metrics.add_metric(name="TextOverdue", unit=MetricUnit.Count, value=1)
        metrics.add_metric(name="TextOverdueSeconds", unit=MetricUnit.Seconds, value=outcome.overdue)


def lambda_entry(function: Callable[[dict[str, Any], LambdaContext], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Dress a Lambda entry: metrics flushed at its end, requests named in logs, neither events nor answers recorded."""
    traced = tracer.capture_lambda_handler(capture_response=False, capture_error=False)(function)
    logged = logger.inject_lambda_context(traced, log_event=False, clear_state=True)
    return metrics.log_metrics(logged, capture_cold_start_metric=True)
