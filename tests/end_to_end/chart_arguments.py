"""What charts make of the values that a platform registers, as far as their programs are told it.

Source: kubeflow/spark-operator v2.5.2, charts/spark-operator-chart/templates/controller/deployment.yaml, values.yaml
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.software.operator_rights import CONTROLLER
from fleet.offline.manifests import RELEASE
from fleet.offline.registration import Registrations
from sizing import names

Values = Mapping[str, Any]
CHART_DEFAULTS: Final = (
    "--zap-log-level=info",
    "--enable-ui-service=true",
    "--leader-election=true",
    f"--leader-election-lock-name={CONTROLLER}-lock",
    f"--leader-election-lock-namespace={names.SYSTEM_NAMESPACE}",
    "--leader-election-lease-duration=15s",
    "--leader-election-renew-deadline=10s",
    "--leader-election-retry-period=2s",
    "--driver-pod-creation-grace-period=10s",
    "--max-tracked-executor-per-app=1000",
    "--feature-gates=PartialRestart=false,LoadSparkDefaults=false",
)
"""Of the controller, which no value of the platform's changes."""


def chart_values(platform: Registrations, chart: str) -> Values:
    """The values that a platform gives to a chart. Raises LookupError."""
    for registration in platform.of_type(RELEASE):
        if registration.inputs["chart"] == chart:
            values: Values = registration.inputs["values"]
            return values
    raise LookupError(f"the platform has no chart {chart}")


def controller_arguments(values: Values) -> list[str]:
    """Of the Spark operator's controller, without metrics."""
    own, spark = values["controller"], values["spark"]
    retries = own["workqueueRateLimiter"]
    return [
        "controller",
        "start",
        *CHART_DEFAULTS,
        f"--zap-encoder={own['logEncoder']}",
        f"--namespace-selector={spark['jobNamespaceSelector']}",
        f"--controller-threads={own['workers']}",
        f"--enable-batch-scheduler={str(own['batchScheduler']['enable']).lower()}",
        f"--default-batch-scheduler={own['batchScheduler']['default']}",
        f"--workqueue-ratelimiter-bucket-qps={retries['bucketQPS']}",
        f"--workqueue-ratelimiter-bucket-size={retries['bucketSize']}",
        f"--workqueue-ratelimiter-max-delay={retries['maxDelay']['duration']}",
        f"--kube-api-qps={own['kubeAPIQPS']}",
        f"--kube-api-burst={own['kubeAPIBurst']}",
    ]


def controller_environment(values: Values, folders: Mapping[str, str]) -> dict[str, str]:
    """Of the Spark operator's controller.

    Args:
        values: of its chart.
        folders: by the place where the pod has a volume, where it is here.
    """
    given = {variable["name"]: variable["value"] for variable in values["controller"]["env"]}
    return {name: folders.get(value, value) for name, value in given.items()}
