"""cluster-autoscaler: who it is in AWS, which groups it takes, and how fast it decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pulumi

from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.base import Component
from components.nodes.placement import system_placement
from components.observability.crds import MONITOR_LABELS, SCRAPE_INTERVAL
from components.software.chart import ChartSource, release
from components.software.chart_values import SYSTEM_PRIORITY, resources, spread
from components.software.versions import AUTOSCALER_TAGS, CLUSTER_AUTOSCALER
from sizing import names
from sizing.arns import Arns
from sizing.autoscaling_tags import DELAY_AFTER_SCALE_OUT, UNNEEDED_TIME, discovery_tag
from sizing.system import Workload

NAMESPACE: Final = "kube-system"
SERVICE_ACCOUNT: Final = "cluster-autoscaler"
NOBODY: Final = 65534


class Flag(NamedTuple):
    """A command-line flag's value, and why it has this one."""

    value: str
    reason: str


FLAGS: Final[dict[str, Flag]] = {
    "balance-similar-node-groups": Flag("false", "a queue's executors stay in one zone; shuffle across zones costs"),
    "capacity-buffer-controller-enabled": Flag("true", "the drivers' headroom is a CapacityBuffer"),
    "capacity-buffer-pod-dry-run-enabled": Flag("false", "a dry run would need the right to create pods"),
    "capacity-buffer-pod-injection-enabled": Flag("true", "the buffer's pods count without existing"),
    "capacity-quotas-enabled": Flag("true", "a pool's maximum holds over all of its groups"),
    "emit-per-nodegroup-metrics": Flag("true", "size and health of every pool are watched"),
    "enforce-node-group-min-size": Flag("true", "a raised minimum takes effect without a waiting pod"),
    "expander": Flag("priority,least-waste", "Spot before on-demand, then the group that is filled best"),
    "ignore-daemonsets-utilization": Flag("true", "DaemonSets would make every node used, against a threshold of 0"),
    "kube-client-burst": Flag("100", "taints and reads of a burst of nodes at once"),
    "kube-client-qps": Flag("50", "the default of 5 delays large scale-ins"),
    "max-node-provision-time": Flag("10m", "no node by then: another group is asked; the default is 15m"),
    "max-scale-down-parallelism": Flag("50", "hundreds of empty nodes leave in minutes; the default is 10"),
    "ok-total-unready-count": Flag("20", "a burst of booting or dying nodes doesn't stop all scaling"),
    "scale-down-delay-after-add": Flag(
        DELAY_AFTER_SCALE_OUT,
        "a setting; the unneeded time begins after it, and is time enough for new nodes to be used",
    ),
    "scale-down-delay-type-local": Flag("true", "one queue's scale-out doesn't delay the others' scale-in"),
    "scale-down-unneeded-time": Flag(
        UNNEEDED_TIME, "a setting; an empty node waits that long for the next stage, then it is waste"
    ),
    "scale-down-utilization-threshold": Flag("0", "only empty nodes go, whatever a group's tag says"),
    "scan-interval": Flag("10s", "the default, said: a decision within 10 seconds"),
    "skip-nodes-with-custom-controller-pods": Flag("true", "executors are owned by their driver: keeps their nodes"),
    "skip-nodes-with-local-storage": Flag("true", "shuffle files lie in emptyDir volumes"),
    "v": Flag("2", "the chart's 4 logs every pod and node in every loop"),
}
"""What the chart doesn't set by itself; a platform's settings may give two of them other values (`flags`).

docs/decisions/0006-autoscaler-tuning.md shows the same table.
"""
STARTUP_TAINT_FLAG: Final = "startup-taint"

SPOT_PRIORITY: Final = "20"
LOWEST_PRIORITY: Final = "10"
SPOT_GROUPS: Final = rf"^.+{names.SPOT_SUFFIX}-[a-z]{{2}}(-gov|-iso[a-z]?)?-[a-z]+-[0-9][a-z]-[a-z0-9]+$"
"""Names of Spot groups, by `sizing.names.group`: platform, an identity that ends so, zone, generation."""
EVERY_GROUP: Final = ".*"
"""The lowest tier; a group that no tier matches is never chosen."""


