"""Cilium chained to the VPC CNI: network policies that hold for Spark's pods, from their first packet on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.placement import SYSTEM_NODE_SELECTOR, every_taint_tolerations
from components.observability import scraped
from components.observability.crds import MONITOR_LABELS, NODE_SCRAPE_INTERVAL
from components.queue.network import PROMETHEUS
from components.software.chart import ChartSource, release
from components.software.chart_values import NODE_PRIORITY, SYSTEM_PRIORITY, resources
from components.software.versions import CILIUM
from sizing import daemonsets, names
from sizing.autoscaling_tags import Taint
from sizing.quantities import GIB, format_bytes, format_cpu
from sizing.reach import LINK_LOCAL
from sizing.system import CILIUM_OPERATOR
from sizing.values import Json

NAMESPACE: Final = "kube-system"
STARTUP_TAINT: Final = Taint(key="node.cilium.io/agent-not-ready", value="true", effect="NoExecute")
"""Nodes join with it; Cilium's operator takes it off when the node's agent enforces policies. Nothing starts before.

Source: https://docs.cilium.io/en/v1.19/installation/taints/
"""
IDENTITY_LABELS: Final = (
    "k8s:spark-role$",
    f"k8s:{names.QUEUE_LABEL}$",
    "k8s:k8s-app$",
    "k8s:component$",
    # Cilium's own list has all that start so, and what Helm and people put there may be a job's own.
    r"k8s:!app\.kubernetes\.io/",
    r"k8s:app\.kubernetes\.io/name$",
    r"k8s:app\.kubernetes\.io/component$",
)
"""Pod labels that policies can select by, beside namespaces and their labels; each is the pattern of a prefix, and the
longer match wins.

Every set of values is an identity, known to all nodes, and there are 65,535: with Spark's own labels each executor
would be one, and with a job's (`app`, `app.kubernetes.io/instance`, `elastic-spark/job-id`) each job, whose identity
stays for a while after it. So these are the labels that some policy here selects by, and no more.
Sources: https://docs.cilium.io/en/v1.19/operations/performance/scalability/identity-relevant-labels/; cilium/cilium,
pkg/labelsfilter/filter.go (filterLabels, defaultLabelPrefixCfg), pkg/identity/numericidentity.go
"""
MEMORY_LIMIT: Final = GIB
NODE_METRICS_PORTS: Final = ("2705", "9092", "9962", "9963", "10250")
"""Of the agent of EKS Pod Identity, the handler of Spot interruptions, Cilium's agent and operator, and the kubelet, on
the nodes' own addresses."""
POD_IDENTITY_PORT: Final = "80"
"""On which EKS's agent gives credentials to pods of its node, at 169.254.170.23."""


@dataclass(frozen=True, kw_only=True)
class NetworkPolicyEngineArgs:
    """Which cluster's policies are enforced.

    Args:
        platform: the platform's name.
        source: where charts come from.
    """

    platform: str
    source: ChartSource


