"""Where the platform's Prometheus asks a driver for its metrics, which a job may not move.

What gives them another name is no harm: `components.observability.drivers` gives them the platform's again. With
`monitoring.prometheus` the Spark operator names them after the application, and gives Spark a file of settings. Over
that, an application's settings win: so the driver's own stay, which are every job's defaults (`sizing.spark.defaults`).
Sources: apache/spark 4.0, metrics/MetricsConfig.scala (initialize, setDefaultProperties), ui/SparkUI.scala and
status/api/v1/PrometheusResource.scala; kubeflow/spark-operator v2.5.2, sparkapplication/monitoring_config.go
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import found_rule
from components.admission.application_variables import setting
from components.admission.policy import AdmissionRule, Variable, cel_text
from components.queue.network import DRIVER_UI_PORT
from sizing.spark.defaults import ALWAYS, DRIVER_SERVLET

UI_PORT: Final = "spark.ui.port"
UI: Final = "spark.ui.enabled"
"""Without its pages a driver doesn't listen, and its metrics are one of them.

Source: apache/spark 4.0, SparkContext.scala (attaches the metrics' handlers to its `SparkUI` alone)
"""
OF_EXECUTORS: Final = "spark.ui.prometheus.enabled"
_WANTED: Final = {
    **{key: ALWAYS[key] for key in (*DRIVER_SERVLET, OF_EXECUTORS)},
    UI: "true",
    UI_PORT: str(DRIVER_UI_PORT),
}


def _moved(key: str, value: str) -> str:
    """Single quotes are for the shell that starts a Spark Connect server."""
    said = f"string({setting(key)}.orValue({cel_text(value)}))"
    plain = f"(variables.connect ? {said}.replace(\"'\", '') : {said})"
    if key in (UI, UI_PORT, OF_EXECUTORS):
        plain += ".trim().lowerAscii()"
    return f"({plain} == {cel_text(value)} ? [] : [{cel_text(f'{key}=')} + {said}])"


METRIC_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-metrics",
        " + ".join(_moved(key, value) for key, value in _WANTED.items()),
        "Prometheus asks every driver for its metrics and its executors' at one port and two paths, by which its "
        "owners and the platform see how it does: leave these settings out, or as they are",
        cel_text(", ".join(f"{key}={value}" for key, value in _WANTED.items())),
    ),
)
