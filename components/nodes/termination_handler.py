"""aws-node-termination-handler: ends the pods of a Spot node in the two minutes between notice and interruption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi

from components.base import Component
from components.nodes.placement import every_taint_tolerations
from components.observability.crds import MONITOR_LABELS
from components.software.chart import ChartSource, release
from components.software.chart_values import NODE_PRIORITY
from components.software.versions import TERMINATION_HANDLER
from sizing import daemonsets, names
from sizing.quantities import MIB, format_bytes, format_cpu

NAMESPACE: Final = "kube-system"
SPOT: Final = "spot"
NOTICE_SECONDS: Final = 120
"""Between notice and interruption.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""
RESERVE_SECONDS: Final = 10
"""Until the notice is seen (it polls every two seconds), and for the kubelet after the last pod."""
METRICS_PORT: Final = 9092
"""On the host's network: nothing else on a node may listen there."""
MEMORY_LIMIT: Final = 128 * MIB


@dataclass(frozen=True, kw_only=True)
class TerminationHandlerArgs:
    """How the handler is installed.

    Args:
        source: where charts come from.
    """

    source: ChartSource


class TerminationHandler(Component):
    """A DaemonSet on Spot nodes that reads the node's own notices, without a queue or rights in AWS.

    It runs nowhere else, so it can't drain drivers or system nodes. The definition of monitors comes first.
    """

    module = "termination_handler"

    def __init__(self, name: str, args: TerminationHandlerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        release(
            f"{name}-chart",
            TERMINATION_HANDLER,
            source=args.source,
            namespace=NAMESPACE,
            values=_values(),
            opts=self.child(),
        )
        self.register_outputs({})


def _values() -> dict[str, object]:
    pod = daemonsets.TERMINATION_HANDLER
    return {
        # A queue's messages are about terminations that these groups don't have: they are protected from scale-in.
        "enableSqsTerminationDraining": False,
        "enableASGLifecycleDraining": False,
        "enableScheduledEventDraining": False,
        "enableSpotInterruptionDraining": True,
        # A recommendation is no notice: the node takes nothing new, and what runs may end by itself.
        "enableRebalanceMonitoring": True,
        "enableRebalanceDraining": False,
        "targetNodeOs": "linux",
        "daemonsetNodeSelector": {names.CAPACITY_LABEL: SPOT},
        "daemonsetTolerations": every_taint_tolerations(),
        "daemonsetPriorityClassName": NODE_PRIORITY,
        # Instance metadata is one hop away: nodes let nobody else ask.
        "useHostNetwork": True,
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        # Executors have emptyDir volumes, for which an eviction would otherwise stop.
        "deleteLocalData": True,
        "ignoreDaemonSets": True,
        # The pod's own period: Spark moves its blocks away in it.
        "podTerminationGracePeriod": -1,
        "nodeTerminationGracePeriod": NOTICE_SECONDS - RESERVE_SECONDS,
        "emitKubernetesEvents": True,
        "jsonLogging": True,
        "resources": {
            "requests": {"cpu": format_cpu(pod.cpu), "memory": format_bytes(pod.memory)},
            "limits": {"memory": format_bytes(MEMORY_LIMIT)},
        },
        # The monitor needs it.
        "enablePrometheusServer": True,
        "prometheusServerPort": METRICS_PORT,
        "podMonitor": {"create": True, "labels": dict(MONITOR_LABELS)},
        # Pod security policies are gone from Kubernetes.
        "rbac": {"pspEnabled": False},
    }
