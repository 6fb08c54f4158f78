"""Applications whose metrics Prometheus would look for in vain."""

from __future__ import annotations

from typing import Final

from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Case

SERVLET: Final = "spark.metrics.conf.driver.sink.prometheusServlet"
RULE: Final = "application-metrics"

CASES: Final[tuple[Case, ...]] = (
    submitting(
        "a driver that has its metrics at a path of its own",
        RULE,
        application(sparkConf={f"{SERVLET}.path": "/mine"}),
        application(
            sparkConf={
                "spark.metrics.conf.*.sink.csv.directory": "/work",
                f"{SERVLET}.path": "/metrics/prometheus",
            }
        ),
    ),
    submitting(
        "a driver that has its metrics in a form of its own",
        RULE,
        application(sparkConf={f"{SERVLET}.class": "org.apache.spark.metrics.sink.MetricsServlet"}),
        application(sparkConf={"spark.metrics.conf.executor.sink.prometheusServlet.path": "/mine"}),
    ),
    submitting(
        "a driver that has its pages at a port of its own",
        RULE,
        application(sparkConf={"spark.ui.port": "4041"}),
        application(sparkConf={"spark.ui.port": " 4040"}),
    ),
    submitting(
        "a driver without pages, of which its metrics are one",
        RULE,
        application(sparkConf={"spark.ui.enabled": "false"}),
        application(sparkConf={"spark.ui.enabled": " True"}),
    ),
    submitting(
        "a Spark Connect server without pages",
        RULE,
        connect(sparkConf={"spark.ui.enabled": "'False'"}),
        connect(sparkConf={"spark.ui.enabled": "'true'"}),
    ),
    submitting(
        "a driver that doesn't answer for its executors",
        RULE,
        application(sparkConf={"spark.ui.prometheus.enabled": "False"}),
        application(sparkConf={"spark.ui.prometheus.enabled": "TRUE"}),
    ),
    submitting(
        "a schedule's driver at a path of its own",
        RULE,
        scheduled(sparkConf={f"{SERVLET}.path": "/mine"}),
        scheduled(sparkConf={"spark.metrics.namespace": "mine"}),
    ),
    submitting(
        "a Spark Connect server at a port of its own",
        RULE,
        connect(sparkConf={"spark.ui.port": "'4041'"}),
        connect(sparkConf={"spark.ui.port": "'4040'"}),
    ),
    submitting(
        "a driver that has its metrics nowhere",
        RULE,
        application(sparkConf={f"{SERVLET}.path": ""}),
        application(monitoring={"exposeDriverMetrics": True, "prometheus": {"jmxExporterJar": "/prometheus.jar"}}),
    ),
)
