"""Cell us in the small: what a drill touches, made with plain boto3 in moto, with the names that the program gives.

The whole cell takes seconds to build, and a drill needs a tenth of it. A test holds
it against the program's own. It is built once a process; each test has a copy of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import boto3

from domain import instances, manifest, switch
from domain.manifest import Manifest
from domain.naming import Names
from domain.regions import region as find_region
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.local import local_aws
from ops.sandbox.physics.repairs.scripts import FOLDER
from tests.snapshot import Snapshot
from tests.support import ACCOUNT, HOME, RECOVERY

CELL: Final = "us"
DOMAIN: Final = "example.com"
IMAGE: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
RELEASE: Final = b"a release"
_STORAGE_GIB: Final = 50
_SIDES: Final = {"home": HOME, "recovery": RECOVERY}
_REPLICATED: Final = ("uploads", "derived", "audit")
_BUCKETS: Final = (*_REPLICATED, "releases", "logs", "backups")
_TRUST: Final = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True, kw_only=True)
class SmallCell:
    """The cell, and how to talk to it."""

    account: str
    manifest: Manifest
    session: Any

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A client of `service` in `region`."""
        return self.session.client(service, region_name=region)


@contextmanager
def small_cell() -> Iterator[SmallCell]:
    """The cell in its normal state: home writes, recovery replicates."""
    session, snapshot, built = _built()
    with local_aws(ACCOUNT, managed_policies=False):
        snapshot.restore()
        yield SmallCell(account=ACCOUNT, manifest=built, session=session)


@cache
def _built() -> tuple[Any, Snapshot, Manifest]:
    """A session that has read AWS's service models, which takes longer than a test does; the cell; its manifest."""
    with local_aws(ACCOUNT, managed_policies=False):
        session = boto3.Session(**CREDENTIALS)
        built = _Builder(session).build()
        return session, Snapshot(), built


