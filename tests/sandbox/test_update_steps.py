"""Updates of a small standing cell: what is made, changed, deleted, and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from ops.engine import runner
from ops.engine.record import reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from ops.sandbox.updates.update import Standing, Update
from tests.support import ACCOUNT, HOME, STACK, opts_in


def program(**given: Any) -> Callable[[], None]:  # noqa: ANN401 - inputs of resources
    """A small program: a role, a log group, a parameter that names the role, and whatever else is asked for."""

    def run() -> None:
        opts = opts_in()
        role = aws.iam.Role(
            f"role-{given.get('role', 1)}", name=f"role-{given.get('role', 1)}", assume_role_policy="{}", opts=opts
        )
        aws.ssm.Parameter("who", name="/who", type="String", value=role.arn, opts=opts)
        if given.get("logs", True):
            aws.cloudwatch.LogGroup("logs", name="logs", retention_in_days=given.get("days", 7), opts=opts)
        if given.get("topic"):
            topic = aws.sns.Topic("topic", name="topic", opts=opts)
            pulumi.export("topic", topic.arn)
        if given.get("key", True):
            aws.kms.Key("key", description="kept", opts=opts)

    return run


class Small:
    """A standing cell of the small program."""

    def __init__(self) -> None:
        """As it is at first."""
        self.cloud = Cloud()
        self.standing = Standing(
            self.cloud, runner.run(STACK, self.cloud, program=program()), lambda _: STACK, source=program()
        )

    def update(self, **given: Any) -> Update:  # noqa: ANN401 - as above
        self.standing._source = program(**given)
        return self.standing.update({})


@pytest.fixture
def small() -> Iterator[Small]:
    with local_aws(ACCOUNT, managed_policies=False):
        yield Small()


def test_a_program_that_has_not_changed_changes_nothing(small: Small) -> None:
    assert Update() == small.update()


def test_what_depends_on_something_new_is_given_what_that_has_become(small: Small) -> None:
    done = small.update(role=2)
    assert ["aws:iam/role:Role role-2"] == done.created
    assert ["aws:ssm/parameter:Parameter who"] == done.changed
    assert ["aws:iam/role:Role role-1"] == done.deleted
    found = small.cloud.client("ssm", HOME).get_parameter(Name="/who")["Parameter"]
    assert (f"arn:aws:iam::{ACCOUNT}:role/role-2", 2) == (found["Value"], found["Version"])


def test_an_output_of_the_stack_is_what_was_made(small: Small) -> None:
    small.update(topic=True)
    assert f"arn:aws:sns:{HOME}:{ACCOUNT}:topic" == reveal(small.standing.program.exports)["topic"]


def test_what_cannot_be_changed_or_deleted_is_told_and_tried_again(small: Small) -> None:
    done = small.update(days=30, key=False)
    assert [] == done.changed
    told_of = {item.resource: item.reason for item in done.left}
    assert {"aws:cloudwatch/logGroup:LogGroup logs", "aws:kms/key:Key key"} == set(told_of)
    assert "cannot change" in told_of["aws:cloudwatch/logGroup:LogGroup logs"]
    assert "stays" in told_of["aws:kms/key:Key key"]
    assert done.left == small.update(days=30, key=False).left
    assert Update() == small.update(), "what was left is as it was"


def test_what_is_declared_no_longer_is_deleted(small: Small) -> None:
    done = small.update(logs=False)
    assert ["aws:cloudwatch/logGroup:LogGroup logs"] == done.deleted
    assert [] == small.cloud.client("logs", HOME).describe_log_groups()["logGroups"]


def test_the_same_program_is_given_the_same_ids() -> None:
    ids = []
    for _ in range(2):
        with local_aws(ACCOUNT, managed_policies=False):
            built = runner.run(STACK, Cloud(), program=program())
            ids.append({item.urn: item.id for item in built.registrations})
    assert ids[0] == ids[1]
    assert 1 < len(set(ids[0].values()))