@dataclass(frozen=True, kw_only=True)
class AutoscalerArgs:
    """Which cluster is scaled.

    Args:
        platform: the platform's name, which is the cluster's.
        cluster_name: the same name; `Cluster.ready` makes the association wait for the control plane.
        arns: the account and region.
        kubernetes_version: the cluster's, such as `1.36`; one of
            `components.software.versions.supported_kubernetes_versions`.
        source: where charts come from.
        workload: replicas, and what one of them requests.
        startup_taints: keys of taints that new nodes have at first and lose by themselves.
        unneeded_time: how long a node stays empty before it goes, a Go duration; of pools without a time of their own.
        delay_after_scale_out: how long after a scale-out of its group no node counts as empty yet, a Go duration.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    cluster_name: pulumi.Input[str]
    arns: Arns
    kubernetes_version: str
    source: ChartSource
    workload: Workload
    startup_taints: tuple[str, ...]
    unneeded_time: str
    delay_after_scale_out: str
    permissions_boundary: str | None = None


class Autoscaler(Component):
    """cluster-autoscaler, with rights on the groups of its own cluster only.

    The definitions of monitors, capacity buffers and capacity quotas come first; without the latter two it waits at its
    start for ever.

    Raises:
        KeyError: no image is pinned for the Kubernetes version.
    """

    module = "autoscaler"

    def __init__(self, name: str, args: AutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                platform=args.platform,
                cluster_name=args.cluster_name,
                arns=args.arns,
                role_name=names.role(args.platform, SERVICE_ACCOUNT),
                namespace=NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                statements=rights(args.arns, args.platform),
                managed_policies=(),
                more_service_accounts=(),
                permissions_boundary=args.permissions_boundary,
            ),
            self.child(),
        )
        release(
            f"{name}-chart",
            CLUSTER_AUTOSCALER,
            source=args.source,
            namespace=NAMESPACE,
            values=_values(args),
            # Credentials are given to pods that start after the association, and only to those.
            opts=self.child(depends_on=[identity]),
        )
        self.register_outputs({"imageTag": AUTOSCALER_TAGS[args.kubernetes_version]})


def rights(arns: Arns, platform: str) -> tuple[Statement, ...]:
    """What cluster-autoscaler may do: see all groups, and change the size of those that are tagged as this cluster's.

    Left out are the reads for managed node groups, launch configurations and instance requirements: no group has them.

    Source: kubernetes/autoscaler 1.36.1, cluster-autoscaler/cloudprovider/aws (README.md, aws_wrapper.go)
    """
    return (
        Statement(
            sid="See",
            actions=(
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
            ),
            # None of these can be limited to a resource.
            resources=("*",),
        ),
        Statement(
            sid="Scale",
            actions=("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"),
            resources=(arns.groups(),),
            conditions={"StringEquals": {f"aws:ResourceTag/{discovery_tag(platform)}": "owned"}},
        ),
    )


def flags(startup_taints: Sequence[str], *, unneeded_time: str, delay_after_scale_out: str) -> dict[str, str]:
    """The chart's `extraArgs`; it drops what follows `_` in a key, so that a flag can be given several times.

    Args:
        startup_taints: see `AutoscalerArgs`, as the others.
        unneeded_time: in place of `FLAGS`' value.
        delay_after_scale_out: the same.
    """
    own = {"scale-down-unneeded-time": unneeded_time, "scale-down-delay-after-add": delay_after_scale_out}
    taints = {f"{STARTUP_TAINT_FLAG}_{number}": key for number, key in enumerate(startup_taints, start=1)}
    return {name: flag.value for name, flag in FLAGS.items()} | own | taints


def _values(args: AutoscalerArgs) -> dict[str, object]:
    return {
        # Otherwise every name begins with `aws-`.
        "fullnameOverride": "cluster-autoscaler",
        "cloudProvider": "aws",
        # Nodes let pods ask for no metadata, so the region must be said.
        "awsRegion": args.arns.region,
        "autoDiscovery": {"clusterName": args.platform},
        "image": {"tag": AUTOSCALER_TAGS[args.kubernetes_version]},
        "replicaCount": args.workload.replicas,
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        "topologySpreadConstraints": spread({"app.kubernetes.io/instance": CLUSTER_AUTOSCALER.chart}),
        "podDisruptionBudget": {"maxUnavailable": 1},
        "resources": resources(args.workload),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "runAsGroup": NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "rbac": {
            "serviceAccount": {"name": SERVICE_ACCOUNT},
            # Capacity buffers respect quotas: without this rule the autoscaler never gets past its start.
            "additionalRules": [
                {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["get", "list", "watch"]}
            ],
        },
        "expanderPriorities": {SPOT_PRIORITY: [SPOT_GROUPS], LOWEST_PRIORITY: [EVERY_GROUP]},
        "serviceMonitor": {
            "enabled": True,
            "namespace": NAMESPACE,
            "interval": SCRAPE_INTERVAL,
            # The chart's word for the monitor's labels.
            "selector": dict(MONITOR_LABELS),
        },
        "extraArgs": flags(
            args.startup_taints,
            unneeded_time=args.unneeded_time,
            delay_after_scale_out=args.delay_after_scale_out,
        ),
    }
