"""The Spark operator: turns SparkApplications of every queue's namespace into drivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.placement import system_placement
from components.observability.crds import MONITOR_LABELS, SCRAPE_INTERVAL
from components.software import submission
from components.software.chart import ChartSource, release
from components.software.chart_values import SYSTEM_PRIORITY, resources, spread
from components.software.operator_rights import CONTROLLER, WEBHOOK, OperatorRights, OperatorRightsArgs
from components.software.versions import SPARK_OPERATOR
from sizing import names
from sizing.system import OPERATOR_WEBHOOK, Workload

SUBMIT_JVM: Final = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Of every spark-submit, which would otherwise size its heap by the pod's memory. The quick compiler halves the cpu of
a submission (measured with Spark 4.0.1: 2.1 core-seconds instead of 4.3)."""
API_QPS: Final = 100
API_BURST: Final = 200
"""Requests to the API server a second; the default of 20 and 30 holds back hundreds of submissions a minute."""
RETRY_BUCKET_QPS: Final = 500
RETRY_BUCKET: Final = 5000
"""So many applications can be looked at again at once: a burst of submissions is a burst of status changes."""
LONGEST_RETRY_DELAY: Final = "2m"
"""The default of 6 hours hides an application that failed to submit a few times."""
WEBHOOK_TIMEOUT_SECONDS: Final = 10
TEMPORARY_VOLUME: Final = {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}
TEMPORARY_MOUNT: Final = {"name": "tmp", "mountPath": "/tmp", "readOnly": False}  # noqa: S108 - in a container
"""Where the controller may write. Source: the chart's values, 2.5.2"""


@dataclass(frozen=True, kw_only=True)
class SparkOperatorArgs:
    """Where the operator runs, and how much it submits at once.

    Args:
        namespace: it exists already.
        source: where charts come from.
        workload: replicas of the controller and its webhook, and what one of the controller's requests.
        workers: applications that are submitted at the same time.
    """

    namespace: str
    source: ChartSource
    workload: Workload
    workers: int


class SparkOperator(Component):
    """The operator's controller and webhook, for all namespaces that have a queue's label.

    The definition of monitors comes first: the chart refuses to be rendered without it.
    """

    module = "spark_operator"

    def __init__(self, name: str, args: SparkOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        rights = OperatorRights(f"{name}-rights", OperatorRightsArgs(namespace=args.namespace), self.child())
        files = k8s.core.v1.ConfigMap(
            f"{name}-submission",
            metadata={"name": submission.CONFIG_MAP, "namespace": args.namespace},
            data=submission.FILES,
            opts=self.child(),
        )
        release(
            f"{name}-chart",
            SPARK_OPERATOR,
            source=args.source,
            namespace=args.namespace,
            values=_values(args),
            # Without its rights it is never ready, and without its files it doesn't start.
            opts=self.child(depends_on=[rights, files]),
        )
        self.register_outputs({})


def _values(args: SparkOperatorArgs) -> dict[str, object]:
    return {
        # Helm itself installs definitions once and never upgrades them.
        "hook": {"upgradeCrd": True, **system_placement()},
        "controller": {
            **_available(args.workload.replicas),
            **_account(CONTROLLER),
            "resources": resources(args.workload),
            "workers": args.workers,
            "batchScheduler": {"enable": True, "default": "yunikorn"},
            "workqueueRateLimiter": {
                "bucketQPS": RETRY_BUCKET_QPS,
                "bucketSize": RETRY_BUCKET,
                "maxDelay": {"enable": True, "duration": LONGEST_RETRY_DELAY},
            },
            "env": [{"name": "JAVA_TOOL_OPTIONS", "value": SUBMIT_JVM}, dict(submission.ENVIRONMENT)],
            # The chart's own, which a list of ours replaces, and what spark-submit is told.
            "volumes": [TEMPORARY_VOLUME, dict(submission.VOLUME)],
            "volumeMounts": [TEMPORARY_MOUNT, dict(submission.MOUNT)],
        },
        "webhook": {
            **_available(args.workload.replicas),
            **_account(WEBHOOK),
            "resources": resources(OPERATOR_WEBHOOK),
            # Ignored, it would let drivers through without their selectors.
            "failurePolicy": "Fail",
            "timeoutSeconds": WEBHOOK_TIMEOUT_SECONDS,
        },
        "spark": {
            # The chart's list names `default`; namespaces come by label, without a restart.
            "jobNamespaces": [],
            "jobNamespaceSelector": names.QUEUE_LABEL,
            # Tenants' drivers have service accounts and rights of their own.
            "serviceAccount": {"create": False},
            "rbac": {"create": False},
        },
        "prometheus": {
            "metrics": {"enable": True, "labels": "app_type,namespace"},
            "podMonitor": {
                "create": True,
                "labels": dict(MONITOR_LABELS),
                "podMetricsEndpoint": {"interval": SCRAPE_INTERVAL},
            },
        },
        # The webhook makes its certificate itself.
        "certManager": {"enable": False},
    }


def _account(name: str) -> dict[str, object]:
    """A service account of the chart's, with roles of ours."""
    return {"serviceAccount": {"create": True, "name": name}, "rbac": {"create": False}}


def _available(replicas: int) -> dict[str, object]:
    """What controller and webhook have in common; the chart refuses spread and budget of a single replica."""
    several = {
        "topologySpreadConstraints": spread(None),
        "podDisruptionBudget": {"enable": True, "minAvailable": replicas - 1},
    }
    return {
        "replicas": replicas,
        "kubeAPIQPS": API_QPS,
        "kubeAPIBurst": API_BURST,
        "logEncoder": "json",
        "priorityClassName": SYSTEM_PRIORITY,
        **system_placement(),
        **(several if replicas > 1 else {}),
    }
