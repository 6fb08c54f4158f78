"""What Prometheus and its operator may do in Kubernetes, in place of their chart's roles.

The chart lets the operator read and write every secret, ConfigMap and StatefulSet of the cluster. Here it writes in the
platform's namespace alone, which is the only one where it looks for what it runs. It still reads everywhere: rules and
receivers are in queues' namespaces, of which a new one may come any day, and a receiver names a secret of its own.

Source: prometheus-operator v0.93.1, cmd/operator/main.go, pkg/alertmanager/operator.go, pkg/kubelet/controller.go,
pkg/prometheus/server/operator.go; seen by running it with these roles alone
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.queue_rbac import READ, RbacRule, policy_rules
from components.base import Component

KUBELET_NAMESPACE: Final = "kube-system"
"""Of the service that stands for all kubelets; the chart's default."""
_RBAC: Final = "rbac.authorization.k8s.io"
_GROUP: Final = "monitoring.coreos.com"
_RUN: Final = ("alertmanagers", "prometheuses")
_MANAGE: Final = ("create", "delete", "get", "list", "patch", "update", "watch")

OPERATOR_EVERYWHERE: Final = (
    RbacRule(
        _GROUP,
        ("alertmanagerconfigs", "podmonitors", "probes", "prometheusrules", "scrapeconfigs", "servicemonitors"),
        READ,
    ),
    # Receivers' secrets; it watches for new values.
    RbacRule("", ("configmaps", "namespaces", "secrets"), READ),
    RbacRule("", ("nodes",), ("list", "watch")),
    RbacRule("storage.k8s.io", ("storageclasses",), ("get",)),
    RbacRule("events.k8s.io", ("events",), ("create", "patch")),
)
OPERATOR_AT_HOME: Final = (
    RbacRule(_GROUP, _RUN, READ),
    RbacRule(
        _GROUP, tuple(f"{kind}/{part}" for kind in _RUN for part in ("finalizers", "status")), ("patch", "update")
    ),
    RbacRule("apps", ("statefulsets",), _MANAGE),
    RbacRule("", ("configmaps", "secrets", "services"), _MANAGE),
    RbacRule("", ("services/finalizers",), ("update",)),
    # One that a broken version left behind holds its StatefulSet up.
    RbacRule("", ("pods",), ("delete", "list")),
    RbacRule("discovery.k8s.io", ("endpointslices",), READ),
)
OPERATOR_OF_KUBELETS: Final = (
    RbacRule("", ("services",), ("create", "get", "patch", "update")),
    RbacRule("discovery.k8s.io", ("endpointslices",), ("create", "delete", "get", "list", "update")),
)
"""In the namespace of the kubelets' service, which it keeps up to date."""
PROMETHEUS_EVERYWHERE: Final = (
    RbacRule("", ("endpoints", "nodes", "pods", "services"), READ),
    RbacRule("", ("nodes/metrics",), ("get",)),
    RbacRule("discovery.k8s.io", ("endpointslices",), READ),
)
PAGES: Final = ("/metrics", "/metrics/cadvisor")
"""What Prometheus may get of the API server and of kubelets, beside objects."""


@dataclass(frozen=True, kw_only=True)
class MonitoringRightsArgs:
    """Who gets them.

    Args:
        namespace: of the accounts, and where they run.
        operator: the service account of Prometheus' operator.
        prometheus: that of Prometheus.
    """

    namespace: str
    operator: str
    prometheus: str


class MonitoringRights(Component):
    """Roles and bindings of Prometheus and its operator; the accounts are the chart's."""

    module = "monitoring_rights"

    def __init__(self, name: str, args: MonitoringRightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self._everywhere(f"{name}-operator", args.namespace, args.operator, policy_rules(OPERATOR_EVERYWHERE))
        pages: k8s.rbac.v1.PolicyRuleArgsDict = {"non_resource_urls": list(PAGES), "verbs": ["get"]}
        self._everywhere(
            f"{name}-prometheus", args.namespace, args.prometheus, [*policy_rules(PROMETHEUS_EVERYWHERE), pages]
        )
        homes = {args.namespace: OPERATOR_AT_HOME, KUBELET_NAMESPACE: OPERATOR_OF_KUBELETS}
        for namespace, rules in sorted(homes.items()):
            self._in_namespace(f"{name}-operator-{namespace}", namespace, args, policy_rules(rules))
        self.register_outputs({})

    def _everywhere(
        self, name: str, namespace: str, account: str, rules: Sequence[k8s.rbac.v1.PolicyRuleArgsDict]
    ) -> None:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": f"elastic-spark:{account}"}
        role = k8s.rbac.v1.ClusterRole(name, metadata=metadata, rules=rules, opts=self.child())
        k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata=metadata,
            role_ref={"api_group": _RBAC, "kind": "ClusterRole", "name": f"elastic-spark:{account}"},
            subjects=[{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
            # The API server takes a binding to a role that isn't there, and gives nothing by it.
            opts=self.child(depends_on=[role]),
        )

    def _in_namespace(
        self, name: str, namespace: str, args: MonitoringRightsArgs, rules: Sequence[k8s.rbac.v1.PolicyRuleArgsDict]
    ) -> None:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": f"elastic-spark:{args.operator}", "namespace": namespace}
        role = k8s.rbac.v1.Role(name, metadata=metadata, rules=rules, opts=self.child())
        k8s.rbac.v1.RoleBinding(
            f"{name}-binding",
            metadata=metadata,
            role_ref={"api_group": _RBAC, "kind": "Role", "name": f"elastic-spark:{args.operator}"},
            subjects=[{"kind": "ServiceAccount", "name": args.operator, "namespace": args.namespace}],
            opts=self.child(depends_on=[role]),
        )
