"""Rules for pools: who may resize a group, and what it is taken for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from policies.model import Enforcement, Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.values import Properties
from sizing import instances, names
from sizing.autoscaling_tags import KEEPS_EVERY_NODE, NODE_TEMPLATE, OPTIONS
from sizing.values import Json

GROUP: Final = "aws:autoscaling/group:Group"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
POOL: Final = "elastic-spark:pool:Pool"
RESIZING: Final = ("AZRebalance", "AlarmNotification", "InstanceRefresh")
"""Processes of Auto Scaling that resize a group or replace healthy nodes.

Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
"""
NODES_BY_OTHERS: Final = (
    "aws:ec2/fleet:Fleet",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotFleetRequest:SpotFleetRequest",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:eks/fargateProfile:FargateProfile",
    "aws:eks/nodeGroup:NodeGroup",
    "eks:index:ManagedNodeGroup",
    "eks:index:NodeGroup",
    "eks:index:NodeGroupV2",
)
"""Other ways to nodes, or to what describes them."""
REPLACING: Final = (
    "capacityRebalance",
    "forceDelete",
    "forceDeleteWarmPool",
    "instanceRefresh",
    "maxInstanceLifetime",
    "warmPool",
)
"""Properties of a group by which AWS ends nodes that run, or starts some that the autoscaler doesn't know."""


def tags_of(group: Resource) -> dict[str, str]:
    """The tags of an Auto Scaling group by their keys."""
    return {tag["key"]: tag["value"] for tag in group.props.get("tags") or ()}


def node_label(group: Resource, label: str) -> str | None:
    """A label of the nodes of a group, by the tag from which the autoscaler learns it."""
    return tags_of(group).get(f"{NODE_TEMPLATE}/label/{label}")


def overrides_of(group: Resource) -> Iterable[Properties]:
    """What the mixed instances policy of a group names in place of its template's type; empty where it has none."""
    policy = group.props.get("mixedInstancesPolicy")
    overrides: Iterable[Properties] = () if policy is None else policy["launchTemplate"].get("overrides", ())
    return overrides


def is_retiring(group: Resource) -> bool:
    """Whether a group launches no nodes any more."""
    return "Launch" in (group.props.get("suspendedProcesses") or ())


@resource_rule(GROUP, severity=Severity.CRITICAL, remedy="Remove desiredCapacity from the group.")
def group_has_no_desired_size(group: Resource) -> Iterator[str]:
    """A group's desired size is never written.

    It belongs to the autoscaler: whatever a deployment sends undoes its decisions, and may end nodes with executors.
    """
    if "desiredCapacity" in group.props:
        yield "desiredCapacity is set"


@resource_rule(GROUP, severity=Severity.CRITICAL, remedy="Set protectFromScaleIn to true.")
def group_is_protected_from_scale_in(group: Resource) -> Iterator[str]:
    """Every group is protected from scale-in.

    The autoscaler ends chosen instances, which protection allows; rebalancing and capacity clean-up, which choose
    victims themselves, it stops.
    """
    if group.props.get("protectFromScaleIn") is not True:
        yield "protectFromScaleIn is not true"


@resource_rule(
    GROUP,
    remedy="Suspend AZRebalance, AlarmNotification and InstanceRefresh, and remove the property that is named.",
)
def group_is_resized_by_the_autoscaler_alone(group: Resource) -> Iterator[str]:
    """Nothing in AWS but the autoscaler resizes a group or replaces its healthy nodes.

    Rebalancing, alarms and instance refreshes end nodes without asking whether an executor runs there.
    """
    missing = sorted(set(RESIZING) - set(group.props.get("suspendedProcesses") or ()))
    if missing:
        yield f"not suspended: {', '.join(missing)}"
    for switch in REPLACING:
        if group.props.get(switch) not in (None, False, 0):
            yield f"{switch} is on"
    if group.props.get("healthCheckType", "EC2") != "EC2":
        yield f"healthCheckType is {group.props['healthCheckType']}: it ends nodes that run"


@resource_rule(
    "aws:autoscaling/policy:Policy",
    "aws:autoscalingplans/scalingPlan:ScalingPlan",
    remedy="Remove the scaling policy; declare a schedule in the pool's settings, or raise its minimum.",
)
def no_scaling_policies(policy: Resource) -> Iterator[str]:
    """No group has a scaling policy of Auto Scaling's own.

    It sets desired sizes by its own metrics, against the autoscaler, and takes nodes that are in use.
    """
    yield f"it scales {policy.props.get('autoscalingGroupName', 'a group')}"


