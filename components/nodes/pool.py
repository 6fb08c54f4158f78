"""A pool: identical nodes with one purpose, as one self-managed Auto Scaling group per zone.

Why not EKS managed node groups, and how one generation gives way to the next:
docs/decisions/0004-self-managed-groups.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.nodes.boot import NodeBoot
from components.nodes.user_data import node_config, user_data
from sizing import names
from sizing.autoscaling_tags import (
    ScaleIn,
    Taint,
    cluster_tag,
    group_tags,
    option_tags,
    template_tags,
    volume_cluster_tag,
)
from sizing.nodes import Resources

ROOT_DEVICE = "/dev/xvda"
"""Root device of the EKS AL2023 AMIs (awslabs/amazon-eks-ami, templates/al2023/template.json)."""
SUSPENDED = ("AZRebalance", "AlarmNotification", "InstanceRefresh")
"""Processes by which AWS would resize a group or replace its healthy nodes. ReplaceUnhealthy stays: it takes broken
machines only, and a minimum that isn't repaired isn't one. ScheduledActions stays: schedules raise minimums."""
SUSPENDED_WHEN_RETIRING = tuple(sorted((*SUSPENDED, "Launch")))
"""A retiring group gets no new node, not even in place of a broken one."""
TAGGED = ("instance", "network-interface", "volume")
"""What a launch makes and the provider's default tags don't reach."""


@dataclass(frozen=True, kw_only=True)
class ZoneGroup:
    """One zone's share of a pool.

    Args:
        subnet_id: the zone's private node subnet.
        minimum: nodes that are always there.
        maximum: nodes at most.
    """

    subnet_id: pulumi.Input[str]
    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class PoolArgs:
    """What the nodes of a pool are, and how many of them there may be.

    Args:
        boot: what its nodes share with those of all pools.
        identity: value of the pool's label and taint: `system`, `driver`, or `sizing.names.pool_identity`.
        purpose: value of the purpose label.
        generation: which generation of groups takes work.
        retiring: earlier generations that only finish what runs on them; drop one when its groups are empty.
        instance_types: in order of preference, the same vCPU, memory and architecture.
        architecture: of the AMI and the instance types, as in the label kubernetes.io/arch.
        zones: the group of each zone, by the zone's name.
        maximum: nodes at most, over all zones; where the zones' sum is larger, the queue bounds it.
        capacity: how instances are bought.
        disk_gib: size of the root volume, GiB.
        instance_store: the types have local disks, which take the pods' files and images.
        allocatable: of one node, the same for all types; its `pods` becomes the kubelet's limit.
        labels: of the nodes, beside pool, purpose, capacity, generation and the AMI's release.
        scale_in: `never`, or `empty` for nodes without drivers or executors.
        unneeded_time: how long a node stays empty before it goes, a Go duration; `None` for the autoscaler's flag.
        tags: for cost allocation, all of them: the provider's default tags reach the launch template alone.
        protect: refuse to delete the groups.
    """

    boot: NodeBoot
    identity: str
    purpose: Literal["system", "driver", "executor"]
    generation: str
    retiring: tuple[str, ...]
    instance_types: tuple[str, ...]
    architecture: str
    zones: Mapping[str, ZoneGroup]
    maximum: int
    capacity: Literal["on-demand", "spot"]
    disk_gib: int
    instance_store: bool
    allocatable: Resources
    labels: Mapping[str, str]
    scale_in: ScaleIn
    unneeded_time: str | None
    tags: Mapping[str, str]
    protect: bool


class Pool(Component):
    """A launch template for each generation and an Auto Scaling group for each zone and generation.

    Attributes:
        taint: of every node.
        group_names: names of the current generation's groups, by zone.

    Raises:
        ValueError: a generation is named twice, or the tags don't fit a group.
    """

    module = "pool"

    def __init__(self, name: str, args: PoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.taint = Taint(names.POOL_LABEL, args.identity)
        # Of the user data itself nothing is known before the cluster is there.
        super().__init__(name, args, opts, {"nodeConfig": self._node_config(args, args.generation)})
        generations = (args.generation, *args.retiring)
        if len(set(generations)) < len(generations):
            raise ValueError(f"pool {args.identity}: a generation is either current or retiring, once: {generations}")
        self.group_names = {
            zone: names.group(args.boot.platform, args.identity, zone, args.generation, spot=args.capacity == "spot")
            for zone in sorted(args.zones)
        }
        for generation in sorted(generations):
            template = self._create_template(name, args, generation)
            for zone in sorted(args.zones):
                self._create_group(name, args, generation, zone, template)
        self.register_outputs({"groupNames": self.group_names, **_numbers(args)})

    def _create_template(self, name: str, args: PoolArgs, generation: str) -> aws.ec2.LaunchTemplate:
        template_name = names.launch_template(
            args.boot.platform, args.identity, generation, spot=args.capacity == "spot"
        )
        launched = {**args.tags, "Name": template_name, cluster_tag(args.boot.platform): "owned"}
        attachable = volume_cluster_tag(args.boot.platform)
        return aws.ec2.LaunchTemplate(
            f"{name}-template-{generation}",
            name=template_name,
            image_id=args.boot.ami_parameter(args.architecture),
            user_data=pulumi.Output.from_input(self._node_config(args, generation)).apply(user_data),
            iam_instance_profile={"name": args.boot.instance_profile},
            block_device_mappings=[
                {
                    "device_name": ROOT_DEVICE,
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": args.disk_gib,
                        "encrypted": "true",
                        **({"kms_key_id": args.boot.volume_key_arn} if args.boot.volume_key_arn else {}),
                        "delete_on_termination": "true",
                    },
                }
            ],
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                # One hop ends on the node: pods get their rights from Pod Identity, never the node's.
                "http_put_response_hop_limit": 1,
                "instance_metadata_tags": "disabled",
            },
            monitoring={"enabled": False},
            network_interfaces=[
                {
                    "device_index": 0,
                    "associate_public_ip_address": "false",
                    "delete_on_termination": "true",
                    "security_groups": list(args.boot.security_group_ids),
                }
            ],
            tag_specifications=[
                # On a root volume the tag would let the storage driver delete it.
                {"resource_type": kind, "tags": launched | (attachable if kind == "instance" else {})}
                for kind in TAGGED
            ],
            update_default_version=True,
            tags=dict(args.tags),
            opts=self.child(),
        )

    def _node_config(self, args: PoolArgs, generation: str) -> dict[str, Any]:
        return node_config(
            args.boot,
            # Not in the group's tags: the autoscaler and jobs choose no node by its AMI.
            labels={**_labels(args, generation), names.AMI_LABEL: args.boot.ami_release},
            taints=[self.taint, *args.boot.startup_taints],
            max_pods=args.allocatable.pods,
            instance_store=args.instance_store,
        )

    def _create_group(
        self, name: str, args: PoolArgs, generation: str, zone: str, template: aws.ec2.LaunchTemplate
    ) -> None:
        retiring = generation != args.generation
        size = args.zones[zone]
        group_name = names.group(args.boot.platform, args.identity, zone, generation, spot=args.capacity == "spot")
        tags = group_tags(
            group_name,
            args.boot.platform,
            cost_tags=args.tags,
            template=template_tags(_labels(args, generation), [self.taint], args.allocatable),
            options=option_tags(args.scale_in, args.unneeded_time),
            discovered=args.purpose != "system" and not retiring,
        )
        aws.autoscaling.Group(
            f"{name}-group-{zone}-{generation}",
            name=group_name,
            # No desired_capacity: it belongs to the autoscaler, and whatever is sent here would undo its decisions.
            min_size=0 if retiring else size.minimum,
            max_size=size.maximum,
            vpc_zone_identifiers=[size.subnet_id],
            mixed_instances_policy=_mixed_instances(args, template),
            protect_from_scale_in=True,
            suspended_processes=list(SUSPENDED_WHEN_RETIRING if retiring else SUSPENDED),
            # A rebalance recommendation is no interruption: it would take nodes whose executors could have finished.
            capacity_rebalance=False,
            health_check_type="EC2",
            force_delete=False,
            # Capacity comes when AWS has it; an `up` neither waits for nodes nor fails for want of them.
            wait_for_capacity_timeout="0",
            tags=[{"key": key, "value": value, "propagate_at_launch": False} for key, value in tags.items()],
            opts=self.child(
                # Deleting a group takes its scale-in protection off and terminates its nodes, whatever runs there.
                protect=args.protect,
                # A successor's smaller maximum would shrink the group that it relieves.
                ignore_changes=["maxSize"] if retiring else None,
            ),
        )


def _numbers(args: PoolArgs) -> dict[str, Any]:
    """What the pool's cost follows from, under the names of its inputs: rules over a whole stack see outputs alone."""
    return {
        "identity": args.identity,
        "purpose": args.purpose,
        "capacity": args.capacity,
        "diskGib": args.disk_gib,
        "instanceTypes": list(args.instance_types),
        "labels": dict(args.labels),
        "retiring": list(args.retiring),
        "zones": {zone: {"minimum": size.minimum, "maximum": size.maximum} for zone, size in args.zones.items()},
        "maximum": args.maximum,
    }


