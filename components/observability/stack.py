"""kube-prometheus-stack: Prometheus, Alertmanager, Grafana, kube-state-metrics and the operator of the first two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.placement import system_placement
from components.observability import kube_state, scraped
from components.observability.crds import MONITOR_LABELS, NODE_SCRAPE_INTERVAL, SCRAPE_INTERVAL
from components.observability.grafana import VOLUME_GIB as GRAFANA_VOLUME_GIB
from components.observability.grafana import GrafanaArgs, grafana_rights, grafana_values
from components.observability.rights import MonitoringRights, MonitoringRightsArgs
from components.software.chart import ChartSource, release
from components.software.chart_values import SYSTEM_PRIORITY, resources, spread
from components.software.versions import KUBE_PROMETHEUS_STACK
from sizing import observability
from sizing.system import Workload
from sizing.values import Json

NAME: Final = "monitoring"
"""How the names of everything begin: `monitoring-prometheus` is a service, and so are the others."""
OPERATOR_ACCOUNT: Final = f"{NAME}-operator"
PROMETHEUS_ACCOUNT: Final = "prometheus"
ALERTMANAGER_ACCOUNT: Final = "alertmanager"
CLUSTER_LABEL: Final = "cluster"
"""Of everything that leaves Prometheus, alerts too: the platform's name."""
REPLICA_LABEL: Final = "__replica__"
"""By which Amazon Managed Prometheus takes the samples of one replica only, together with `cluster`.

Source: https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-ingest-dedupe.html
"""
SELECTED: Final = ("podMonitor", "probe", "rule", "scrapeConfig", "serviceMonitor")
"""Kinds of objects that tell Prometheus what to do."""
NOBODY: Final = "null"
"""The receiver of what nobody wants to know."""
ALERTMANAGER_VOLUME_GIB: Final = 1
"""Silences, and what was sent to whom."""
MAXIMUM_SAMPLES_BEHIND: Final = 10_000
"""Of one shard of remote write, before it waits."""


@dataclass(frozen=True, kw_only=True)
class RemoteWrite:
    """Where samples go too.

    Args:
        url: of a workspace's remote write.
        region: for which requests are signed.
    """

    url: pulumi.Input[str]
    region: str


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """How large monitoring is, and what it keeps.

    Args:
        platform: the platform's name.
        namespace: it exists already.
        source: where charts come from.
        prometheus: replicas, and what one requests.
        kube_state_metrics: what it requests.
        retention_days: samples are kept, as long as there is room.
        volume_gib: of each Prometheus.
        storage_class: of all volumes; `None` for the cluster's default.
        remote_write: a second place for samples; `None` for none.
        grafana: `None` for no Grafana in the cluster.
    """

    platform: str
    namespace: str
    source: ChartSource
    prometheus: Workload
    kube_state_metrics: Workload
    retention_days: int
    volume_gib: int
    storage_class: str | None = None
    remote_write: RemoteWrite | None = None
    grafana: GrafanaArgs | None = None


class Monitoring(Component):
    """Installs the stack, with what of it is of use here.

    The definitions of monitors come first. Left out are the chart's own rules and dashboards, which are replaced by
    the platform's; what EKS hides of its control plane (controller manager, scheduler, etcd); the API server's
    metrics, tens of thousands of series of which nothing is used; and node-exporter: what a node uses as a whole is
    among the kubelet's metrics, and one more DaemonSet would take room of every executor node. The operator's webhook
    is left out too: rules are checked before they are registered, and it would be one more thing that stops an `up`.
    """

    module = "monitoring"

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts, {"volumesGib": volumes_gib(args)})
        rights = MonitoringRightsArgs(
            namespace=args.namespace, operator=OPERATOR_ACCOUNT, prometheus=PROMETHEUS_ACCOUNT
        )
        before: list[pulumi.Resource] = [MonitoringRights(f"{name}-rights", rights, self.child())]
        if args.grafana:
            before += grafana_rights(f"{name}-grafana", args.namespace, self.child())
        self.chart: k8s.helm.v3.Release = release(
            f"{name}-chart",
            KUBE_PROMETHEUS_STACK,
            source=args.source,
            namespace=args.namespace,
            values=values(args),
            opts=self.child(depends_on=before),
        )
        self.register_outputs({})