@resource_rule(
    "aws:autoscaling/schedule:Schedule",
    remedy="Set desiredCapacity and maxSize to -1, which leaves them alone; a schedule moves minSize only.",
)
def schedule_moves_the_minimum_alone(schedule: Resource) -> Iterator[str]:
    """A schedule changes a group's minimum and nothing else.

    Sizes default to 0 in the provider: a schedule that leaves them out takes a whole group away.
    """
    for size in ("desiredCapacity", "maxSize"):
        if schedule.props.get(size) != -1:
            yield f"{size} is {schedule.props.get(size, '0, by default')}"


@resource_rule(
    GROUP,
    severity=Severity.CRITICAL,
    remedy="Set the two autoscaling-options tags for utilization thresholds to -1, as components/nodes/pool.py does.",
)
def driver_group_is_never_scaled_in(group: Resource) -> Iterator[str]:
    """The autoscaler never scales a driver group in.

    A driver that loses its node takes its job with it. Only a threshold below 0 keeps nodes that are empty or idle.
    """
    if node_label(group, names.PURPOSE_LABEL) != "driver":
        return
    tags = tags_of(group)
    for option in ("scaledownutilizationthreshold", "scaledowngpuutilizationthreshold"):
        if (found := tags.get(f"{OPTIONS}/{option}")) != KEEPS_EVERY_NODE:
            yield f"{option} is {found or 'not set'}"


@resource_rule(
    "aws:autoscaling/tag:Tag",
    severity=Severity.CRITICAL,
    remedy="Give the group its tags itself, as components/nodes/pool.py does.",
)
def groups_have_no_tags_from_elsewhere(tag: Resource) -> Iterator[str]:
    """Nothing beside a group sets its tags.

    They are the autoscaler's orders: one more makes driver nodes go, or another queue's nodes come, and no other rule
    would see it.
    """
    yield f"it tags {tag.props.get('autoscalingGroupName', 'a group')}"


@stack_rule(severity=Severity.CRITICAL, remedy="Remove the schedule, or give it to an executor pool.")
def driver_group_has_no_schedule(stack: Stack) -> Iterator[Violation]:
    """No schedule touches a driver group.

    Its end lowers the minimum again, and with it the only floor below which nobody takes nodes.
    """
    drivers = {g.props["name"] for g in stack.of_type(GROUP) if node_label(g, names.PURPOSE_LABEL) == "driver"}
    for schedule in stack.of_type("aws:autoscaling/schedule:Schedule"):
        if schedule.props["autoscalingGroupName"] in drivers:
            yield Violation(f"it moves the driver group {schedule.props['autoscalingGroupName']}", schedule.urn)


@resource_rule(
    *NODES_BY_OTHERS,
    GROUP,
    "eks:index:Cluster",
    remedy="Declare a pool; components/nodes/pool.py makes its groups (docs/decisions/0004-self-managed-groups.md).",
)
def nodes_are_in_groups_of_our_own(node_group: Resource) -> Iterator[str]:
    """Nodes are in self-managed Auto Scaling groups with launch templates.

    EKS's managed node groups send a stale desired size with every change and drain running executors for an upgrade;
    what other ways bring has neither a pool's labels nor its locks.
    """
    if node_group.type in NODES_BY_OTHERS:
        yield f"{node_group.type.rpartition(':')[2]} {node_group.name} is none"
    elif node_group.type == GROUP:
        if "launchConfiguration" in node_group.props:
            yield "launchConfiguration is set"
    else:
        if node_group.props.get("skipDefaultNodeGroup") is not True:
            yield "skipDefaultNodeGroup is not true: the component makes a group of its own"
        yield from (f"{way} is set" for way in ("autoMode", "fargate") if node_group.props.get(way))


@resource_rule(GROUP, remedy="Make a group for each zone, each with one subnet.")
def group_is_in_one_zone(group: Resource) -> Iterator[str]:
    """No group spans zones.

    The autoscaler could not say where a node comes, and AZRebalance would end nodes to even the zones out.
    """
    for places in ("vpcZoneIdentifiers", "availabilityZones"):
        if places in group.props and len(group.props[places]) > 1:
            yield f"{places} names {len(group.props[places])}"


