"""A full disk, and instances that fail their checks: alarm, automation, replacement and what operations is told.

The rule, the automation and the alarm are those that the program makes, in a local cloud whose time is virtual.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3

from components.observability.catalog import alarms_of
from components.observability.register import build_alarm
from components.observability.watched import Database, Fleet, LoadBalancer, Watched
from domain.alarms import PROFILES, STEADY
from domain.naming import Names
from ops.sandbox.cloud import CREDENTIALS, Cloud
from ops.sandbox.physics.world import World
from tests.support import ACCOUNT, HOME, opts_in, standing
from tests.test_operations import told

GROUP: Final = "medical-us-use2-web"
ALARM: Final = "medical-us-use2-web-disk"
UNHEALTHY: Final = "medical-us-use2-edge-unhealthy-hosts"
DATABASE: Final = "medical-us-use2-db-1"
STORAGE_GIB: Final = 50
SUCCESSOR_FIRST: Final = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}
LONGEST_LAUNCH: Final = 310


@dataclass(frozen=True, kw_only=True)
class Side:
    """A side's instances with its operations, alarms and repairs."""

    cloud: Cloud
    world: World

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        return self.cloud.client(service, HOME)

    def serving(self) -> list[str]:
        (group,) = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])[
            "AutoScalingGroups"
        ]
        return [item["InstanceId"] for item in group["Instances"] if item["LifecycleState"] == "InService"]

    def state(self, alarm: str) -> str:
        return self.world.metrics.alarm_state(HOME, alarm)

    def heard(self) -> list[str]:
        """What operations was told since it was last asked: alarms by name and state, and the lines of repairs."""
        sqs = self.client("sqs")
        queue = sqs.get_queue_url(QueueName="medical-us-use2-operations")["QueueUrl"]
        lines = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
            for message in found:
                body = message["Body"]
                said = json.loads(body) if body.startswith("{") else {}
                lines.append(f"{said['AlarmName']} {said['NewStateValue']}" if said else body)
        return lines

    def executions(self) -> list[dict[str, Any]]:
        answer = self.client("ssm").describe_automation_executions()
        return list(answer["AutomationExecutionMetadataList"])


def declared(*, acts: bool) -> None:
    """Operations, and the alarms on the load balancer, on instances and on the database."""
    opts = opts_in()
    told(opts, acts=acts)
    names, topic = Names(cell="us", place="use2"), f"arn:aws:sns:{HOME}:{ACCOUNT}:medical-us-use2-operations"
    database = Database(
        key="db-1",
        identifier=DATABASE,
        instance_class="db.t4g.medium",
        storage_gib=STORAGE_GIB,
        replica=False,
        aside=False,
    )
    watched: tuple[Watched, ...] = (Fleet(key="web", group=GROUP, minimum=1, maximum=4), build_front(), database)
    for raised in alarms_of(watched, PROFILES[STEADY]):
        for alarm in raised.alarms:
            build_alarm(alarm.role, alarm, names=names, topic=topic, opts=opts)


@contextmanager
def side(
    *, serving: int = 2, minimum: int = 1, acts: bool = True, most_gib: int = 200, first: bool = False
) -> Iterator[Side]:
    with standing(lambda: declared(acts=acts)) as (_, cloud):
        world = World(ACCOUNT)
        build_group(cloud, serving=serving, minimum=minimum, first=first)
        cloud.client("rds", HOME).create_db_instance(
            DBInstanceIdentifier=DATABASE,
            Engine="mysql",
            DBInstanceClass="db.t4g.medium",
            AllocatedStorage=STORAGE_GIB,
            MaxAllocatedStorage=most_gib,
            MasterUsername="medical",
            MasterUserPassword="not-told-to-anybody",
        )
        with world.installed():
            world.begin(1)
            found = Side(cloud=cloud, world=world)
            world.advance(660)  # two periods of the alarm on disks, and a minute to judge
            assert "OK" == found.state(ALARM)
            found.heard()
            yield found


def build_front() -> LoadBalancer:
    """A load balancer with its target group, as CloudWatch names them."""
    session: Any = boto3.Session(**CREDENTIALS)
    ec2, elb = session.client("ec2", region_name=HOME), session.client("elbv2", region_name=HOME)
    vpc = ec2.create_vpc(CidrBlock="10.10.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.10.{place}.0/24", AvailabilityZone=f"{HOME}{zone}")["Subnet"][
            "SubnetId"
        ]
        for place, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name="edge", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="edge", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[forward])
    return LoadBalancer(
        key="edge",
        load_balancer=balancer.partition(":loadbalancer/")[2],
        target_group=group["TargetGroupArn"].rpartition(":")[2],
    )


