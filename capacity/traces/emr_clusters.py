"""EMR's clusters and their instances, from what the AWS CLI says of them.

One name is one cluster: `describe-cluster`, `list-instances`, `list-instance-groups` or `list-instance-fleets`, in any
order and as often as they were asked. Source: the service model `emr` of botocore, to which tests hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from capacity.traces.skipped import Skip
from capacity.traces.times import moment

KEYS: Final = ("Cluster", "Instances", "InstanceGroups", "InstanceFleets")
LISTED: Final = timedelta(days=30)
"""For how long `list-instances` says that an instance was there, from its end on.

Source: https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstances.html
"""
MOST_LISTED: Final = 2000
"""Instances of which `list-instances` says something, at most. Source: the same."""
MASTER: Final = "master"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An EC2 instance of a cluster.

    Args:
        identity: EMR's own, `ci-...`.
        role: `master`, `core` or `task`; empty where no groups or fleets were read.
        instance_type: of EC2.
        spot: whether it was bought so.
        created: when EMR asked for it.
        ready: when it could run tasks; `None` where it never could.
        ended: `None` where it was still there.
    """

    identity: str
    role: str
    instance_type: str
    spot: bool
    created: datetime
    ready: datetime | None
    ended: datetime | None


@dataclass
class Cluster:
    """A cluster, as far as answers say.

    Args:
        name: under which its answers were read.
        region: `None` where no answer says it.
        tags: its own.
        instances: by their identity; those that EC2 never launched aren't there.
        listed: when its instances were asked for: of each time, those that ended in the `LISTED` before are known.
    """

    name: str
    region: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    listed: list[datetime] = field(default_factory=list)


def clusters_of(answers: Iterable[tuple[str, datetime, Mapping[str, Any]]], skip: Skip) -> dict[str, Cluster]:
    """The clusters that answers are of, by name.

    Args:
        answers: of each the cluster's name, when AWS was asked, and what the AWS CLI printed.
        skip: is told of instances that were never there, and where there may be more than are listed.
    """
    found: dict[str, Cluster] = {}
    groups: dict[str, tuple[str, str]] = {}
    listed: list[tuple[Cluster, datetime, Mapping[str, Any]]] = []
    for name, asked, answer in answers:
        cluster = found.setdefault(name, Cluster(name))
        if "Cluster" in answer:
            cluster.region = _region(answer["Cluster"]) or cluster.region
            cluster.tags |= {tag["Key"]: tag.get("Value", "") for tag in answer["Cluster"].get("Tags", [])}
        for group in answer.get("InstanceGroups", ()):
            groups[group["Id"]] = group["InstanceGroupType"].lower(), group.get("InstanceType", "")
        for fleet in answer.get("InstanceFleets", ()):
            groups[fleet["Id"]] = fleet["InstanceFleetType"].lower(), ""
        if "Instances" in answer:
            cluster.listed.append(asked)
            listed += [(cluster, asked, instance) for instance in answer["Instances"]]
            if len(answer["Instances"]) >= MOST_LISTED:
                skip(name, f"instances beyond {MOST_LISTED:,}: EMR lists no more at a time; ask more often")
    for cluster, _, one in sorted(listed, key=lambda entry: entry[1]):  # what was said later counts
        if not one.get("Ec2InstanceId"):
            skip(f"{cluster.name} {one['Id']}", "never there: EC2 had no such instance")
            continue
        times = one["Status"]["Timeline"]
        role, instance_type = groups.get(one.get("InstanceGroupId") or one.get("InstanceFleetId") or "", ("", ""))
        cluster.instances[one["Id"]] = Instance(
            identity=one["Id"],
            role=role,
            instance_type=one.get("InstanceType") or instance_type,
            spot=one.get("Market") == "SPOT",
            created=moment(times["CreationDateTime"]),
            ready=moment(times["ReadyDateTime"]) if "ReadyDateTime" in times else None,
            ended=moment(times["EndDateTime"]) if "EndDateTime" in times else None,
        )
    return found


def _region(cluster: Mapping[str, Any]) -> str | None:
    """By its ARN, `arn:aws:elasticmapreduce:REGION:...`, else by its zone."""
    parts = cluster.get("ClusterArn", "").split(":")
    if len(parts) > 3 and parts[3]:
        return str(parts[3])
    zone = cluster.get("Ec2InstanceAttributes", {}).get("Ec2AvailabilityZone", "")
    return str(zone).rstrip("abcdefghij") or None
