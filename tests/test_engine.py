"""The engine: what it records, and what it refuses in the real engine's place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest
from pulumi_aws import ec2, s3, secretsmanager
from typing_extensions import override

from ops.engine import project, runner
from ops.engine.record import REDACTED, Program, Registration, Request, Secret, redact, reveal
from ops.engine.runner import DuplicateError, LookupRefusedError
from ops.engine.synthetic import Synthetic, Unknown, UnknownTokenError, text_outputs
from settings import SettingsError
from tests.support import ACCOUNT, HOME, RECOVERY, STACK, declare, only, opts_in, provider_for

PLANTED: Final = "hunter2-planted"
VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"


class Island(pulumi.ComponentResource):
    """A network with one subnet."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Make both."""
        super().__init__("medical:test:Island", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = ec2.Vpc(name, cidr_block="10.10.0.0/16", opts=child)
        ec2.Subnet(name, vpc_id=vpc.id, cidr_block="10.10.0.0/24", opts=child)
        self.register_outputs({})


def island() -> Island:
    return Island("home", opts_in())


def drop() -> None:
    island()


def refused_as(kind: type[BaseException], program: Callable[[], Any]) -> str:
    with pytest.raises(kind) as caught:
        declare(program)
    return str(caught.value)


def test_a_registration_keeps_its_parent_and_provider() -> None:
    program = declare(island)
    component = only(program, "medical:test:Island")
    provider = only(program, "pulumi:providers:aws")
    subnet = only(program, SUBNET)
    assert component.urn == subnet.parent
    assert provider.urn == subnet.provider
    assert HOME == program.region_of(subnet)
    assert subnet.custom
    assert not component.custom
    assert "" == component.provider


def test_a_registration_keeps_what_it_depends_on_and_by_which_property() -> None:
    program = declare(island)
    vpc, subnet = only(program, VPC), only(program, SUBNET)
    assert (vpc.urn,) == subnet.dependencies
    assert (vpc.urn,) == subnet.property_dependencies["vpcId"]
    assert () == subnet.property_dependencies.get("cidrBlock", ())
    assert () == vpc.dependencies


def test_an_explicit_dependency_is_kept_without_a_property() -> None:
    def program() -> None:
        opts = opts_in()
        first = ec2.Vpc("first", cidr_block="10.10.0.0/16", opts=opts)
        later = pulumi.ResourceOptions(depends_on=[first])
        ec2.Vpc("second", cidr_block="10.11.0.0/16", opts=pulumi.ResourceOptions.merge(opts, later))

    found = declare(program)
    second = only(found, VPC, "second")
    assert (only(found, VPC, "first").urn,) == second.dependencies
    assert [] == [key for key, urns in second.property_dependencies.items() if urns]


def test_each_resource_is_recorded_in_the_region_of_its_own_provider() -> None:
    def program() -> None:
        for region in (HOME, RECOVERY):
            ec2.Vpc(region, cidr_block="10.10.0.0/16", opts=opts_in(region))

    found = declare(program)
    assert {HOME: HOME, RECOVERY: RECOVERY} == {item.name: found.region_of(item) for item in found.of_type(VPC)}


def test_options_that_guard_a_resource_are_kept() -> None:
    def program() -> None:
        guard = pulumi.ResourceOptions(protect=True, retain_on_delete=True, ignore_changes=["tags"])
        ec2.Vpc("guarded", cidr_block="10.10.0.0/16", opts=pulumi.ResourceOptions.merge(opts_in(), guard))
        ec2.Vpc("free", cidr_block="10.11.0.0/16", opts=opts_in(RECOVERY))

    found = declare(program)
    guarded, free = only(found, VPC, "guarded"), only(found, VPC, "free")
    assert (True, True, ("tags",)) == (guarded.protect, guarded.retain_on_delete, guarded.ignore_changes)
    assert (False, False, ()) == (free.protect, free.retain_on_delete, free.ignore_changes)


def test_a_type_that_no_sdk_has_is_refused_by_its_token() -> None:
    class Unheard(pulumi.CustomResource):
        def __init__(self) -> None:
            super().__init__("aws:ec2/vpcc:Vpcc", "x", {}, opts_in())

    assert "aws:ec2/vpcc:Vpcc" in refused_as(UnknownTokenError, Unheard)


@pytest.mark.parametrize("token", ["aws:ec2/vpcc:Vpcc", "aws:nosuch/x:X", "nosuch:index/x:X", "Vpc", "", "aws:ec2"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(UnknownTokenError):
        text_outputs(token)
    assert "arn" in text_outputs(VPC)


def test_a_look_up_is_refused_by_its_token() -> None:
    def program() -> None:
        provider = provider_for("home", HOME)
        aws.get_region_output(opts=pulumi.InvokeOptions(provider=provider)).region.apply(print)

    assert "aws:index/getRegion:getRegion" in refused_as(LookupRefusedError, program)


def test_a_look_up_that_waits_is_refused_too() -> None:
    assert "getRegion" in refused_as(LookupRefusedError, aws.get_region)


def test_reading_a_standing_resource_is_refused() -> None:
    def program() -> None:
        ec2.Vpc.get("standing", "vpc-1", opts=opts_in())

    assert "aws:ec2/vpc:Vpc 'standing'" in refused_as(LookupRefusedError, program)


def test_two_resources_of_one_urn_are_refused() -> None:
    def program() -> None:
        opts = opts_in()
        ec2.Vpc("twin", cidr_block="10.10.0.0/16", opts=opts)
        ec2.Vpc("twin", cidr_block="10.11.0.0/16", opts=opts)

    assert "'twin'" in refused_as(DuplicateError, program)


def test_one_name_for_two_types_is_no_duplicate() -> None:
    assert {"home"} == {item.name for item in declare(island).registrations if item.type in {VPC, SUBNET}}


def planted() -> None:
    """A secret that reaches a resource from the program, and one that a resource makes."""
    opts = opts_in()
    secret = secretsmanager.Secret("db", opts=opts)
    given = pulumi.Output.secret(PLANTED)
    secretsmanager.SecretVersion("db", secret_id=secret.id, secret_string=given, opts=opts)
    password = random.RandomPassword("password", length=32)
    secretsmanager.SecretVersion("made", secret_id=secret.id, secret_string=password.result, opts=opts)
    pulumi.export("password", password.result)
    pulumi.export("nested", {"inside": [pulumi.Output.secret(PLANTED)], "name": secret.name})
    pulumi.export("plain", "seen")


def test_a_secret_stays_a_secret_on_its_way_through_the_program() -> None:
    found = declare(planted)
    assert Secret(PLANTED) == only(found, "aws:secretsmanager/secretVersion:SecretVersion", "db").inputs["secretString"]
    made = only(found, "aws:secretsmanager/secretVersion:SecretVersion", "made").inputs["secretString"]
    assert isinstance(made, Secret), "what a random password gives is secret wherever it goes"
    assert "${password.result}" == reveal(made)


def test_a_secret_is_shown_nowhere_but_where_it_is_asked_for() -> None:
    found = declare(planted)
    assert PLANTED not in repr(found)
    assert PLANTED not in json.dumps([redact(item.inputs) for item in found.registrations])
    assert PLANTED not in str(redact(found.exports))
    assert PLANTED in str(reveal(found.exports)), "it is there, and only hidden"


def test_outputs_of_the_stack_are_captured_with_their_secrets_marked() -> None:
    exports = declare(planted).exports
    assert "seen" == exports["plain"]
    assert REDACTED == redact(exports)["password"]
    # An output of which a part is secret is secret as a whole.
    assert REDACTED in json.dumps(redact(exports)["nested"])


def test_redacting_leaves_everything_else_as_it_is() -> None:
    tree = {"a": [1, 2.5, None, True, {"b": Secret({"c": "x"})}], "d": "text"}
    assert {"a": [1, 2.5, None, True, {"b": REDACTED}], "d": "text"} == redact(tree)
    assert {"a": [1, 2.5, None, True, {"b": {"c": "x"}}], "d": "text"} == reveal(tree)


def test_whole_numbers_arrive_as_such() -> None:
    def program() -> None:
        random.RandomPassword("password", length=32)

    length = only(declare(program), "random:index/randomPassword:RandomPassword").inputs["length"]
    assert 32 == length
    assert isinstance(length, int)


def test_runs_in_one_process_do_not_wait_for_each_other() -> None:
    first, second, third = (declare(island) for _ in range(3))
    assert [item.urn for item in first.registrations] == [item.urn for item in second.registrations]
    assert len(first.registrations) == len(third.registrations)


def test_a_run_after_one_that_failed_is_whole() -> None:
    def broken() -> None:
        ec2.Vpc("left-over", cidr_block="10.10.0.0/16", opts=opts_in())
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        declare(broken)
    assert "left-over" not in {item.name for item in declare(island).registrations}


def test_an_error_in_the_program_comes_out_as_itself() -> None:
    class Special(Exception):  # noqa: N818 - a stranger's exception
        pass

    def program() -> None:
        raise Special("as it is")

    assert "as it is" == refused_as(Special, program)


def test_an_error_behind_an_output_comes_out_as_itself() -> None:
    def program() -> None:
        def fail(_: str) -> str:
            raise ZeroDivisionError("late")

        vpc = ec2.Vpc("home", cidr_block="10.10.0.0/16", opts=opts_in())
        pulumi.export("never", vpc.id.apply(fail))

    assert "late" in refused_as(ZeroDivisionError, program)


def test_an_error_of_the_backend_comes_out_as_itself() -> None:
    class Refusing(Synthetic):
        @override
        def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
            if request.type == SUBNET:
                raise PermissionError("no subnets here")
            return super().create(request)

    with pytest.raises(PermissionError, match="no subnets here"):
        runner.run(STACK, Refusing(), program=drop)


def test_a_refused_configuration_comes_out_as_itself() -> None:
    with pytest.raises(SettingsError, match="webMax"):
        runner.run(project.load("us", overrides={"webMax": "0"}), Synthetic())


def test_the_observer_sees_each_registration_once_and_as_it_is_recorded() -> None:
    seen: list[Registration] = []
    program = runner.run(STACK, Synthetic(), observer=seen.append, program=drop)
    assert list(program.registrations) == seen


def test_nothing_is_known_of_outputs_when_the_backend_knows_nothing() -> None:
    reached: list[str] = []

    def program() -> None:
        vpc = ec2.Vpc("home", cidr_block="10.10.0.0/16", opts=opts_in())
        vpc.arn.apply(reached.append)
        vpc.cidr_block.apply(reached.append)

    runner.run(STACK, Unknown(), program=program)
    assert ["10.10.0.0/16"] == reached, "inputs are known in a preview, and outputs are not"


def test_a_backend_that_knows_nothing_refuses_unknown_types_all_the_same() -> None:
    with pytest.raises(UnknownTokenError):
        Unknown().create(_request("aws:ec2/vpcc:Vpcc"))


def _request(type_: str) -> Request:
    return Request(
        urn="urn",
        type=type_,
        name="x",
        parent="",
        custom=True,
        provider="",
        inputs={},
        dependencies=(),
        property_dependencies={},
        protect=False,
        retain_on_delete=False,
        ignore_changes=(),
    )


def arns() -> None:
    opts = opts_in()
    pulumi.export("vpc", ec2.Vpc("home", cidr_block="10.10.0.0/16", opts=opts).arn)
    pulumi.export("bucket", s3.Bucket("files", bucket="medical-us-use2-files", opts=opts).arn)
    pulumi.export("role", aws.iam.Role("web", name="medical-us-use2-web", assume_role_policy="{}", opts=opts).arn)


def test_marks_of_arns_have_the_shape_that_policies_need() -> None:
    exports = declare(arns).exports
    assert f"arn:aws:ec2:{HOME}:{ACCOUNT}:vpc/home" == exports["vpc"]
    assert "arn:aws:s3:::medical-us-use2-files" == exports["bucket"]
    assert f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web" == exports["role"]


def test_a_program_from_a_file_runs_as_main(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text("import pulumi\npulumi.export('name', __name__)\npulumi.export('stack', pulumi.get_stack())\n")
    found: Program = runner.run(STACK, Synthetic(), program=main)
    assert {"name": "__main__", "stack": "us"} == found.exports


def test_a_resource_is_counted_under_its_service() -> None:
    services = {item.type: item.service for item in declare(planted).registrations}
    assert "secretsmanager" == services["aws:secretsmanager/secret:Secret"]
    assert "" == services["random:index/randomPassword:RandomPassword"]
    assert "" == services["pulumi:providers:aws"]
