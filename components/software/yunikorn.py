"""YuniKorn: queues by namespace, nodes filled one after the other, nobody's pod taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.placement import system_placement
from components.observability.crds import API_VERSION, MONITOR_LABELS, SCRAPE_INTERVAL
from components.software.chart import ChartSource, release
from components.software.chart_values import SYSTEM_PRIORITY, resources
from components.software.versions import PAUSE_IMAGE, YUNIKORN
from sizing import names
from sizing.kubernetes import Affinity, PodSecurityContext, SecurityContext
from sizing.sharing import ROOT_QUEUES, Order
from sizing.system import ADMISSION_CONTROLLER, Workload
from sizing.values import Json

SERVICE_ACCOUNT: Final = "yunikorn-admin"
PLACEHOLDER_USER: Final = "65534"
"""Placeholders run as nobody: their image names no user, and Pod Security `restricted` demands one."""
SCHEDULER_CPU_LIMIT: Final = 4000
"""Millicores; the chart's own limit, which stays if none is given, and less than a large cluster's request."""
ADMISSION_CPU_LIMIT: Final = 1000
ADMISSION_LABELS: Final = {"app": "yunikorn", "component": "yunikorn-admission-controller"}
"""Of the admission controller's pods, by the chart."""
ADMISSION_SELECTOR: Final = {"component": ADMISSION_LABELS["component"]}
"""By which policies know them: `app` is a label that each job may have its own of, and so is in no pod's identity."""
UNPRIVILEGED: Final[PodSecurityContext] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
RESTRICTED: Final[SecurityContext] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True, kw_only=True)
class YuniKornArgs:
    """Where the scheduler runs, and how large it is.

    Args:
        platform: the platform's name, by which YuniKorn's reports tell clusters apart.
        namespace: it exists already.
        source: where charts come from.
        workload: what the scheduler requests; it has one replica.
    """

    platform: str
    namespace: str
    source: ChartSource
    workload: Workload


class YuniKorn(Component):
    """The scheduler of everything in namespaces of queues, and its admission controller.

    A namespace takes part by the annotation `yunikorn.apache.org/namespace.enableYuniKorn: "true"`, beside
    `yunikorn.apache.org/parentqueue`. The definition of monitors comes first.
    """

    module = "yunikorn"

    def __init__(self, name: str, args: YuniKornArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        chart = release(
            f"{name}-chart",
            YUNIKORN,
            source=args.source,
            namespace=args.namespace,
            values=_values(args),
            opts=self.child(),
        )
        self._create_disruption_budget(name, args)
        self._create_monitor(name, args, chart)
        self.register_outputs({})

    def _create_disruption_budget(self, name: str, args: YuniKornArgs) -> None:
        """Of the admission controller: the chart has none. The scheduler's one replica must not block a drain."""
        k8s.policy.v1.PodDisruptionBudget(
            f"{name}-admission-budget",
            metadata={"name": ADMISSION_LABELS["component"], "namespace": args.namespace},
            spec={"max_unavailable": 1, "selector": {"match_labels": dict(ADMISSION_LABELS)}},
            opts=self.child(),
        )

    def _create_monitor(self, name: str, args: YuniKornArgs, chart: k8s.helm.v3.Release) -> None:
        """The chart has none."""
        k8s.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version=API_VERSION,
            kind="ServiceMonitor",
            metadata={"name": "yunikorn", "namespace": args.namespace, "labels": dict(MONITOR_LABELS)},
            spec={
                "selector": {"matchLabels": {"app": "yunikorn", "release": YUNIKORN.chart}},
                "endpoints": [{"port": "yunikorn-core", "path": "/ws/v1/metrics", "interval": SCRAPE_INTERVAL}],
            },
            # Nothing answers before, and a target without an answer is an alert.
            opts=self.child(depends_on=[chart]),
        )


def scheduler_user(namespace: str) -> str:
    """The user as whom the scheduler asks the API server, where it runs in this namespace."""
    return f"system:serviceaccount:{namespace}:{SERVICE_ACCOUNT}"


