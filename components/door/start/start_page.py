"""The start page: its program in the cluster, and what it may read there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.door.login import ENVOY_GROUP, GATEWAY_GROUP, ID_COOKIE
from components.nodes.placement import SYSTEM_NODE_SELECTOR, system_tolerations
from components.software import page_server
from components.software.chart_values import SYSTEM_PRIORITY, pod_spread
from sizing import names
from sizing.system import DOOR_START

NAME: Final = "door-start"
COMPONENT: Final = "start-page"
LABELS: Final = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": COMPONENT}
PORT: Final = 8080
MODULE: Final = "components.door.start.program"
MODULES: Final = (MODULE, "components.door.start.claims")


@dataclass(frozen=True, kw_only=True)
class StartPageArgs:
    """Of which door it is the start page.

    Args:
        namespace: the platform's.
        domain: the door's.
        groups_claim: the claim of people's tokens that has their groups.
    """

    namespace: str
    domain: str
    groups_claim: str


class StartPage(Component):
    """Two pods on system nodes, which may list the cluster's HTTPRoutes and SecurityPolicies and nothing else."""

    module = "start_page"

    def __init__(self, name: str, args: StartPageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": NAME, "namespace": args.namespace, "labels": LABELS}
        data = page_server.files(MODULES)
        program = k8s.core.v1.ConfigMap(f"{name}-program", metadata=metadata, data=data, opts=self.child())
        binding = self._reader(name, args)
        deployment = k8s.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata,
            spec={
                "replicas": DOOR_START.replicas,
                "selector": {"match_labels": LABELS},
                "template": {
                    "metadata": {"labels": LABELS, "annotations": page_server.checksum(data)},
                    "spec": _pod(args, data),
                },
            },
            opts=self.child(depends_on=[program, binding]),
        )
        k8s.core.v1.Service(
            f"{name}-service",
            metadata=metadata,
            spec={"selector": LABELS, "ports": [{"name": "http", "port": PORT, "target_port": PORT}]},
            opts=self.child(depends_on=[deployment]),
        )
        self.register_outputs({})

    def _reader(self, name: str, args: StartPageArgs) -> k8s.rbac.v1.ClusterRoleBinding:
        account = k8s.core.v1.ServiceAccount(
            f"{name}-account",
            metadata={"name": NAME, "namespace": args.namespace},
            automount_service_account_token=False,
            opts=self.child(),
        )
        role = k8s.rbac.v1.ClusterRole(
            f"{name}-reader",
            metadata={"name": f"elastic-spark-{NAME}"},
            rules=[
                {"api_groups": [GATEWAY_GROUP], "resources": ["httproutes"], "verbs": ["get", "list"]},
                {"api_groups": [ENVOY_GROUP], "resources": ["securitypolicies"], "verbs": ["get", "list"]},
            ],
            opts=self.child(),
        )
        return k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-reads",
            metadata={"name": f"elastic-spark-{NAME}"},
            role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"elastic-spark-{NAME}"},
            subjects=[{"kind": "ServiceAccount", "name": NAME, "namespace": args.namespace}],
            opts=self.child(depends_on=[account, role]),
        )


def _pod(args: StartPageArgs, data: dict[str, str]) -> k8s.core.v1.PodSpecArgsDict:
    environment = {
        "DOMAIN": args.domain,
        "GATEWAY": names.DOOR,
        "GROUPS_CLAIM": args.groups_claim,
        "ID_COOKIE": ID_COOKIE,
        "NAMESPACE": args.namespace,
        "PORT": str(PORT),
    }
    return {
        "service_account_name": NAME,
        "priority_class_name": SYSTEM_PRIORITY,
        "automount_service_account_token": True,
        "enable_service_links": False,
        "node_selector": dict(SYSTEM_NODE_SELECTOR),
        "tolerations": system_tolerations(),
        "topology_spread_constraints": pod_spread(LABELS),
        "security_context": page_server.pod_security(),
        "volumes": [page_server.volume(NAME, data)],
        "containers": [page_server.container(MODULE, DOOR_START, PORT, environment)],
    }
