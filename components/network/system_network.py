"""What the platform's own software may reach, and who may reach it.

Written, like `components.queue.network`, for Cilium chained to the VPC CNI: an `ipBlock` matches no pod and no node. So
the API server, which is outside the cluster in EKS, is an address, and no queue's pod is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.networking.v1 import NetworkPolicySpecArgsDict

from components.base import Component
from components.door.network import door_policies, same_namespace_but_the_doors
from components.door.pages import Page
from components.queue.network import (
    ANYWHERE,
    DRIVER_UI_PORT,
    DRIVERS,
    PROMETHEUS,
    default_deny,
    dns,
    outside,
    same_namespace,
)
from components.software.yunikorn import ADMISSION_SELECTOR
from sizing import names

OPERATOR_WEBHOOK_LABELS: Final = {
    "app.kubernetes.io/name": "spark-operator",
    "app.kubernetes.io/component": "webhook",
}
OPERATOR_WEBHOOK_PORT: Final = 9443
ADMISSION_PORT: Final = 9089
"""Of YuniKorn's admission controller. Sources of ports and labels: the charts."""


def system_policies(
    egress_ports: Sequence[int], door: Mapping[str, NetworkPolicySpecArgsDict]
) -> dict[str, NetworkPolicySpecArgsDict]:
    """The specs of the network policies of the platform's namespace, by name.

    Args:
        egress_ports: TCP ports by which pods may reach addresses that are no pods: the API server, AWS, Maven Central.
        door: those of the door (`components.door.network`); empty where there is none.
    """
    return {
        "default-deny": default_deny(),
        "dns": dns(),
        **door,
        "metrics": _metrics(),
        "outside": outside(egress_ports),
        "same-namespace": same_namespace_but_the_doors() if door else same_namespace(),
        "webhook-operator": _webhook(OPERATOR_WEBHOOK_LABELS, OPERATOR_WEBHOOK_PORT),
        "webhook-yunikorn": _webhook(ADMISSION_SELECTOR, ADMISSION_PORT),
    }


def _webhook(labels: Mapping[str, str], port: int) -> NetworkPolicySpecArgsDict:
    """The API server asks before it lets pods and applications in."""
    return {
        "pod_selector": {"match_labels": dict(labels)},
        "policy_types": ["Ingress"],
        "ingress": [{"from_": [{"ip_block": {"cidr": ANYWHERE}}], "ports": [{"port": port, "protocol": "TCP"}]}],
    }


def _metrics() -> NetworkPolicySpecArgsDict:
    """Prometheus asks drivers of all queues, and what runs beside DNS; nodes are for the engine to allow.

    What else monitoring needs, the other policies give: within the namespace everybody may talk, Grafana to Prometheus
    and Prometheus to Alertmanager too, and receivers of alerts are reached like AWS is.
    """
    return {
        "pod_selector": {"match_labels": dict(PROMETHEUS)},
        "policy_types": ["Egress"],
        "egress": [
            {
                "to": [
                    {
                        "namespace_selector": {"match_expressions": [{"key": names.QUEUE_LABEL, "operator": "Exists"}]},
                        "pod_selector": DRIVERS,
                    }
                ],
                "ports": [{"port": DRIVER_UI_PORT, "protocol": "TCP"}],
            },
            {
                "to": [{"namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "kube-system"}}}],
                "ports": [{"protocol": "TCP"}],
            },
        ],
    }


@dataclass(frozen=True, kw_only=True)
class SystemNetworkArgs:
    """Whose network policies these are.

    Args:
        namespace: of the platform's software; it exists already.
        egress_ports: TCP ports by which it reaches the world outside the cluster and the API server.
        pages: the platform's pages at its door, by the first label of their host; None where there is no door.
    """

    namespace: str
    egress_ports: tuple[int, ...]
    pages: Mapping[str, Page] | None


class SystemNetwork(Component):
    """The network policies of the platform's own namespace.

    Only where the engine is the platform's own too: how another's tells the API server from a pod, or from a node, is
    not known here, and a webhook that the API server doesn't reach stops every job.
    """

    module = "system_network"

    def __init__(self, name: str, args: SystemNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        door = {} if args.pages is None else door_policies(args.pages)
        for policy, spec in system_policies(args.egress_ports, door).items():
            k8s.networking.v1.NetworkPolicy(
                f"{name}-{policy}",
                metadata={"name": policy, "namespace": args.namespace},
                spec=spec,
                opts=self.child(),
            )
        self.register_outputs({})
