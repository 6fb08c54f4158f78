"""Tags of an Auto Scaling group: what cluster-autoscaler reads there instead of asking a node.

Source of keys and parsing, where not said otherwise: kubernetes/autoscaler 1.36.1, cloudprovider/aws/aws_manager.go and
config/const.go. The autoscaler skips or only logs a value that it can't parse, so all values are made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from sizing.nodes import Resources, scale_from_zero_resources
from sizing.quantities import format_bytes, format_cpu

ENABLED_TAG: Final = "k8s.io/cluster-autoscaler/enabled"
NODE_TEMPLATE: Final = "k8s.io/cluster-autoscaler/node-template"
OPTIONS: Final = f"{NODE_TEMPLATE}/autoscaling-options"

KEEPS_EVERY_NODE: Final = "-1"
"""A node is kept while utilization > threshold, and no utilization is below 0 (core/scaledown/eligibility)."""
KEEPS_BUSY_NODES: Final = "0"
"""Only a node that nothing but DaemonSets uses is at 0."""
NEVER: Final = "87600h"
"""Ten years as a Go duration, which has no unit above the hour: a second belt behind the threshold."""
SHORTEST_UNNEEDED: Final = 10
"""Seconds; the autoscaler scans no more often."""
LONGEST_UNNEEDED: Final = 3600
"""Seconds; who wants empty nodes for longer wants a minimum, or a schedule."""
UNNEEDED_TIME: Final = "90s"
"""How long a node stays empty before it goes, where neither platform nor pool says otherwise; a Go duration.

docs/benchmarks.md (how long empty nodes stay) has the figures.
"""
DELAY_AFTER_SCALE_OUT: Final = "10s"
"""How long after a scale-out of its group no node counts as empty, where the platform doesn't say otherwise.

The unneeded time begins after it: a node that came with a burst stays for both. Same source.
"""
MAXIMUM_TAGS: Final = 50
"""Tags of one Auto Scaling group at most (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html)."""

ScaleIn = Literal["never", "empty"]


class Taint(NamedTuple):
    """A taint of a pool's nodes."""

    key: str
    value: str
    effect: Literal["NoSchedule", "NoExecute"] = "NoSchedule"


def discovery_tag(platform: str) -> str:
    """The tag that makes a group one of this cluster's autoscaler; its IAM rights hang on the value `owned` too."""
    return f"k8s.io/cluster-autoscaler/{platform}"


def cluster_tag(platform: str) -> str:
    """The tag by which EKS and load balancer controllers know a cluster's own instances and groups."""
    return f"kubernetes.io/cluster/{platform}"


def volume_cluster_tag(platform: str) -> dict[str, str]:
    """The tag of instances to which the cluster's storage driver may attach volumes.

    EKS sets one of its own on nodes of managed groups, and none on ours.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverEKSClusterScopedPolicy.html
    """
    return {"ebs.csi.aws.com/cluster-name": platform}


def discovery_tags(platform: str) -> dict[str, str]:
    """Tags that hand a group to cluster-autoscaler (`--node-group-auto-discovery`); without them it leaves it alone."""
    return {ENABLED_TAG: "true", discovery_tag(platform): "owned"}


def template_tags(labels: Mapping[str, str], taints: Sequence[Taint], allocatable: Resources) -> dict[str, str]:
    """Tags that describe a node of a group that has none. Zone, architecture and instance type need no tag.

    Args:
        labels: of the node, beside those that Kubernetes sets.
        taints: of the node.
        allocatable: of the node; what the autoscaler takes off for its own kube-proxy is added.
    """
    resources = scale_from_zero_resources(allocatable)
    return {
        **{f"{NODE_TEMPLATE}/label/{key}": labels[key] for key in sorted(labels)},
        **{f"{NODE_TEMPLATE}/taint/{taint.key}": f"{taint.value}:{taint.effect}" for taint in taints},
        f"{NODE_TEMPLATE}/resources/cpu": format_cpu(resources.cpu),
        f"{NODE_TEMPLATE}/resources/memory": format_bytes(resources.memory),
        f"{NODE_TEMPLATE}/resources/ephemeral-storage": format_bytes(resources.ephemeral_storage),
        f"{NODE_TEMPLATE}/resources/pods": str(resources.pods),
    }


def option_tags(scale_in: ScaleIn, unneeded_time: str | None) -> dict[str, str]:
    """Tags that override the autoscaler's flags for one group.

    Args:
        scale_in: `never` keeps every node, idle or unready too; `empty` gives back those without drivers or executors.
        unneeded_time: how long a node stays empty before it goes, a Go duration such as `3m`; `None` for the flag's.
            Not for `never`.

    Raises:
        ValueError: an unneeded time for a group that is never scaled in.
    """
    if scale_in == "never":
        if unneeded_time is not None:
            raise ValueError(
                f"the nodes of a group that is never scaled in have no unneeded time; found {unneeded_time}"
            )
        options = {
            "scaledownutilizationthreshold": KEEPS_EVERY_NODE,
            "scaledowngpuutilizationthreshold": KEEPS_EVERY_NODE,
            "scaledownunneededtime": NEVER,
            "scaledownunreadytime": NEVER,
        }
    else:
        options = {
            "scaledownutilizationthreshold": KEEPS_BUSY_NODES,
            "scaledowngpuutilizationthreshold": KEEPS_BUSY_NODES,
            "ignoredaemonsetsutilization": "true",
        }
        if unneeded_time is not None:
            options["scaledownunneededtime"] = unneeded_time
    return {f"{OPTIONS}/{option}": value for option, value in options.items()}


def group_tags(
    name: str,
    platform: str,
    *,
    cost_tags: Mapping[str, str],
    template: Mapping[str, str],
    options: Mapping[str, str],
    discovered: bool,
) -> dict[str, str]:
    """All tags of one Auto Scaling group, sorted by key; functional tags win over cost tags of the same key.

    Args:
        name: the group's.
        platform: the cluster's name.
        cost_tags: copies of the provider's default tags, which don't reach a group.
        template: see `template_tags`.
        options: see `option_tags`.
        discovered: cluster-autoscaler may scale the group.

    Raises:
        ValueError: there are more than a group can have.
    """
    tags = {
        **cost_tags,
        "Name": name,
        cluster_tag(platform): "owned",
        **template,
        **options,
        **(discovery_tags(platform) if discovered else {}),
    }
    if len(tags) > MAXIMUM_TAGS:
        own = len(tags.keys() - cost_tags.keys())
        raise ValueError(
            f"Auto Scaling group {name} would have {len(tags)} tags and AWS allows {MAXIMUM_TAGS}: "
            f"at most {MAXIMUM_TAGS - own} tags for cost allocation fit beside the {own} that it needs"
        )
    return dict(sorted(tags.items()))