class NetworkPolicyEngine(Component):
    """Enforces network policies; the VPC CNI keeps interfaces, addresses and routes.

    It comes after the first nodes and the definition of monitors, and before everything that runs on the system pool.
    """

    module = "network_policy"

    def __init__(self, name: str, args: NetworkPolicyEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        chart = release(
            f"{name}-chart",
            CILIUM,
            source=args.source,
            namespace=NAMESPACE,
            values=_values(args),
            opts=self.child(),
        )
        self._allow_pod_identity(name, chart)
        self._allow_node_metrics(name, chart)
        self._close_link_local(name, chart)
        self.register_outputs({})

    def _allow_pod_identity(self, name: str, chart: k8s.helm.v3.Release) -> None:
        """Lets every pod ask the agent of EKS Pod Identity, which no `ipBlock` matches: to Cilium it is the host.

        Source: https://github.com/cilium/cilium/issues/40273
        """
        self._allow(f"{name}-pod-identity", "pod-identity-agent", {}, ["host"], [POD_IDENTITY_PORT], chart)

    def _allow_node_metrics(self, name: str, chart: k8s.helm.v3.Release) -> None:
        """Lets Prometheus ask nodes, which no policy of Kubernetes' own can name."""
        prometheus = {"k8s:io.kubernetes.pod.namespace": names.SYSTEM_NAMESPACE}
        prometheus |= {f"k8s:{key}": value for key, value in PROMETHEUS.items()}
        selector = {"matchLabels": prometheus}
        self._allow(
            f"{name}-node-metrics", "node-metrics", selector, ["host", "remote-node"], NODE_METRICS_PORTS, chart
        )

    def _close_link_local(self, name: str, chart: k8s.helm.v3.Release) -> None:
        """Closes what answers on every node to queues' pods, whatever a host that a queue names resolves to.

        What Cilium denies no policy allows, and an address that a policy selects by a host's name is still of the
        ranges around it. Cilium's own `host`, which the agent of EKS Pod Identity is, is in no range.
        Source: cilium/cilium v1.19.6, pkg/ipcache/metadata.go (mergeParentLabels, resolveLabels)
        """
        in_queues = f"k8s:io.cilium.k8s.namespace.labels.{names.QUEUE_LABEL}"
        self._policy(
            f"{name}-link-local",
            "deny-link-local",
            {
                "endpointSelector": {"matchExpressions": [{"key": in_queues, "operator": "Exists"}]},
                "egressDeny": [{"toCIDR": [LINK_LOCAL]}],
            },
            chart,
        )

    def _allow(
        self,
        name: str,
        what: str,
        selector: Mapping[str, object],
        entities: Sequence[str],
        ports: Sequence[str],
        chart: k8s.helm.v3.Release,
    ) -> None:
        self._policy(
            name,
            f"allow-{what}",
            {
                "endpointSelector": selector,
                "egress": [
                    {
                        "toEntities": list(entities),
                        "toPorts": [{"ports": [{"port": port, "protocol": "TCP"} for port in ports]}],
                    }
                ],
            },
            chart,
        )

    def _policy(self, name: str, what: str, spec: Mapping[str, Json], chart: k8s.helm.v3.Release) -> None:
        k8s.apiextensions.CustomResource(
            name,
            api_version="cilium.io/v2",
            kind="CiliumClusterwideNetworkPolicy",
            metadata={"name": what},
            # It says what it says: pods that no other policy selects stay open.
            spec={**spec, "enableDefaultDeny": {"ingress": False, "egress": False}},
            # Cilium's operator makes the definition when it starts.
            opts=self.child(depends_on=[chart]),
        )


def _values(args: NetworkPolicyEngineArgs) -> dict[str, object]:
    monitor: dict[str, object] = {"enabled": True, "labels": dict(MONITOR_LABELS), "interval": NODE_SCRAPE_INTERVAL}
    monitored: dict[str, object] = {"enabled": True, "serviceMonitor": monitor}
    return {
        "cluster": {"name": args.platform},
        # The VPC CNI stays first in the chain and does all that isn't policy.
        "cni": {"chainingMode": "aws-cni", "exclusive": False},
        "routingMode": "native",
        "enableIPv4Masquerade": False,
        "enableIPv6Masquerade": False,
        "kubeProxyReplacement": False,
        "endpointRoutes": {"enabled": True},
        # As Kubernetes says it: a pod is open until a policy selects it.
        "policyEnforcementMode": "default",
        "labels": " ".join(IDENTITY_LABELS),
        # Its part for DNS, in the agent, tells which addresses the hosts have that queues name; the one for other
        # protocols starts when a policy asks for it, which none does.
        "l7Proxy": True,
        "envoy": {"enabled": False},
        "hubble": {"enabled": False},
        # For policies about TLS, which need the proxy; with it the operator reads every secret of the cluster.
        "tls": {"secretSync": {"enabled": False}},
        # Of some 300 series a node.
        "prometheus": {
            **monitored,
            "serviceMonitor": {**monitor, "metricRelabelings": [scraped.keep(scraped.CILIUM_AGENT)]},
        },
        "priorityClassName": NODE_PRIORITY,
        "tolerations": every_taint_tolerations(),
        "resources": {
            "requests": {
                "cpu": format_cpu(daemonsets.CILIUM.cpu),
                "memory": format_bytes(daemonsets.CILIUM.memory),
            },
            "limits": {"memory": format_bytes(MEMORY_LIMIT)},
        },
        # A node without its agent starts no pods: a tenth of them at once.
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
        "operator": {
            "replicas": CILIUM_OPERATOR.replicas,
            "priorityClassName": SYSTEM_PRIORITY,
            "nodeSelector": dict(SYSTEM_NODE_SELECTOR),
            # It has to run while nodes still have the taint that it takes off.
            "tolerations": every_taint_tolerations(),
            "removeNodeTaints": True,
            "setNodeTaints": True,
            # No pod starts before its node's agent, so none is to be deleted for it: a right over all pods.
            "unmanagedPodWatcher": {"restart": False},
            "resources": resources(CILIUM_OPERATOR),
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "prometheus": monitored,
        },
    }
