"""The gate in the cluster."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.placement import SYSTEM_NODE_SELECTOR, system_tolerations
from components.observability.query_gate.envoy import (
    LABEL_PROXY_PORT,
    PORT,
    TENANTS_HEADER,
    SignIn,
    bootstrap,
)
from components.software.chart_values import pod_spread, resources
from components.software.versions import ENVOY_IMAGE, LABEL_PROXY_IMAGE
from sizing.observability import GATE_ENVOY, GATE_LABEL_PROXY
from sizing.system import Workload

NAME: Final = "query-gate"
LABELS: Final = {"app.kubernetes.io/name": NAME}
CONFIGURATION: Final = "/etc/envoy"
FILE: Final = "envoy.json"
USER: Final = 65532
"""Of images without a shell."""


@dataclass(frozen=True, kw_only=True)
class QueryGateArgs:
    """Whom the gate lets through, and to what.

    Args:
        namespace: Prometheus'; nobody but the platform may make pods there.
        sign_in: whose word counts.
        prometheus: host and port.
        replicas: pods.
    """

    namespace: str
    sign_in: SignIn
    prometheus: str
    replicas: int


def gate_address(namespace: str) -> str:
    """Where Grafana asks."""
    return f"http://{NAME}.{namespace}.svc.cluster.local:{PORT}"


class QueryGate(Component):
    """Envoy, which checks Grafana's users' ID tokens, and prom-label-proxy, which adds their tenants to each selector.

    It is stateless, and has no rights in Kubernetes.
    """

    module = "query_gate"

    def __init__(self, name: str, args: QueryGateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        configuration = json.dumps(bootstrap(args.sign_in, prometheus=args.prometheus), indent=1, sort_keys=True)
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": NAME, "namespace": args.namespace, "labels": LABELS}
        config = k8s.core.v1.ConfigMap(
            f"{name}-configuration", metadata=metadata, data={FILE: configuration}, opts=self.child()
        )
        deployment = k8s.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata,
            spec={
                "replicas": args.replicas,
                "selector": {"match_labels": LABELS},
                "template": {
                    "metadata": {
                        "labels": LABELS,
                        # Envoy reads its configuration when it starts.
                        "annotations": {"checksum/configuration": hashlib.sha256(configuration.encode()).hexdigest()},
                    },
                    "spec": _pod(args),
                },
            },
            opts=self.child(depends_on=[config]),
        )
        k8s.core.v1.Service(
            f"{name}-service",
            metadata=metadata,
            spec={"selector": LABELS, "ports": [{"name": "http", "port": PORT, "target_port": PORT}]},
            opts=self.child(depends_on=[deployment]),
        )
        self.register_outputs({})


def _pod(args: QueryGateArgs) -> k8s.core.v1.PodSpecArgsDict:
    return {
        "node_selector": dict(SYSTEM_NODE_SELECTOR),
        "tolerations": system_tolerations(),
        "topology_spread_constraints": pod_spread(LABELS),
        "automount_service_account_token": False,
        "enable_service_links": False,
        "security_context": {
            "run_as_non_root": True,
            "run_as_user": USER,
            "seccomp_profile": {"type": "RuntimeDefault"},
        },
        "volumes": [{"name": "configuration", "config_map": {"name": NAME}}],
        "containers": [_envoy(), _label_proxy(args.prometheus)],
    }


def _envoy() -> k8s.core.v1.ContainerArgsDict:
    return {
        **_confined("envoy", ENVOY_IMAGE, GATE_ENVOY),
        "command": ["/usr/local/bin/envoy"],
        "args": ["--config-path", f"{CONFIGURATION}/{FILE}", "--concurrency", "1", "--disable-hot-restart"],
        "ports": [{"name": "http", "container_port": PORT}],
        "readiness_probe": {"tcp_socket": {"port": PORT}},
        "volume_mounts": [{"name": "configuration", "mount_path": CONFIGURATION, "read_only": True}],
    }


def _label_proxy(prometheus: str) -> k8s.core.v1.ContainerArgsDict:
    return {
        **_confined("label-proxy", LABEL_PROXY_IMAGE, GATE_LABEL_PROXY),
        "args": [
            # Nobody else in the cluster may say which tenants are asked for.
            f"-insecure-listen-address=127.0.0.1:{LABEL_PROXY_PORT}",
            f"-upstream=http://{prometheus}",
            "-label=tenant",
            f"-header-name={TENANTS_HEADER}",
            "-header-uses-list-syntax",
            # Dashboards' variables; Prometheus filters them since 2.24.
            "-enable-label-apis",
        ],
    }


def _confined(name: str, image: str, workload: Workload) -> k8s.core.v1.ContainerArgsDict:
    granted = resources(workload)
    return {
        "name": name,
        "image": image,
        "resources": {"requests": granted["requests"], "limits": granted["limits"]},
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
            "read_only_root_filesystem": True,
        },
    }