@resource_rule(
    GROUP,
    severity=Severity.CRITICAL,
    remedy="Let the tags for the pool's label and taint, and the group's name, carry one identity.",
)
def group_has_one_identity(group: Resource) -> Iterator[str]:
    """The label, the taint, the queue and the name that a group's tags tell agree.

    By these tags the autoscaler finds a group for a waiting executor: where they differ, it starts nodes of one queue
    for another's, or none at all.
    """
    identity = node_label(group, names.POOL_LABEL)
    if identity is None:
        yield f"no tag for the label {names.POOL_LABEL}"
        return
    taint = tags_of(group).get(f"{NODE_TEMPLATE}/taint/{names.POOL_LABEL}")
    if taint != f"{identity}:NoSchedule":
        yield f"the label says {identity}, the taint {taint or 'nothing'}"
    if f"-{identity}-" not in group.props["name"]:
        yield f"the label says {identity}, the group is named {group.props['name']}"
    purpose, queue = node_label(group, names.PURPOSE_LABEL), node_label(group, names.QUEUE_LABEL)
    if purpose == "executor" and not identity.startswith(f"{queue}-"):
        yield f"the pool {identity} is not one of the queue {queue or 'that no tag names'}"
    if purpose != "executor" and identity != purpose:
        yield f"the purpose is {purpose or 'not told'}, the identity {identity}"


@resource_rule(
    GROUP,
    TEMPLATE,
    remedy="Buy Spot nodes in groups of their own, labelled spot, with minSize 0; on-demand nodes hold the minimum.",
)
def spot_group_has_no_minimum(resource: Resource) -> Iterator[str]:
    """A group that buys Spot nodes buys nothing else and says so, and its minimum is 0.

    AWS takes Spot nodes when it likes: a minimum of them is no guarantee, and the autoscaler waits for it in vain.
    """
    if resource.type == TEMPLATE:
        if "instanceMarketOptions" in resource.props:
            yield "instanceMarketOptions is set: the group says what it buys"
        return
    capacity = node_label(resource, names.CAPACITY_LABEL)
    distribution = (resource.props.get("mixedInstancesPolicy") or {}).get("instancesDistribution") or {}
    on_demand = distribution.get("onDemandPercentageAboveBaseCapacity", 100)
    if on_demand < 100 and capacity != "spot":
        yield f"{100 - on_demand} % of it is Spot, its label {capacity or 'missing'}"
    if capacity == "spot" and (on_demand or distribution.get("onDemandBaseCapacity")):
        yield "it is labelled spot and buys on-demand nodes"
    if capacity == "spot" and resource.props["minSize"] != 0:
        yield f"minSize is {resource.props['minSize']}"


@stack_rule(
    enforcement=Enforcement.ADVISORY,
    severity=Severity.MEDIUM,
    remedy="Let `fallback` of the pool be true, unless its jobs may wait for Spot capacity.",
)
def spot_pool_falls_back_to_on_demand(stack: Stack) -> Iterator[Violation]:
    """A pool of Spot nodes has on-demand groups to fall back on.

    Without them its jobs wait for as long as AWS has no Spot capacity.
    """
    by_pool: dict[str | None, dict[str | None, Resource]] = {}
    for group in stack.of_type(GROUP):
        capacities = by_pool.setdefault(node_label(group, names.POOL_LABEL), {})
        capacities[node_label(group, names.CAPACITY_LABEL)] = group
    for pool, capacities in by_pool.items():
        if capacities.keys() == {"spot"}:
            yield Violation(f"pool {pool} has Spot groups alone", capacities["spot"].urn)


@resource_rule(GROUP, remedy="Set minSize and maxSize of the system groups to the same number.")
def system_pool_is_static(group: Resource) -> Iterator[str]:
    """The system pool has as many nodes at its minimum as at its maximum.

    What runs there scales the others: it must never wait for nodes itself.
    """
    static = group.props["minSize"] == group.props["maxSize"]
    if node_label(group, names.PURPOSE_LABEL) == "system" and not static and not is_retiring(group):
        yield f"minSize is {group.props['minSize']}, maxSize {group.props['maxSize']}"


@resource_rule(GROUP, remedy="Name types with the same vCPU, memory and architecture.")
def instance_types_of_a_group_are_alike(group: Resource) -> Iterator[str]:
    """The instance types of a group have the same vCPU, memory and architecture.

    The autoscaler takes every node for one of the first type; an executor that fills that one never fits a smaller.
    """
    shapes: dict[tuple[Json, ...], list[str]] = {}
    for override in overrides_of(group):
        if "instanceType" not in override:
            yield "an override chooses types by what they have"
            continue
        name = override["instanceType"]
        try:
            found = instances.instance(name)
        except instances.UnknownInstanceType:
            yield f"{name} is not in sizing/data; add it with `fleet refresh-instances`"
            continue
        shapes.setdefault((found.vcpu, found.memory_mib, found.architecture), []).append(name)
    if len(shapes) > 1:
        yield "; ".join(
            f"{', '.join(types)}: {vcpu} vCPU, {memory} MiB, {architecture}"
            for (vcpu, memory, architecture), types in shapes.items()
        )
