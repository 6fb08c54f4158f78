"""What pods of a queue may reach, and who may reach them.

Written for Cilium chained to the VPC CNI (`components.network.policy_engine`): pods are selected by namespace and by
the labels that are part of their identity, never by address, because an `ipBlock` matches no pod and no node there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pulumi_kubernetes.meta.v1 import LabelSelectorArgsDict
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyEgressRuleArgsDict,
    NetworkPolicyPeerArgsDict,
    NetworkPolicySpecArgsDict,
)

from sizing import names

METADATA_SERVICE: Final = "169.254.169.254/32"
"""The nodes' metadata service, which would lend a pod the node's rights."""
POD_IDENTITY_AGENT: Final = "169.254.170.23/32"
"""Where EKS's agent gives pods their credentials (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html)."""
ANYWHERE: Final = "0.0.0.0/0"
HTTPS: Final = 443
API_SERVER_PORT: Final = 6443
"""On which an API server listens by itself; EKS's answers on 443."""
DRIVER_UI_PORT: Final = 4040
"""The driver's web interface, and under /metrics its and its executors' metrics (`spark.ui.port`)."""
DRIVER_ROLES: Final = ("connect-server", "driver")
"""Values of the label `spark-role`."""
DRIVERS: Final[LabelSelectorArgsDict] = {
    "match_expressions": [{"key": "spark-role", "operator": "In", "values": list(DRIVER_ROLES)}]
}
"""A Spark Connect server is a driver that serves many."""
PROMETHEUS: Final = {"app.kubernetes.io/name": "prometheus"}
"""Of the platform's, by its chart."""
NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
DEFAULT_DENY: Final = "default-deny"
DNS_NAMESPACE: Final = "kube-system"
DNS_LABELS: Final = {"k8s-app": "kube-dns"}
"""The cluster's DNS."""


def ports_outside(*, on_eks: bool) -> tuple[int, ...]:
    """TCP ports by which pods reach the world outside the cluster and the API server."""
    return (HTTPS,) if on_eks else (HTTPS, API_SERVER_PORT)


def queue_policies(egress_ports: Sequence[int]) -> dict[str, NetworkPolicySpecArgsDict]:
    """The specs of a queue's network policies, by name.

    Args:
        egress_ports: TCP ports by which pods may reach addresses that are no pods.
    """
    return {
        DEFAULT_DENY: default_deny(),
        "dns": dns(),
        "metrics": _metrics(),
        "outside": outside(egress_ports),
        "pod-identity": _pod_identity(),
        "same-queue": same_namespace(),
    }


def default_deny() -> NetworkPolicySpecArgsDict:
    """Nothing in, nothing out, for every pod; the other policies are its exceptions."""
    return {"pod_selector": {}, "policy_types": ["Egress", "Ingress"]}


def dns() -> NetworkPolicySpecArgsDict:
    """The API server, S3, and a driver to its executors, are found by name."""
    return {
        "pod_selector": {},
        "policy_types": ["Egress"],
        "egress": [to_dns()],
    }


def same_namespace() -> NetworkPolicySpecArgsDict:
    """Within a namespace everybody may talk: drivers and executors do, on ports that Spark chooses."""
    everybody: NetworkPolicyPeerArgsDict = {"pod_selector": {}}
    return {
        "pod_selector": {},
        "policy_types": ["Egress", "Ingress"],
        "egress": [{"to": [everybody]}],
        "ingress": [{"from_": [everybody]}],
    }


def outside(ports: Sequence[int]) -> NetworkPolicySpecArgsDict:
    """S3 and other services of AWS, which have no names here, and the API server, which is no pod in EKS.

    Which of them a queue may use is IAM's to say, and the VPC endpoints' policies'.
    """
    return {
        "pod_selector": {},
        "policy_types": ["Egress"],
        "egress": [to_outside(ports)],
    }


def to_dns() -> NetworkPolicyEgressRuleArgsDict:
    """Out to the cluster's DNS."""
    return {
        "to": [pods_of(DNS_NAMESPACE, DNS_LABELS)],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    }


def to_outside(ports: Sequence[int]) -> NetworkPolicyEgressRuleArgsDict:
    """Out to addresses that are no pods, but for the nodes' metadata service."""
    return {
        "to": [{"ip_block": {"cidr": ANYWHERE, "except_": [METADATA_SERVICE]}}],
        "ports": [{"port": port, "protocol": "TCP"} for port in sorted(ports)],
    }


def _pod_identity() -> NetworkPolicySpecArgsDict:
    """Credentials, for engines that know the agent by its address; to Cilium it is the host (`NetworkPolicyEngine`)."""
    return {
        "pod_selector": {},
        "policy_types": ["Egress"],
        "egress": [
            {"to": [{"ip_block": {"cidr": POD_IDENTITY_AGENT}}], "ports": [{"port": 80, "protocol": "TCP"}]},
        ],
    }


def _metrics() -> NetworkPolicySpecArgsDict:
    """The platform's Prometheus asks drivers, which answer for their executors too."""
    return {
        "pod_selector": DRIVERS,
        "policy_types": ["Ingress"],
        "ingress": [
            {
                "from_": [pods_of(names.SYSTEM_NAMESPACE, PROMETHEUS)],
                "ports": [{"port": DRIVER_UI_PORT, "protocol": "TCP"}],
            }
        ],
    }


def pods_of(namespace: str, labels: Mapping[str, str]) -> NetworkPolicyPeerArgsDict:
    """The pods of a namespace that have some labels, as a policy's peer."""
    return {
        "namespace_selector": {"match_labels": {NAMESPACE_NAME: namespace}},
        "pod_selector": {"match_labels": dict(labels)},
    }