def queues() -> dict[str, Json]:
    """YuniKorn's configuration of queues, `queues.yaml`.

    Every application goes to the queue named after its namespace, under the one that the namespace's annotation names;
    what has no such annotation is refused.

    Source: https://yunikorn.apache.org/docs/user_guide/queue_config
    """
    root = names.ROOT_QUEUE.partition(".")[0]
    return {
        "partitions": [
            {
                "name": "default",
                # Both take running pods: the first for another queue's guarantee, the second for a lowered maximum.
                "preemption": {"enabled": False, "quotapreemptionenabled": False},
                # The fullest node first, so that the others become empty and can go.
                "nodesortpolicy": {"type": "binpacking"},
                "placementrules": [
                    {
                        "name": "tag",
                        "value": "namespace",
                        "create": True,
                        "parent": {"name": "tag", "value": "namespace.parentqueue", "create": True},
                    }
                ],
                "queues": [
                    # Who may submit is decided by who may create pods in the namespace.
                    {"name": root, "submitacl": "*", "queues": [_parent(order) for order in ROOT_QUEUES]}
                ],
            }
        ]
    }


def _parent(order: Order) -> dict[str, Json]:
    """The queue below which all are made that have an order, which they get when they are made.

    Within each, applications of a higher priority come first, whatever the order: that is the lane for backfill.

    Source: https://yunikorn.apache.org/docs/user_guide/queue_config#child-template
    """
    properties: dict[str, Json] = {"application.sort.policy": order, "application.sort.priority": "enabled"}
    return {
        "name": ROOT_QUEUES[order].rpartition(".")[2],
        "parent": True,
        "childtemplate": {"properties": properties},
    }


def settings(platform: str) -> dict[str, str]:
    """The content of the ConfigMap `yunikorn-defaults`; `yunikorn-configs`, if somebody makes it, wins key by key.

    Source: https://yunikorn.apache.org/docs/user_guide/service_config
    """
    return {
        "service.clusterId": platform,
        "service.placeholderImage": PAUSE_IMAGE,
        "service.placeholderRunAsUser": PLACEHOLDER_USER,
        "service.placeholderRunAsGroup": PLACEHOLDER_USER,
        "service.placeholderFsGroup": PLACEHOLDER_USER,
        "log.level": "INFO",
        # Matches no namespace: the annotation of a queue's namespace overrides it.
        "admissionController.filtering.processNamespaces": "^$",
        "admissionController.filtering.bypassNamespaces": "^kube-system$",
        # Nobody but controllers may say for whom an application runs.
        "admissionController.accessControl.bypassAuth": "false",
        "admissionController.accessControl.trustControllers": "true",
        # YAML includes JSON.
        "queues.yaml": json.dumps(queues(), indent=2, sort_keys=True),
    }


def _values(args: YuniKornArgs) -> dict[str, object]:
    return {
        "serviceAccount": SERVICE_ACCOUNT,
        "image": _image("scheduler"),
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        "resources": resources(args.workload, cpu_limit=max(SCHEDULER_CPU_LIMIT, 2 * args.workload.cpu)),
        "goMemoryLimitPercentage": 80,
        "podSecurityContext": UNPRIVILEGED.copy(),
        "schedulerSecurityContext": RESTRICTED.copy(),
        "web": {"image": _image("web")},
        "webSecurityContext": RESTRICTED.copy(),
        "admissionController": {
            "image": _image("admission"),
            "replicaCount": ADMISSION_CONTROLLER.replicas,
            # On the host's network the chart recreates all replicas at once, which is a gap in admission.
            "hostNetwork": False,
            "priorityClassName": SYSTEM_PRIORITY,
            **system_placement(),
            "affinity": _apart(ADMISSION_LABELS),
            "resources": resources(ADMISSION_CONTROLLER, cpu_limit=ADMISSION_CPU_LIMIT),
        },
        "admissionPodSecurityContext": UNPRIVILEGED.copy(),
        "admissionContainerSecurityContext": RESTRICTED.copy(),
        "yunikornDefaults": settings(args.platform),
    }


def _image(role: str) -> dict[str, str]:
    # The chart always pulls: with the registry away, a restart would fail on a node that has the image.
    return {"tag": f"{role}-{YUNIKORN.app_version}", "pullPolicy": "IfNotPresent"}


def _apart(labels: dict[str, str]) -> Affinity:
    """`affinity` of replicas that prefer different nodes, then different zones; the chart has no topology spread.

    Only preferred: required, a rolling update on as many nodes as replicas would never find a place for the new pod.
    """
    keys = {"kubernetes.io/hostname": 100, "topology.kubernetes.io/zone": 50}
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": weight,
                    "podAffinityTerm": {"topologyKey": key, "labelSelector": {"matchLabels": dict(labels)}},
                }
                for key, weight in keys.items()
            ]
        }
    }