def volumes_gib(args: MonitoringArgs) -> int:
    """All volumes together, in GiB."""
    return args.prometheus.replicas * (args.volume_gib + ALERTMANAGER_VOLUME_GIB) + (
        GRAFANA_VOLUME_GIB if args.grafana else 0
    )


def prometheus_address(namespace: str) -> str:
    """Host and port of the service that the chart makes for Prometheus."""
    return f"{NAME}-prometheus.{namespace}.svc.cluster.local:9090"


def values(args: MonitoringArgs) -> dict[str, Json]:
    """The chart's values."""
    return {
        "fullnameOverride": NAME,
        "cleanPrometheusOperatorObjectNames": False,
        # They come before everything that has a monitor (components/observability/crds.py).
        "crds": {"enabled": False},
        "defaultRules": {"create": False},
        # Rights are ours (components/observability/rights.py).
        "global": {"rbac": {"create": False}},
        "prometheusOperator": _operator(args.namespace),
        "prometheus": _prometheus(args),
        "alertmanager": _alertmanager(args),
        "kubelet": _kubelet(),
        "kubeApiServer": {
            "serviceMonitor": {"interval": NODE_SCRAPE_INTERVAL, "metricRelabelings": scraped.api_server_relabelings()}
        },
        "kube-state-metrics": _kube_state_metrics(args),
        "grafana": grafana_values(args.grafana, namespace=args.namespace, storage_class=args.storage_class, name=NAME),
        "nodeExporter": {"enabled": False},
        **{
            part: {"enabled": False}
            for part in (
                "coreDns",
                "kubeControllerManager",
                "kubeDns",
                "kubeEtcd",
                "kubeProxy",
                "kubeScheduler",
                "thanosRuler",
            )
        },
    }


def _operator(namespace: str) -> dict[str, object]:
    return {
        "serviceAccount": {"name": OPERATOR_ACCOUNT},
        # Where it looks for what it runs; rules, monitors and receivers are everywhere.
        **{f"{kind}InstanceNamespaces": [namespace] for kind in ("alertmanager", "prometheus", "thanosRuler")},
        "admissionWebhooks": {"enabled": False},
        # Its certificate comes with the webhook.
        "tls": {"enabled": False},
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        "resources": resources(observability.OPERATOR),
        "prometheusConfigReloader": {"resources": resources(observability.RELOADER)},
        # A slice holds 100 nodes; one object for all of them would be too large for etcd at some thousand.
        "kubeletEndpointsEnabled": False,
        "kubeletEndpointSliceEnabled": True,
    }


def _prometheus(args: MonitoringArgs) -> dict[str, object]:
    return {
        "serviceAccount": {"name": PROMETHEUS_ACCOUNT},
        **_budget(args.prometheus.replicas),
        "prometheusSpec": {
            "replicas": args.prometheus.replicas,
            "resources": resources(args.prometheus),
            **_pods("prometheus"),
            "retention": f"{args.retention_days}d",
            "retentionSize": f"{observability.retention_size_gib(args.volume_gib)}GiB",
            "storageSpec": {"volumeClaimTemplate": _claim(args.volume_gib, args.storage_class)},
            "scrapeInterval": NODE_SCRAPE_INTERVAL,
            "evaluationInterval": NODE_SCRAPE_INTERVAL,
            "serviceDiscoveryRole": "EndpointSlice",
            "externalLabels": {CLUSTER_LABEL: args.platform},
            **{f"{kind}Selector": _ours() for kind in SELECTED},
            "scrapeClasses": [
                {"name": "default", "default": True, "metricRelabelings": [scraped.drop(*scraped.DROPPED)]}
            ],
            **_remote_write(args.remote_write),
        },
    }