def _labels(args: PoolArgs, generation: str) -> dict[str, str]:
    return {
        **args.labels,
        names.POOL_LABEL: args.identity,
        names.PURPOSE_LABEL: args.purpose,
        names.CAPACITY_LABEL: args.capacity,
        names.GENERATION_LABEL: generation,
    }


def _mixed_instances(
    args: PoolArgs, template: aws.ec2.LaunchTemplate
) -> aws.autoscaling.GroupMixedInstancesPolicyArgsDict:
    distribution: aws.autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgsDict
    if args.capacity == "spot":
        distribution = {
            "on_demand_base_capacity": 0,
            "on_demand_percentage_above_base_capacity": 0,
            "spot_allocation_strategy": "price-capacity-optimized",
        }
    else:
        distribution = {
            "on_demand_base_capacity": 0,
            "on_demand_percentage_above_base_capacity": 100,
            # By the order of the types, the first of which is also the autoscaler's template.
            "on_demand_allocation_strategy": "prioritized",
        }
    return {
        "instances_distribution": distribution,
        "launch_template": {
            "launch_template_specification": {
                "launch_template_name": template.name,
                # New nodes follow the template by themselves; a version that somebody drafts by hand isn't the default.
                "version": "$Default",
            },
            "overrides": [{"instance_type": instance_type} for instance_type in args.instance_types],
        },
    }
