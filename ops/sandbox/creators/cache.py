"""Creators for the cache."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Creator, Values


def _delivery(item: Values) -> dict[str, Any]:
    """One of a cache's logs in the words of ElastiCache."""
    return {
        "LogType": item["logType"],
        "LogFormat": item["logFormat"],
        "DestinationType": item["destinationType"],
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": item["destination"]}},
    }


def _replication_group(values: Values) -> dict[str, Any]:
    """The inputs with logs in ElastiCache's words, and the replicas counted as moto counts them.

    moto takes the number of nodes from the replicas of a node group only.
    """
    return {
        **values,
        "replicasPerNodeGroup": values["numCacheClusters"] - 1,
        "logDeliveryConfigurations": [_delivery(item) for item in values.get("logDeliveryConfigurations", [])],
    }


CREATORS: Final = {
    "aws:elasticache/subnetGroup:SubnetGroup": Creator(
        service="elasticache",
        operation="create_cache_subnet_group",
        id="{name}",
        params={"CacheSubnetGroupName": "{name}", "CacheSubnetGroupDescription": "{description}"},
        outputs={"arn": "CacheSubnetGroup.ARN", "vpcId": "CacheSubnetGroup.VpcId"},
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Creator(
        service="elasticache",
        operation="create_replication_group",
        id="{replicationGroupId}",
        prepare=_replication_group,
        params={
            "ReplicationGroupDescription": "{description}",
            "CacheNodeType": "{nodeType}",
            "CacheParameterGroupName": "{parameterGroupName}",
            "CacheSubnetGroupName": "{subnetGroupName}",
            "PreferredMaintenanceWindow": "{maintenanceWindow}",
            # ElastiCache spreads the nodes by itself; moto would name zones of us-east-1 in every region.
            "PreferredCacheClusterAZs": ["{region}a", "{region}c"],
        },
        outputs={
            "arn": "ReplicationGroup.ARN",
            "primaryEndpointAddress": "ReplicationGroup.NodeGroups[0].PrimaryEndpoint.Address",
            "readerEndpointAddress": "ReplicationGroup.NodeGroups[0].ReaderEndpoint.Address",
            "memberClusters": "ReplicationGroup.MemberClusters",
        },
        dropped={
            "applyImmediately": "says when later changes happen",
            "authTokenUpdateStrategy": "says how the token is changed later",
            "finalSnapshotIdentifier": "says what happens at deletion",
        },
    ),
}
RECORDED: Final = {
    "aws:elasticache/parameterGroup:ParameterGroup": "moto has no parameter groups for ElastiCache",
}