def _remote_write(target: RemoteWrite | None) -> dict[str, object]:
    if target is None:
        return {}
    return {
        "replicaExternalLabelName": REPLICA_LABEL,
        "remoteWrite": [
            {
                "url": target.url,
                "sigv4": {"region": target.region},
                # As AWS recommends for bursts: a scale-out doubles the samples in a minute.
                "queueConfig": {"capacity": MAXIMUM_SAMPLES_BEHIND, "maxSamplesPerSend": 1000, "maxShards": 50},
            }
        ],
    }


def _alertmanager(args: MonitoringArgs) -> dict[str, object]:
    replicas = args.prometheus.replicas
    return {
        "serviceAccount": {"name": ALERTMANAGER_ACCOUNT},
        **_budget(replicas),
        # The receivers are AlertmanagerConfigs, the platform's too (components/observability/receivers.py).
        "config": {
            "route": {"receiver": NOBODY, "routes": []},
            "receivers": [{"name": NOBODY}],
            "inhibit_rules": [
                {
                    "source_matchers": ['severity = "critical"'],
                    "target_matchers": ['severity = "warning"'],
                    "equal": ["alertname", "tenant", "queue", "pool"],
                }
            ],
            "templates": [],
        },
        "alertmanagerSpec": {
            "replicas": replicas,
            "resources": resources(observability.ALERTMANAGER),
            **_pods("alertmanager"),
            "storage": {"volumeClaimTemplate": _claim(ALERTMANAGER_VOLUME_GIB, args.storage_class)},
            "alertmanagerConfigSelector": {"matchLabels": dict(MONITOR_LABELS)},
            # Alerts about a queue come from rules in other namespaces too: what a tenant's configuration may match is
            # held by admission instead (components/admission/observability.py).
            "alertmanagerConfigMatcherStrategy": {"type": "None"},
        },
    }


def _kubelet() -> dict[str, object]:
    return {
        "serviceMonitor": {
            "interval": NODE_SCRAPE_INTERVAL,
            "cAdvisorInterval": NODE_SCRAPE_INTERVAL,
            "probes": False,
            "metricRelabelings": [scraped.keep(scraped.KUBELET)],
            "cAdvisorMetricRelabelings": scraped.cadvisor_relabelings(),
        }
    }


def _kube_state_metrics(args: MonitoringArgs) -> dict[str, object]:
    return {
        "fullnameOverride": f"{NAME}-kube-state-metrics",
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        "resources": resources(args.kube_state_metrics),
        "collectors": ["nodes", "pods"],
        "metricAllowlist": sorted(kube_state.METRICS),
        "metricLabelsAllowlist": [f"nodes=[{','.join(sorted(kube_state.NODE_LABELS))}]"],
        "metricAnnotationsAllowList": [f"pods=[{','.join(sorted(kube_state.ANNOTATIONS))}]"],
        "extraArgs": [f"--metric-opt-in-list={','.join(sorted(kube_state.OPT_IN))}"],
        "prometheus": {
            "monitor": {
                "http": {"interval": SCRAPE_INTERVAL, "metricRelabelings": scraped.kube_state_relabelings()},
            }
        },
    }


def _ours() -> dict[str, object]:
    """Selects what is ours, and what the chart makes, which it labels by its release."""
    (key, value), *_ = MONITOR_LABELS.items()
    return {"matchExpressions": [{"key": key, "operator": "In", "values": [value, KUBE_PROMETHEUS_STACK.chart]}]}


def _pods(name: str) -> dict[str, object]:
    """Where pods of a StatefulSet run: each on a node of its own."""
    return {
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        # The spread says it already.
        "podAntiAffinity": "",
        "topologySpreadConstraints": spread({"app.kubernetes.io/name": name}),
    }


def _budget(replicas: int) -> dict[str, object]:
    """A single replica must not block a drain."""
    if replicas < 2:
        return {}
    return {"podDisruptionBudget": {"enabled": True, "minAvailable": replicas - 1}}


def _claim(gib: int, storage_class: str | None) -> dict[str, object]:
    of_class = {"storageClassName": storage_class} if storage_class else {}
    return {"spec": {**of_class, "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{gib}Gi"}}}}