class _Builder:
    def __init__(self, session: Any) -> None:  # noqa: ANN401 - boto3's session has no static type
        self._session = session
        self._clients: dict[tuple[str, str], Any] = {}
        self._names = {
            side: Names(cell=CELL, place=find_region(region).abbreviation) for side, region in _SIDES.items()
        }
        self._keys: dict[str, str] = {}

    def build(self) -> Manifest:
        parts = {side: self._network(side) for side in _SIDES}
        for side in _SIDES:
            parts[side] |= {"key": self._key(side), "operations_topic": self._topic(side)}
        application, master = self._database_secret("application"), self._database_secret("database")
        for side in _SIDES:
            parts[side]["secrets"] = {
                "database": application[side],
                "master": master[side],
                "cache": self._cache_secret(side),
            }
            parts[side]["buckets"] = self._buckets(side)
            parts[side]["vault"] = f"arn:aws:backup:{_SIDES[side]}:{ACCOUNT}:backup-vault:{self._of(side, 'backup')}"
        for side in _SIDES:
            self._replicate(side)
            parts[side] |= self._edge(side, parts[side])
            parts[side]["fleet"] = self._fleet(side, parts[side])
        parts["home"]["database"] = self._database("home", parts["home"], source="")
        parts["recovery"]["database"] = self._database(
            "recovery", parts["recovery"], source=parts["home"]["database"]["arn"]
        )
        self._alarms(parts)
        checks = self._names_and_checks(parts)
        return self._manifest(parts, checks)

    def _of(self, side: str, role: str) -> str:
        return self._names[side].of(role)

    def _client(self, service: str, side: str) -> Any:  # noqa: ANN401 - as above
        key = (service, _SIDES[side])
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region_name=_SIDES[side])
        return self._clients[key]

    def _network(self, side: str) -> dict[str, Any]:
        ec2 = self._client("ec2", side)
        vpc = ec2.create_vpc(CidrBlock="10.10.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.10.{place}.0/24", AvailabilityZoneId=zone)["Subnet"]["SubnetId"]
            for place, zone in enumerate(find_region(_SIDES[side]).zone_ids[:2])
        ]
        group = ec2.create_security_group(VpcId=vpc, GroupName=self._of(side, "database"), Description="database")
        return {"_vpc": vpc, "_subnets": subnets, "_group": group["GroupId"], "region": _SIDES[side]}

    def _key(self, side: str) -> str:
        kms = self._client("kms", side)
        metadata = kms.create_key(Description=side)["KeyMetadata"]
        kms.create_alias(AliasName=f"alias/{self._of(side, 'data')}", TargetKeyId=metadata["KeyId"])
        self._keys[side] = metadata["Arn"]
        return str(metadata["Arn"])

    def _topic(self, side: str) -> str:
        return str(self._client("sns", side).create_topic(Name=self._of(side, "operations"))["TopicArn"])

    def _database_secret(self, name: str) -> dict[str, str]:
        made = self._client("secretsmanager", "home").create_secret(
            Name=self._names["home"].path(name),
            SecretString='{"username": "medical", "password": "not-told"}',
            KmsKeyId=self._keys["home"],
            AddReplicaRegions=[{"Region": RECOVERY, "KmsKeyId": self._keys["recovery"]}],
        )
        return {"home": made["ARN"], "recovery": made["ARN"].replace(HOME, RECOVERY)}

    def _cache_secret(self, side: str) -> str:
        made = self._client("secretsmanager", side).create_secret(
            Name=self._names[side].path("cache"), SecretString='{"token": "not-told"}', KmsKeyId=self._keys[side]
        )
        return str(made["ARN"])

    def _buckets(self, side: str) -> dict[str, str]:
        s3 = self._client("s3", side)
        names = {role: self._names[side].bucket(role, ACCOUNT) for role in _BUCKETS}
        for role, name in names.items():
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": _SIDES[side]})
            if role in _REPLICATED:
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=names["releases"], Key="release.zip", Body=RELEASE)
        return names

    def _replicate(self, side: str) -> None:
        other = "recovery" if side == "home" else "home"
        place = self._names[other].place
        for role in _REPLICATED:
            rule: dict[str, Any] = {
                "ID": f"{role}-to-{place}",
                "Priority": 1,
                "Filter": {},
                "Status": "Enabled",
                "SourceSelectionCriteria": {
                    "SseKmsEncryptedObjects": {"Status": "Enabled"},
                    "ReplicaModifications": {"Status": "Enabled"},
                },
                "DeleteMarkerReplication": {"Status": "Enabled"},
                "Destination": {
                    "Bucket": f"arn:aws:s3:::{self._names[other].bucket(role, ACCOUNT)}",
                    "EncryptionConfiguration": {"ReplicaKmsKeyID": self._keys[other]},
                    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                },
            }
            self._client("s3", side).put_bucket_replication(
                Bucket=self._names[side].bucket(role, ACCOUNT),
                ReplicationConfiguration={
                    "Role": f"arn:aws:iam::{ACCOUNT}:role/{self._of(side, 'replication')}",
                    "Rules": [rule],
                },
            )

    def _edge(self, side: str, part: Mapping[str, Any]) -> dict[str, Any]:
        elb = self._client("elbv2", side)
        balancer = elb.create_load_balancer(
            Name=self._of(side, "edge"), Subnets=part["_subnets"], Scheme="internet-facing", Type="application"
        )["LoadBalancers"][0]
        group = elb.create_target_group(
            Name=self._of(side, "web-8443"),
            Protocol="HTTPS",
            Port=8443,
            VpcId=part["_vpc"],
            HealthCheckPath="/livez",
            HealthCheckIntervalSeconds=10,
            TargetType="instance",
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return {"load_balancer": balancer["DNSName"], "target_group": group, "_zone": balancer["CanonicalHostedZoneId"]}

    def _fleet(self, side: str, part: Mapping[str, Any]) -> dict[str, Any]:
        template = self._client("ec2", side).create_launch_template(
            LaunchTemplateName=self._of(side, "web"),
            LaunchTemplateData={"ImageId": f"resolve:ssm:{IMAGE}", "InstanceType": "t4g.small"},
        )["LaunchTemplate"]["LaunchTemplateId"]
        name, least = self._of(side, "web"), 2 if side == "home" else 1
        self._client("autoscaling", side).create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
            MinSize=least,
            MaxSize=6,
            VPCZoneIdentifier=",".join(part["_subnets"]),
            TargetGroupARNs=[part["target_group"]],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=300,
            InstanceMaintenancePolicy={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200},
        )
        return {"autoscaling_group": name, "minimum": least, "maximum": 6, "scale_to": 2}

    def _database(self, side: str, part: Mapping[str, Any], *, source: str) -> dict[str, Any]:
        rds = self._client("rds", side)
        name = self._of(side, "db-1")
        rds.create_db_subnet_group(
            DBSubnetGroupName=self._of(side, "db"), DBSubnetGroupDescription="data", SubnetIds=part["_subnets"]
        )
        rds.create_db_parameter_group(
            DBParameterGroupName=f"{name}-mysql84", DBParameterGroupFamily="mysql8.4", Description="TLS only"
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName=f"{name}-mysql84",
            Parameters=[
                {"ParameterName": "require_secure_transport", "ParameterValue": "1", "ApplyMethod": "immediate"}
            ],
        )
        made = self._replica(rds, name, part, source) if source else self._primary(rds, name, part)
        return {"identifier": name, "arn": made, "generation": 1, "parameter_group": f"{name}-mysql84"}

    def _primary(self, rds: Any, name: str, part: Mapping[str, Any]) -> str:  # noqa: ANN401 - as above
        made = rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.medium",
            Engine="mysql",
            EngineVersion="8.4.5",
            AllocatedStorage=_STORAGE_GIB,
            MaxAllocatedStorage=200,
            MasterUsername="medical",
            MasterUserPassword="not-told-to-anybody",
            StorageEncrypted=True,
            KmsKeyId=part["key"],
            MultiAZ=True,
            BackupRetentionPeriod=14,
            DeletionProtection=True,
            DBParameterGroupName=f"{name}-mysql84",
            DBSubnetGroupName=self._of("home", "db"),
            VpcSecurityGroupIds=[part["_group"]],
        )
        return str(made["DBInstance"]["DBInstanceArn"])

    def _replica(self, rds: Any, name: str, part: Mapping[str, Any], source: str) -> str:  # noqa: ANN401 - as above
        made = rds.create_db_instance_read_replica(
            DBInstanceIdentifier=name,
            SourceDBInstanceIdentifier=source,
            DBInstanceClass="db.t4g.medium",
            KmsKeyId=part["key"],
            MultiAZ=False,
            DeletionProtection=True,
            DBParameterGroupName=f"{name}-mysql84",
            AvailabilityZone=f"{RECOVERY}a",
            VpcSecurityGroupIds=[part["_group"]],
        )
        rds.modify_db_instance(
            DBInstanceIdentifier=name,
            DBSubnetGroupName=self._of("recovery", "db"),
            BackupRetentionPeriod=14,
            ApplyImmediately=True,
        )
        return str(made["DBInstance"]["DBInstanceArn"])

    def _alarms(self, parts: Mapping[str, Mapping[str, Any]]) -> None:
        topic = parts["recovery"]["operations_topic"]
        cloudwatch = self._client("cloudwatch", "recovery")
        cloudwatch.put_metric_alarm(
            AlarmName=self._of("recovery", "failover-switch"),
            Namespace=switch.NAMESPACE,
            MetricName=switch.METRIC,
            Dimensions=[{"Name": switch.DIMENSION, "Value": CELL}],
            Statistic="Maximum",
            Period=switch.HOLD_SECONDS,
            EvaluationPeriods=1,
            Threshold=switch.ON,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="ignore",
            AlarmActions=[topic],
            OKActions=[topic],
        )
        identifier = parts["recovery"]["database"]["identifier"]
        metric = {
            "Namespace": "AWS/RDS",
            "MetricName": "ReplicaLag",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": identifier}],
        }
        cloudwatch.put_metric_alarm(
            AlarmName=f"{identifier}-replica-lag",
            Metrics=[
                {
                    "Id": "lag",
                    "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"},
                    "ReturnData": False,
                },
                {"Id": "behind", "Expression": "IF(lag < 0, 86400, lag)", "ReturnData": True},
            ],
            EvaluationPeriods=3,
            DatapointsToAlarm=3,
            Threshold=60,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="breaching",
            AlarmActions=[topic],
            OKActions=[topic],
        )
        for side in _SIDES:
            self._replication_alarms(side, parts)
            self._own_alarms(side, parts)

    def _own_alarms(self, side: str, parts: Mapping[str, Mapping[str, Any]]) -> None:
        self._client("cloudwatch", side).put_metric_alarm(
            AlarmName=self._of(side, "web-disk"),
            Namespace=instances.NAMESPACE,
            MetricName=instances.DISK,
            Dimensions=[{"Name": instances.GROUP, "Value": parts[side]["fleet"]["autoscaling_group"]}],
            Statistic="Maximum",
            Period=300,
            EvaluationPeriods=2,
            Threshold=instances.DISK_PERCENT,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="missing",
            AlarmActions=[parts[side]["operations_topic"]],
            OKActions=[parts[side]["operations_topic"]],
        )

        self._repair(side, parts)
        self._client("cloudwatch", side).put_metric_alarm(
            AlarmName=f"{parts[side]['database']['identifier']}-storage",
            Namespace="AWS/RDS",
            MetricName="FreeStorageSpace",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": parts[side]["database"]["identifier"]}],
            Statistic="Average",
            Period=300,
            EvaluationPeriods=3,
            Threshold=_STORAGE_GIB * 1024**3 // 20,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="missing",
        )

    def _repair(self, side: str, parts: Mapping[str, Mapping[str, Any]]) -> None:
        """What that alarm starts: the automation, which runs the platform's own script."""
        alarm, name = self._of(side, "web-disk"), self._of(side, "repair")
        handed = {
            "region": _SIDES[side],
            "topic": parts[side]["operations_topic"],
            "group": parts[side]["fleet"]["autoscaling_group"],
            "limit": instances.DISK_PERCENT,
            "namespace": instances.NAMESPACE,
            "metric": instances.DISK,
        }
        script = (FOLDER / "replace.py").read_text(encoding="utf-8")
        step = {
            "name": "repair",
            "action": "aws:executeScript",
            "inputs": {"Handler": "handler", "InputPayload": handed, "Script": script},
            "outputs": [{"Name": "line", "Selector": "$.Payload.line", "Type": "String"}],
        }
        content = {"schemaVersion": "0.3", "assumeRole": f"arn:aws:iam::{ACCOUNT}:role/{name}", "mainSteps": [step]}
        self._client("ssm", side).create_document(Name=name, DocumentType="Automation", Content=json.dumps(content))
        events = self._client("events", side)
        pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [alarm], "state": {"value": ["ALARM"]}}}
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        arn = f"arn:aws:ssm:{_SIDES[side]}:{ACCOUNT}:automation-definition/{name}:$DEFAULT"
        events.put_targets(Rule=name, Targets=[{"Id": "repair", "Arn": arn}])

    def _replication_alarms(self, side: str, parts: Mapping[str, Mapping[str, Any]]) -> None:
        """Those on delay: they stand where objects arrive, which is `side`."""
        source = "recovery" if side == "home" else "home"
        for role in _REPLICATED:
            dimensions = {
                "SourceBucket": self._names[source].bucket(role, ACCOUNT),
                "DestinationBucket": self._names[side].bucket(role, ACCOUNT),
                "RuleId": f"{role}-to-{self._names[side].place}",
            }
            self._client("cloudwatch", side).put_metric_alarm(
                AlarmName=self._of(side, f"replication-{role}-late"),
                Namespace="AWS/S3",
                MetricName="ReplicationLatency",
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                Statistic="Maximum",
                Period=60,
                EvaluationPeriods=5,
                Threshold=900,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="ignore",
                AlarmActions=[parts[side]["operations_topic"]],
                OKActions=[parts[side]["operations_topic"]],
            )

    def _names_and_checks(self, parts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        checks = {
            side: self._check(
                side,
                Type="HTTPS",
                FullyQualifiedDomainName=parts[side]["load_balancer"],
                Port=443,
                ResourcePath="/readyz",
                RequestInterval=10 if side == "home" else 30,
                FailureThreshold=3,
                EnableSNI=True,
            )
            for side in _SIDES
        }
        checks["switch"] = self._check(
            "switch",
            Type="CLOUDWATCH_METRIC",
            AlarmIdentifier={"Region": RECOVERY, "Name": self._of("recovery", "failover-switch")},
            InsufficientDataHealthStatus="LastKnownStatus",
        )
        checks["primary"] = self._check(
            "primary", Type="CALCULATED", ChildHealthChecks=[checks["home"], checks["switch"]], HealthThreshold=2
        )
        zone = self._client("route53", "home").create_hosted_zone(Name=DOMAIN, CallerReference="zone")
        self._zone = zone["HostedZone"]["Id"].rpartition("/")[2]
        for side, role, check in (("home", "PRIMARY", checks["primary"]), ("recovery", "SECONDARY", "")):
            alias = {"HostedZoneId": parts[side]["_zone"], "DNSName": parts[side]["load_balancer"]}
            record = {"SetIdentifier": side, "Failover": role, "AliasTarget": {**alias, "EvaluateTargetHealth": True}}
            self._record(f"{CELL}.app.{DOMAIN}", record | ({"HealthCheckId": check} if check else {}))
        target = {"HostedZoneId": self._zone, "DNSName": f"{CELL}.app.{DOMAIN}", "EvaluateTargetHealth": False}
        self._record(f"app.{DOMAIN}", {"SetIdentifier": CELL, "Region": HOME, "AliasTarget": target})
        return checks

    def _check(self, reference: str, **config: Any) -> str:  # noqa: ANN401 - Route 53's own structure
        made = self._client("route53", "home").create_health_check(CallerReference=reference, HealthCheckConfig=config)
        return str(made["HealthCheck"]["Id"])

    def _record(self, name: str, record: Mapping[str, Any]) -> None:
        change = {"Action": "CREATE", "ResourceRecordSet": {"Name": name, "Type": "A", **record}}
        self._client("route53", "home").change_resource_record_sets(
            HostedZoneId=self._zone, ChangeBatch={"Changes": [change]}
        )

    def _manifest(self, parts: Mapping[str, Mapping[str, Any]], checks: Mapping[str, str]) -> Manifest:
        sides = {
            side: {key: value for key, value in part.items() if not key.startswith("_")} for side, part in parts.items()
        }
        text = manifest.write(
            {
                "cell": CELL,
                "jurisdiction": "US",
                "account_id": ACCOUNT,
                "writer": "home",
                **sides,
                "release": {"key": "release.zip", "sha256": hashlib.sha256(RELEASE).hexdigest()},
                "image": IMAGE,
                "switch": {
                    "region": RECOVERY,
                    "namespace": switch.NAMESPACE,
                    "metric": switch.METRIC,
                    "dimension": switch.DIMENSION,
                    "alarm": self._of("recovery", "failover-switch"),
                },
                "health_checks": dict(checks),
                "quotas": {"rds/L-7B6409FD": 3, "vpc/L-F678F1CE": 1},
                "targets": {"reads_seconds": 150, "writes_seconds": 900, "data_loss_seconds": 300},
            },
        )
        for side in _SIDES:
            self._client("ssm", side).put_parameter(
                Name=manifest.parameter_name(CELL),
                Value=text,
                Type="SecureString",
                KeyId=self._keys[side],
                Tier=manifest.tier(text),
            )
        return manifest.read(text)