def build_group(cloud: Cloud, *, serving: int, minimum: int, first: bool) -> None:
    ec2, scaling = cloud.client("ec2", HOME), cloud.client("autoscaling", HOME)
    (group,) = cloud.client("elbv2", HOME).describe_target_groups(Names=["edge"])["TargetGroups"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [group["VpcId"]]}])["Subnets"]
    image = {"ImageId": "ami-12345678", "InstanceType": "t4g.small"}
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=image)["LaunchTemplate"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        MinSize=minimum,
        MaxSize=4,
        DesiredCapacity=serving,
        VPCZoneIdentifier=",".join(item["SubnetId"] for item in subnets),
        TargetGroupARNs=[group["TargetGroupArn"]],
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
        **({"InstanceMaintenancePolicy": SUCCESSOR_FIRST} if first else {}),
    )


def test_a_full_disk_leads_to_a_new_instance_by_itself_and_operations_hears_of_it() -> None:
    with side() as found:
        before = found.serving()
        found.world.faults.inject("disk-full", HOME)
        found.world.advance(780)
        (execution,) = found.executions()
        assert ("medical-us-use2-repair", "Success") == (
            execution["DocumentName"],
            execution["AutomationExecutionStatus"],
        )
        line = f"Repair, in {HOME}: {before[0]} of {GROUP} is being replaced: 97 % of its disk are in use."
        assert [line] == execution["Outputs"]["repair.line"]
        found.world.advance(LONGEST_LAUNCH + 660)
        after = found.serving()
        assert (2, [before[1]]) == (len(after), [name for name in after if name in before])
        assert [f"{ALARM} ALARM", line, f"{ALARM} OK"] == [text for text in found.heard() if "edge" not in text]
        assert "OK" == found.state(ALARM)


def test_an_instance_is_replaced_by_one_of_the_templates_later_version() -> None:
    with side() as found:
        ec2, scaling = found.cloud.client("ec2", HOME), found.cloud.client("autoscaling", HOME)
        later = {"ImageId": "ami-12345678", "InstanceType": "t4g.small", "UserData": b64encode(b"later").decode()}
        ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=later)
        scaling.update_auto_scaling_group(
            AutoScalingGroupName=GROUP, LaunchTemplate={"LaunchTemplateName": "web", "Version": "2"}
        )
        before = found.serving()
        scaling.set_instance_health(InstanceId=before[0], HealthStatus="Unhealthy")
        found.world.advance(LONGEST_LAUNCH + 660)
        after = found.serving()
        assert (2, False) == (len(after), before[0] in after)
        (launched,) = set(after) - set(before)
        told = ec2.describe_instance_attribute(InstanceId=launched, Attribute="userData")["UserData"]["Value"]
        assert b"later" == b64decode(told)


def test_at_the_minimum_the_instance_stays_and_the_line_names_the_runbook() -> None:
    with side(serving=1) as found:
        before = found.serving()
        found.world.faults.inject("disk-full", HOME)
        found.world.advance(780)
        assert before == found.serving()
        (line,) = [text for text in found.heard() if text.startswith("Repair")]
        assert line.endswith("only 1 of at least 1 instances serve. Open docs/runbooks/alarms.md#instances.")
        assert "ALARM" == found.state(ALARM)


def test_at_the_minimum_a_group_that_launches_first_is_repaired_without_ever_serving_less() -> None:
    with side(serving=1, first=True) as found:
        before = found.serving()
        found.world.faults.inject("disk-full", HOME)
        least = 1
        for _ in range(80):
            found.world.advance(20)
            least = min(least, found.world.fleets.in_service(HOME, GROUP))
        (after,) = found.serving()
        assert (1, True) == (least, after not in before)
        assert "OK" == found.state(ALARM)


def test_with_repairs_off_operations_is_told_and_nothing_is_done() -> None:
    with side(acts=False) as found:
        before = found.serving()
        found.world.faults.inject("disk-full", HOME)
        found.world.advance(780 + LONGEST_LAUNCH)
        assert (before, []) == (found.serving(), found.executions())
        assert [f"{ALARM} ALARM"] == [text for text in found.heard() if "edge" not in text]


