"""Rows on the rules about groups and pools."""

from __future__ import annotations

from typing import Final

from policies.rules.pools import GROUP, TEMPLATE
from sizing.autoscaling_tags import NODE_TEMPLATE, OPTIONS
from tests.policies.drafts import UNKNOWN, Edit, add, both, named, put, put_tag
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import CLUSTER

DRIVERS: Final = named("-driver-")
SYSTEM: Final = named("-system-")
TAINT: Final = f"{NODE_TEMPLATE}/taint/elastic-spark/pool"
THRESHOLD: Final = f"{OPTIONS}/scaledownutilizationthreshold"
LABEL: Final = f"{NODE_TEMPLATE}/label/elastic-spark"


def _schedule(group: str, **sizes: int) -> Edit:
    return add("aws:autoscaling/schedule:Schedule", autoscalingGroupName=group, scheduledActionName="x", **sizes)


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="group-has-no-desired-size",
        stack="ads-dev",
        breaks=put(GROUP, "desiredCapacity", UNKNOWN),
        unknown=None,
    ),
    Mutation(
        rule="group-is-protected-from-scale-in",
        stack="ads-dev",
        breaks=put(GROUP, "protectFromScaleIn", False),
    ),
    Mutation(
        rule="group-is-resized-by-the-autoscaler-alone",
        stack="ads-dev",
        breaks=put(GROUP, "suspendedProcesses", ["AlarmNotification", "InstanceRefresh"]),
        unknown=put(GROUP, "suspendedProcesses/0", UNKNOWN),
    ),
    Mutation(
        rule="no-scaling-policies",
        stack="ads-dev",
        breaks=add("aws:autoscaling/policy:Policy", autoscalingGroupName="spark-dev-driver-eu-central-1a-a"),
        unknown=None,
    ),
    Mutation(
        rule="schedule-moves-the-minimum-alone",
        stack="search-dev",
        breaks=put("aws:autoscaling/schedule:Schedule", "maxSize", ...),
    ),
    Mutation(
        rule="driver-group-is-never-scaled-in",
        stack="platform-dev",
        breaks=put_tag(GROUP, THRESHOLD, "0", DRIVERS),
    ),
    Mutation(
        rule="groups-have-no-tags-from-elsewhere",
        stack="platform-dev",
        breaks=add(
            "aws:autoscaling/tag:Tag",
            autoscalingGroupName="spark-dev-driver-eu-central-1a-a",
            tag={"key": THRESHOLD, "value": "0.5"},
        ),
        unknown=None,
    ),
    Mutation(
        rule="driver-group-has-no-schedule",
        stack="platform-dev",
        breaks=_schedule("spark-dev-driver-eu-central-1a-a", minSize=3, maxSize=-1, desiredCapacity=-1),
        unknown=both(
            _schedule("x", minSize=3, maxSize=-1, desiredCapacity=-1),
            put("aws:autoscaling/schedule:Schedule", "autoscalingGroupName", UNKNOWN),
        ),
    ),
    Mutation(
        rule="nodes-are-in-groups-of-our-own",
        stack="platform-dev",
        breaks=add("aws:eks/nodeGroup:NodeGroup", clusterName="spark-dev"),
        unknown=None,
    ),
    Mutation(
        rule="group-is-in-one-zone",
        stack="ads-dev",
        breaks=put(GROUP, "vpcZoneIdentifiers", ["subnet-1", "subnet-2"]),
    ),
    Mutation(
        rule="group-has-one-identity",
        stack="ads-dev",
        breaks=put_tag(GROUP, TAINT, "search-etl-main:NoSchedule"),
    ),
    Mutation(
        rule="spot-group-has-no-minimum",
        stack="research-dev",
        breaks=put(GROUP, "minSize", 2, named("-spot-")),
    ),
    Mutation(
        rule="spot-pool-falls-back-to-on-demand",
        stack="research-dev",
        breaks=lambda made: made.remove_all(GROUP, lambda inputs: "-spot-" not in inputs["name"]),
        unknown=put(GROUP, "tags/0/value", UNKNOWN),
    ),
    Mutation(
        rule="system-pool-is-static",
        stack="platform-dev",
        breaks=put(GROUP, "maxSize", 9, SYSTEM),
    ),
    Mutation(
        rule="instance-types-of-a-group-are-alike",
        stack="ads-dev",
        breaks=put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1/instanceType", "r6i.4xlarge"),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, switch, value), f"{switch} is on")
        for switch, value in (
            ("maxInstanceLifetime", 86400),
            ("instanceRefresh", {"strategy": "Rolling"}),
            ("warmPool", {}),
            ("forceDelete", True),
        )
    ),
    ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, "healthCheckType", "ELB"), "is ELB"),
    *(
        ("nodes-are-in-groups-of-our-own", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:eks/fargateProfile:FargateProfile"), "FargateProfile by-hand"),
            (add("aws:ec2/fleet:Fleet"), "Fleet by-hand"),
            (put(GROUP, "launchConfiguration", "x"), "launchConfiguration is set"),
            (put(CLUSTER, "skipDefaultNodeGroup", ...), "skipDefaultNodeGroup is not true"),
            (put(CLUSTER, "autoMode", {"enabled": True}), "autoMode is set"),
        )
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/instancesDistribution/onDemandPercentageAboveBaseCapacity", 60),
        "40 % of it is Spot, its label on-demand",
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put(TEMPLATE, "instanceMarketOptions", {"marketType": "spot"}),
        "instanceMarketOptions is set",
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put_tag(GROUP, f"{NODE_TEMPLATE}/label/elastic-spark/capacity", "spot"),
        "it is labelled spot and buys on-demand nodes",
    ),
    ("no-scaling-policies", "platform-dev", add("aws:autoscalingplans/scalingPlan:ScalingPlan"), "it scales a group"),
    (
        "instance-types-of-a-group-are-alike",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1", {"instanceRequirements": {}}),
        "by what they have",
    ),
    ("group-has-one-identity", "ads-dev", put(GROUP, "name", ...), "name is not set, and the rule needs it"),
    ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, "capacityRebalance", True), "capacityRebalance"),
    ("group-is-in-one-zone", "ads-dev", put(GROUP, "availabilityZones", ["a", "b"]), "availabilityZones names 2"),
    ("group-has-one-identity", "ads-dev", put_tag(GROUP, f"{LABEL}/pool", ...), "no tag for the label"),
    ("group-has-one-identity", "ads-dev", put(GROUP, "name", "spark-dev-other-eu-central-1a-a"), "the group is named"),
    (
        "group-has-one-identity",
        "ads-dev",
        put_tag(GROUP, f"{LABEL}/queue", "ads-other"),
        "not one of the queue ads-other",
    ),
    ("group-has-one-identity", "ads-dev", put_tag(GROUP, f"{LABEL}/purpose", "driver"), "the purpose is driver"),
    (
        "instance-types-of-a-group-are-alike",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1/instanceType", "x9.large"),
        "x9.large is not in sizing/data",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("system-pool-is-static", "platform-dev", put(GROUP, "minSize", 0, named("-driver-"))),
    ("group-has-no-desired-size", "ads-dev", put(GROUP, "desiredCapacityType", "units")),
    ("instance-types-of-a-group-are-alike", "ads-dev", put(GROUP, "mixedInstancesPolicy", ...)),
    ("spot-pool-falls-back-to-on-demand", "ads-dev", put_tag(GROUP, f"{LABEL}/x", "y")),
)
