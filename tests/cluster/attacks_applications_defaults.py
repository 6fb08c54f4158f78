"""Spark settings that admission puts on applications, and those that it leaves as their authors wrote them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sizing.spark.defaults import REDACTION
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attempts import Case, Change, Completion, Create
from tests.cluster.completions import CUSTOM, MIXED, OFFICIAL_SERVER, completed, conf, spec_of, templated
from tests.cluster.pod_shapes import ADMINISTRATOR, ENGINEER

EVENTS: Final = "s3a://spark-dev-events-111122223333-eu-central-1/ads/batch/spark-events"
BATCH_SIZE: Final = "spark.kubernetes.allocation.batch.size"


def default(name: str, key: str, value: str, own: str, of: Callable[..., Object] = application) -> Completion:
    """A setting that an application gets, unless it has its own."""
    twin = of(sparkConf={key: own})
    return completed(name, "application-conf-defaults", of(), conf(key), value, twin, own)


MONITORED: Final = {
    "exposeDriverMetrics": True,
    "exposeExecutorMetrics": True,
    "metricsProperties": "driver.sink.prometheusServlet.path=/mine",
    "prometheus": {"jmxExporterJar": "/prometheus/jmx_prometheus_javaagent.jar", "port": 8090},
}


def _of_mixed(**changes: Any) -> Object:  # noqa: ANN401
    thing = application(**changes)
    return {**thing, "metadata": {**thing["metadata"], "namespace": MIXED}}


CASES: Final[tuple[Case, ...]] = (
    completed(
        "settings, where there are none",
        "application-conf-there",
        application(),
        lambda thing: "sparkConf" in spec_of(thing),
        True,
        application(sparkConf={"spark.sql.shuffle.partitions": "200"}),
        True,
    ),
    default("executors are asked for fast", BATCH_SIZE, "50", "5"),
    default("of a schedule's applications too", BATCH_SIZE, "50", "5", scheduled),
    default("of Spark Connect servers too", BATCH_SIZE, "50", "5", connect),
    default("a delay between rounds", "spark.kubernetes.allocation.batch.delay", "500ms", "2s"),
    default("blocks move before their node goes", "spark.decommission.enabled", "true", "false"),
    default(
        "idle executors keep shuffle files for a while",
        "spark.dynamicAllocation.shuffleTracking.timeout",
        "5m",
        "1h",
    ),
    default("what is called like a secret is hidden", "spark.redaction.regex", REDACTION, "(?i)secret"),
    default(
        "of Spark Connect servers too, from the shell that starts them",
        "spark.redaction.regex",
        f"'{REDACTION}'",
        "secret",
        connect,
    ),
    default("metrics have a fixed namespace", "spark.metrics.namespace", "spark", "mine"),
    default(
        "a servlet for Prometheus",
        "spark.metrics.conf.*.sink.prometheusServlet.path",
        "/metrics/prometheus",
        "/mine",
    ),
    *(
        completed(
            f"a servlet for Prometheus in the driver, {says}",
            "application-conf-defaults",
            application(**own),
            conf("spark.metrics.conf.driver.sink.prometheusServlet.path"),
            "/metrics/prometheus",
            application(sparkConf={"spark.metrics.conf.driver.sink.prometheusServlet.path": "/metrics/prometheus"}),
            "/metrics/prometheus",
        )
        for says, own in (
            ("whatever all have", {"sparkConf": {"spark.metrics.conf.*.sink.prometheusServlet.path": "/mine"}}),
            ("whatever a file says", {"sparkConf": {"spark.metrics.conf": "/etc/metrics.properties"}}),
            ("whatever the application's monitoring says", {"monitoring": MONITORED}),
        )
    ),
    default("an event log", "spark.eventLog.enabled", "true", "false"),
    default(
        "S3 with the queue's own rights",
        "spark.hadoop.fs.s3a.aws.credentials.provider",
        "pod-identity-1,pod-identity-2,pod-identity-3,pod-identity-4,pod-identity-5",
        "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider",
    ),
    default(
        "no credentials of the driver's node",
        "spark.driver.defaultJavaOptions",
        "-Daws.disableEc2Metadata=true",
        "-Daws.disableEc2Metadata=true -Duser.timezone=UTC",
    ),
    default(
        "nor of its executors'", "spark.executor.defaultJavaOptions", "-Daws.disableEc2Metadata=true", "-XX:+UseZGC"
    ),
    default("S3 of the platform's region", "spark.hadoop.fs.s3a.endpoint.region", "eu-central-1", "us-west-2"),
    Completion(
        name="a default that a change takes away comes back",
        who=ENGINEER,
        does=Change(application(), {"spec": {"sparkConf": {BATCH_SIZE: None}}}),
        rule="application-conf-defaults",
        field=conf(BATCH_SIZE),
        becomes="50",
        twin=Change(application(), {"spec": {"sparkConf": {BATCH_SIZE: "5"}}}),
        stays="5",
    ),
    Completion(
        name="encryption where the queue's network has none, whatever is said",
        who=ADMINISTRATOR,
        does=Create(_of_mixed(sparkConf={"spark.network.crypto.enabled": "false"})),
        rule="application-conf-queue",
        field=conf("spark.network.crypto.enabled"),
        becomes="true",
        twin=Create(application(sparkConf={"spark.network.crypto.enabled": "false"})),
        stays="false",
    ),
    *(
        Completion(
            name=f"a queue's catalogs: {key}",
            who=ADMINISTRATOR,
            does=Create(_of_mixed()),
            rule="application-conf-queue",
            field=conf(key),
            becomes=value,
            twin=Create(_of_mixed(sparkConf={key: own})),
            stays=own,
        )
        for key, value, own in (
            ("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog", "com.example.Catalog"),
            ("spark.sql.catalog.lake.type", "glue", "rest"),
            ("spark.sql.catalog.lake.warehouse", "s3://example-research/tables", "s3://example-research/mine"),
            ("spark.sql.catalog.partners.uri", "https://iceberg.example.com/catalog", "https://mine.example.com"),
            (
                "spark.hadoop.hive.metastore.uris",
                "thrift://metastore.example.internal:9083",
                "thrift://mine.example:443",
            ),
            ("spark.sql.catalogImplementation", "hive", "in-memory"),
            (
                "spark.sql.extensions",
                "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
                "io.delta.sql.DeltaSparkSessionExtension",
            ),
        )
    ),
    completed(
        "the event log's place is the queue's, whatever is said",
        "application-conf-fixed",
        application(
            sparkConf={"spark.eventLog.dir": "s3a://spark-dev-events-111122223333-eu-central-1/research/explore"}
        ),
        conf("spark.eventLog.dir"),
        EVENTS,
        application(sparkConf={"spark.eventLog.dir": EVENTS}),
        EVENTS,
    ),
    completed(
        "a schedule's event logs too",
        "application-conf-fixed",
        scheduled(),
        conf("spark.eventLog.dir"),
        EVENTS,
        scheduled(sparkConf={"spark.eventLog.dir": EVENTS}),
        EVENTS,
    ),
    completed(
        "the namespace is the application's own, whatever is said",
        "application-conf-fixed",
        application(sparkConf={"spark.kubernetes.namespace": "research-explore"}),
        conf("spark.kubernetes.namespace"),
        "ads-batch",
        application(sparkConf={"spark.kubernetes.namespace": "ads-batch"}),
        "ads-batch",
    ),
    completed(
        "a Spark Connect server's namespace too",
        "application-conf-fixed",
        connect(sparkConf={"spark.kubernetes.namespace": "research-explore"}),
        conf("spark.kubernetes.namespace"),
        "ads-batch",
        connect(),
        "ads-batch",
    ),
    completed(
        "packages are kept where the operator may write",
        "application-conf-fixed",
        application(sparkConf={"spark.jars.ivy": "/opt/spark"}),
        conf("spark.jars.ivy"),
        "/tmp/.ivy2",  # noqa: S108
        application(),
        "/tmp/.ivy2",  # noqa: S108
    ),
    completed(
        "the official image fetches what it lacks for S3",
        "application-s3-packages",
        application(),
        conf("spark.jars.packages"),
        "org.apache.hadoop:hadoop-aws:3.4.1",
        application(deps={"packages": ["org.apache.hadoop:hadoop-aws:3.4.1"]}),
        None,
    ),
    completed(
        "and other images don't",
        "application-s3-packages",
        scheduled(),
        conf("spark.jars.packages"),
        "org.apache.hadoop:hadoop-aws:3.4.1",
        scheduled(image=CUSTOM),
        None,
    ),
    completed(
        "of a Spark Connect server it is the template's that counts",
        "application-s3-packages",
        connect(
            image=..., server=templated(containers=[OFFICIAL_SERVER]), executor=templated(containers=[OFFICIAL_SERVER])
        ),
        conf("spark.jars.packages"),
        "org.apache.hadoop:hadoop-aws:3.4.1",
        connect(server=templated(containers=[{**OFFICIAL_SERVER, "image": CUSTOM}])),
        None,
    ),
    completed(
        "nor do jobs without an event log",
        "application-s3-packages",
        connect(),
        conf("spark.jars.packages"),
        "org.apache.hadoop:hadoop-aws:3.4.1",
        connect(sparkConf={"spark.eventLog.enabled": "false"}),
        None,
    ),
)