def test_a_second_full_disk_within_the_hour_is_left_to_a_person() -> None:
    with side(serving=3) as found:
        found.world.faults.inject("disk-full", HOME)
        found.world.advance(780 + LONGEST_LAUNCH + 660)
        found.world.faults.lift("disk-full", HOME)
        found.world.faults.inject("disk-full", HOME)
        found.world.advance(780)
        lines = [text for text in found.heard() if text.startswith("Repair")]
        assert ["is being replaced", "one was replaced within the hour"] == [
            part for line in lines for part in ("is being replaced", "one was replaced within the hour") if part in line
        ]


def test_an_instance_that_fails_its_checks_is_replaced_before_anybody_must_look() -> None:
    with side() as found:
        before = found.serving()
        found.world.faults.inject("checks-fail", HOME)
        found.world.advance(120 + LONGEST_LAUNCH)
        after = found.serving()
        assert (2, [before[1]]) == (len(after), [name for name in after if name in before])
        causes = [
            item["Cause"]
            for item in found.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=GROUP)[
                "Activities"
            ]
        ]
        assert any("in response to an ELB system health check failure" in cause for cause in causes)
        assert not any("user health-check" in cause for cause in causes), "no repair of ours has marked it"


def test_where_successors_fail_too_the_alarm_on_unhealthy_hosts_is_raised_until_they_are_replaced() -> None:
    with side(first=True) as found:
        found.world.faults.inject("checks-fail", HOME, {"instances": 99})
        found.world.advance(900)
        assert "ALARM" == found.state(UNHEALTHY)
        ill = found.serving()
        assert ill, "those that fail stay until others serve"
        found.world.faults.lift("checks-fail", HOME)
        found.world.advance(1500)
        assert "OK" == found.state(UNHEALTHY)
        assert 2 == found.world.fleets.healthy(HOME, GROUP)
        lines = [text for text in found.heard() if text.startswith(UNHEALTHY)]
        assert [f"{UNHEALTHY} ALARM", f"{UNHEALTHY} OK"] == lines


def test_storage_that_fills_is_grown_by_rds_and_operations_hears_that_it_was_low() -> None:
    with side() as found:
        found.world.faults.inject("storage-filling", HOME)
        found.world.advance(660)
        (shown,) = found.client("rds").describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
        assert STORAGE_GIB + 10 == shown["AllocatedStorage"]
        told = [event.facts["event"] for event in found.world.events if event.what == "database-event"]
        assert ["RDS-EVENT-0089", "RDS-EVENT-0217", "RDS-EVENT-0218"] == told
        lines = [text for text in found.heard() if text.startswith('"RDS')]
        assert [True] == ["RDS-EVENT-0089). Open docs/runbooks/alarms.md#database." in line for line in lines]
        found.world.advance(1200)
        assert "OK" == found.state(f"{DATABASE}-storage")


def test_at_its_maximum_storage_is_not_grown_and_the_alarm_is_raised_with_the_runbook() -> None:
    with side(most_gib=STORAGE_GIB + 10) as found:
        found.world.faults.inject("storage-filling", HOME)
        found.world.advance(1500)
        (shown,) = found.client("rds").describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
        assert STORAGE_GIB == shown["AllocatedStorage"], "an increment that reaches the maximum is none"
        lines = found.heard()
        assert f"{DATABASE}-storage ALARM" in lines
        assert [True] == ["RDS-EVENT-0224). Open docs/runbooks" in line for line in lines if "RDS-EVENT-0224" in line]
        assert "ALARM" == found.state(f"{DATABASE}-storage")


def test_a_document_with_another_script_is_not_run_and_operations_hears_that_it_failed() -> None:
    content = "def handler(events, context): return {}"
    step = {
        "name": "other",
        "action": "aws:executeScript",
        "inputs": {"Runtime": "python3.11", "Handler": "handler", "InputPayload": {}, "Script": content},
    }
    document = {"schemaVersion": "0.3", "assumeRole": f"arn:aws:iam::{ACCOUNT}:role/any", "mainSteps": [step]}
    with side(acts=False) as found:
        ssm = found.client("ssm")
        name = "medical-us-use2-other"
        ssm.create_document(Name=name, DocumentType="Automation", Content=json.dumps(document))
        ssm.start_automation_execution(DocumentName=name)
        found.world.advance(60)
        (execution,) = found.executions()
        assert "Failed" == execution["AutomationExecutionStatus"]
        assert "is none of repairs/*.py of this project" in execution["FailureMessage"]
        assert [True] == [f"the automation {name} ended as Failed" in line for line in found.heard()]
