"""A side's rotation of secrets: the function, and when it runs.

Owns: the function with its role, security group and rules, and the schedules. Does not own: the secrets and their first
values, the stores, and the function's code.

Home keeps the database's secrets and has them rotated; recovery holds copies, which AWS does not let anybody rotate,
and a function that does there what home's asks of it. The cache's token is each side's own.

The application's secret is rotated as soon as it stands: until then it is the master's. The master's waits for its
first turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, lambda_, secretsmanager

from components.observability.watched import Rotator, Watched
from components.rotation.args import APPLICATION, MASTER, RotationArgs
from components.rotation.function import Made, build_function
from domain import rotation
from domain.naming import SYSTEM

_LOOK: Final = {"ask": "look"}


class Rotation(pulumi.ComponentResource):
    """What rotates a side's secrets. `function_name` is the function's."""

    function_name: str
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: RotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the function and the schedules."""
        super().__init__("medical:rotation:Rotation", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        made = build_function(name, args, self._child)
        self._build_schedules(made)
        self._build_look(made.function)
        self.function_name = args.function_name
        self.watched = (
            Rotator(
                key="rotation",
                name=args.function_name,
                does="Rotates secrets",
                timeout=timedelta(seconds=rotation.TIMEOUT_SECONDS),
            ),
        )
        self.register_outputs({"function_name": self.function_name})

    def _build_schedules(self, made: Made) -> None:
        permission = lambda_.Permission(
            self._name,
            action="lambda:InvokeFunction",
            function=made.function.name,
            principal="secretsmanager.amazonaws.com",
            source_account=self._args.account_id,
            # The cell's secrets in this region: a copy that was promoted keeps the name that it has at home.
            source_arn=self._args.arn("secretsmanager", f"secret:{SYSTEM}/{self._args.names.cell}/*"),
            opts=self._child,
        )
        for secret, arn, at_once in self._secrets():
            secretsmanager.SecretRotation(
                f"{self._name}-{secret}",
                secret_id=arn,
                rotation_lambda_arn=made.function.arn,
                rotate_immediately=at_once,
                rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=self._args.days),
                # Secrets Manager calls the function at once, and no input says that it may, or what it reaches.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, *made.reach]),
            )

    def _secrets(self) -> Iterator[tuple[str, pulumi.Input[str], bool]]:
        """The secrets that are rotated from here, and whether at once."""
        if self._args.keeps:
            yield APPLICATION, self._args.shared.arns[APPLICATION], True
            yield MASTER, self._args.shared.arns[MASTER], False
        yield "cache", self._args.token.secret_arn, True

    def _build_look(self, function: lambda_.Function) -> None:
        """Have the function look every day whether a rotation is overdue: no metric of AWS's says so."""
        rule = cloudwatch.EventRule(
            self._name,
            name=self._args.names.of("rotation-look"),
            description="Every day: is a rotation overdue?",
            schedule_expression="rate(1 day)",
            opts=self._child,
        )
        lambda_.Permission(
            f"{self._name}-look",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_account=self._args.account_id,
            source_arn=rule.arn,
            opts=self._child,
        )
        cloudwatch.EventTarget(
            self._name,
            rule=rule.name,
            target_id="rotation",
            arn=function.arn,
            input=json.dumps(_LOOK),
            opts=self._child,
        )
