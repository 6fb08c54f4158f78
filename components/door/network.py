"""What the door may reach, and who may reach it: the one way in from outside the cluster.

The issuer of tokens and the API server are addresses outside, which the whole namespace may reach; Envoy Gateway's own
pods are as free within the namespace as all others there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_kubernetes.meta.v1 import LabelSelectorArgsDict
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgsDict, NetworkPolicySpecArgsDict

from components.door.gateway import CONTROLLER_LABELS, XDS_PORT
from components.door.pages import Page
from components.door.proxy import METRICS_PORT, PORT, PROXY_LABELS
from components.door.routes import BACKENDS
from components.door.start import start_page
from components.queue.history import LABELS as HISTORY_LABELS
from components.queue.network import ANYWHERE, PROMETHEUS, pods_of
from sizing import names

PROXIES: Final[LabelSelectorArgsDict] = {"match_labels": dict(PROXY_LABELS)}
OTHERS: Final[LabelSelectorArgsDict] = {
    "match_expressions": [
        {
            "key": "app.kubernetes.io/component",
            "operator": "NotIn",
            "values": [PROXY_LABELS["app.kubernetes.io/component"], start_page.COMPONENT],
        }
    ]
}
"""Of the namespace's pods; one without the label is among them."""


def door_policies(pages: Mapping[str, Page]) -> dict[str, NetworkPolicySpecArgsDict]:
    """The specs of the door's policies in the platform's namespace, by name.

    Args:
        pages: the platform's, by the first label of their host.
    """
    return {
        "door": _proxies(pages),
        "door-controller": _from_proxies(CONTROLLER_LABELS, XDS_PORT),
        "door-metrics": {
            "pod_selector": {"match_labels": dict(PROMETHEUS)},
            "policy_types": ["Egress"],
            "egress": [_to(PROXY_LABELS, METRICS_PORT)],
        },
        **{f"door-{label}": _from_proxies(page.pod_labels, page.pod_port) for label, page in sorted(pages.items())},
    }


def same_namespace_but_the_doors() -> NetworkPolicySpecArgsDict:
    """Within the namespace everybody may talk, but for what the world talks to, and what trusts the door's Envoys."""
    return {
        "pod_selector": OTHERS,
        "policy_types": ["Egress", "Ingress"],
        "egress": [{"to": [{"pod_selector": OTHERS}]}],
        "ingress": [{"from_": [{"pod_selector": OTHERS}]}],
    }


def _proxies(pages: Mapping[str, Page]) -> NetworkPolicySpecArgsDict:
    return {
        "pod_selector": PROXIES,
        "policy_types": ["Egress", "Ingress"],
        "ingress": [
            # The load balancer's security group says who gets so far; clients keep their addresses.
            {"from_": [{"ip_block": {"cidr": ANYWHERE}}], "ports": [{"port": PORT, "protocol": "TCP"}]},
            {
                "from_": [pods_of(names.SYSTEM_NAMESPACE, PROMETHEUS)],
                "ports": [{"port": METRICS_PORT, "protocol": "TCP"}],
            },
        ],
        "egress": [
            _to(CONTROLLER_LABELS, XDS_PORT),
            *(_to(page.pod_labels, page.pod_port) for _, page in sorted(pages.items())),
            {
                "to": [
                    {
                        "namespace_selector": {"match_expressions": [{"key": names.QUEUE_LABEL, "operator": "Exists"}]},
                        "pod_selector": {"match_labels": dict(HISTORY_LABELS)},
                    }
                ],
                "ports": [{"port": port, "protocol": "TCP"} for port in sorted(BACKENDS.values())],
            },
        ],
    }


def _to(labels: Mapping[str, str], port: int) -> NetworkPolicyEgressRuleArgsDict:
    return {
        "to": [pods_of(names.SYSTEM_NAMESPACE, labels)],
        "ports": [{"port": port, "protocol": "TCP"}],
    }


def _from_proxies(labels: Mapping[str, str], port: int) -> NetworkPolicySpecArgsDict:
    return {
        "pod_selector": {"match_labels": dict(labels)},
        "policy_types": ["Ingress"],
        "ingress": [
            {
                "from_": [pods_of(names.SYSTEM_NAMESPACE, PROXY_LABELS)],
                "ports": [{"port": port, "protocol": "TCP"}],
            }
        ],
    }
