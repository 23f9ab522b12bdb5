"""Creators for canaries. moto keeps one and never runs it: that is `ops.sandbox.physics.canaries`."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Creator, Values


def _canary(values: Values) -> dict[str, Any]:
    """The canary with its code in one, as CloudWatch Synthetics takes it; the local cloud has no functions for it."""
    code = {"S3Bucket": values["s3Bucket"], "S3Key": values["s3Key"], "Handler": values["handler"]}
    rest = {key: item for key, item in values.items() if key not in ("s3Bucket", "s3Key", "handler")}
    return {**rest, "code": code}


CREATORS: Final = {
    "aws:synthetics/canary:Canary": Creator(
        service="synthetics",
        operation="create_canary",
        id="Canary.Name",
        prepare=_canary,
        params={"Code": "{code}", "ArtifactS3Location": "{artifactS3Location}", "RunConfig": "{runConfig}"},
        outputs={
            "arn": "arn:aws:synthetics:{region}:{account}:canary:{name}",
            "engineArn": "arn:aws:lambda:{region}:{account}:function:cwsyn-{name}:1",
            "status": "Canary.Status.State",
        },
        dropped={
            "deleteLambda": "says what happens at deletion, which only the provider does",
            "kmsKeyArn": "moto keeps no key of a canary's environment",
            "startCanary": "moto knows no canary that runs; the local cloud's physics runs each that stands",
        },
    ),
}
