"""What a side's canaries may do: leave what a run found, report it, and nothing of the platform's. Pure."""

from __future__ import annotations

import pulumi

from components import policy
from domain import canaries


def statements(
    *,
    account_id: str,
    region: str,
    key_arn: pulumi.Input[str],
    bucket_arn: pulumi.Input[str],
    cell: str,
) -> list[policy.Statement]:
    """The rights of a cell's canaries in `region`, which leave what they found in the bucket of `bucket_arn`.

    None may make a log group: its group is made here, with the side's key and an end to what it keeps.
    """
    groups = f"arn:aws:logs:{region}:{account_id}:log-group:{canaries.log_pattern(cell)}:*"
    through = [f"{name}.{region}.amazonaws.com" for name in ("lambda", "s3")]
    left = pulumi.Output.concat(bucket_arn, f"/{canaries.FOLDER}/*")
    return [
        policy.allow("Leave", ["s3:GetObject", "s3:PutObject"], [left]),
        policy.allow("WhereTheBucketLies", ["s3:GetBucketLocation"], [bucket_arn]),
        # The runtime looks for its bucket so; S3 knows the list of an account's buckets as no resource.
        policy.allow("Buckets", ["s3:ListAllMyBuckets"], ["*"]),
        policy.allow(
            "Report",
            ["cloudwatch:PutMetricData"],
            ["*"],  # CloudWatch knows metrics as no resource
            condition={"StringEquals": {"cloudwatch:namespace": canaries.NAMESPACE}},
        ),
        policy.allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [groups]),
        policy.allow(
            "KeyThroughServices",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [key_arn],
            condition={"StringEquals": {"kms:ViaService": through}},
        ),
    ]
