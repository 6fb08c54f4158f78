"""What admission completes in applications, and what it leaves as their authors wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sizing.spark.defaults import REDACTION
from tests.cluster.api import Json, Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attempts import Case, Change, Completion, Create
from tests.cluster.pod_shapes import ADMINISTRATOR, ENGINEER, IMAGE

EVENTS: Final = "s3a://spark-dev-events-111122223333-eu-central-1/ads/batch/spark-events"
CUSTOM: Final = "docker.io/apache/spark:4.1.0"
BATCH_SIZE: Final = "spark.kubernetes.allocation.batch.size"


def spec_of(thing: Object) -> Object:
    """The application's spec, of a schedule its template's."""
    spec: Object = thing["spec"]
    inner: Object = spec.get("template", spec)
    return inner


def conf(key: str) -> Callable[[Object], Json]:
    """Reads a setting of an application."""
    return lambda thing: spec_of(thing).get("sparkConf", {}).get(key)


def at(*path: str) -> Callable[[Object], Json]:
    """Reads something of an application's spec, `None` if it isn't there."""

    def read(thing: Object) -> Json:
        found: Json = spec_of(thing)
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    return read


def completed(
    name: str, rule: str, thing: Object, field: Callable[[Object], Json], becomes: Json, twin: Object, stays: Json
) -> Completion:
    """Somebody submits an application that lacks something, and then one that doesn't."""
    return Completion(
        name=name,
        who=ENGINEER,
        does=Create(thing),
        rule=rule,
        field=field,
        becomes=becomes,
        twin=Create(twin),
        stays=stays,
    )


def default(name: str, key: str, value: str, own: str, of: Callable[..., Object] = application) -> Completion:
    """A setting that an application gets, unless it has its own."""
    twin = of(sparkConf={key: own})
    return completed(name, "application-conf-defaults", of(), conf(key), value, twin, own)


def allocation(name: str, thing: Object, becomes: Json, twin: Object, stays: Json) -> Completion:
    """How many executors an application gets."""
    return completed(name, "application-allocation", thing, at("dynamicAllocation"), becomes, twin, stays)


def _server(**spec: Any) -> Object:  # noqa: ANN401
    return {"cores": 1, "template": {"metadata": {"labels": {"team": "ads"}}, **({"spec": spec} if spec else {})}}


_executor = _server
EXECUTOR_CONTAINER: Final = {"name": "spark-kubernetes-executor", "image": CUSTOM}
CONTAINER: Final = {
    "name": "spark-kubernetes-driver",
    "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2Gi"}},
}
OFFICIAL_SERVER: Final = {**CONTAINER, "image": IMAGE}
MIXED: Final = "research-explore"
"""A queue with nodes of types whose network doesn't encrypt."""


def _of_mixed(**changes: Any) -> Object:  # noqa: ANN401
    thing = application(**changes)
    return {**thing, "metadata": {**thing["metadata"], "namespace": MIXED}}


BY_ONE_CORE: Final = 150
"""Executors of one core and a GiB of heap that the queue can hold, without its drivers."""

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
    allocation(
        "executors come and go with the work, up to what the queue holds",
        application(),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE},
        application(executor={"instances": 3}),
        None,
    ),
    allocation(
        "a schedule's executors too, by their size",
        scheduled(executor={"cores": 7, "memory": "1g"}),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE // 7},
        scheduled(sparkConf={"spark.executor.instances": "3"}),
        None,
    ),
    allocation(
        "they have a limit where an application names none",
        application(dynamicAllocation={"enabled": True, "minExecutors": 2}),
        {"enabled": True, "minExecutors": 2, "maxExecutors": BY_ONE_CORE},
        application(dynamicAllocation={"enabled": True, "maxExecutors": 4}),
        {"enabled": True, "maxExecutors": 4},
    ),
    allocation(
        "or not at all, if an application says so",
        connect(),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE},
        connect(dynamicAllocation={"enabled": False}),
        {"enabled": False},
    ),
    completed(
        "they have a limit where an application asks for them by a setting",
        "application-allocation",
        application(sparkConf={"spark.dynamicAllocation.enabled": "true"}),
        conf("spark.dynamicAllocation.maxExecutors"),
        str(BY_ONE_CORE),
        application(sparkConf={"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "4"}),
        "4",
    ),
    completed(
        "a driver has the queue's account, whatever is said",
        "application-accounts",
        application(driver={"serviceAccount": "default"}),
        at("driver", "serviceAccount"),
        "spark-driver",
        application(driver={"serviceAccount": "spark-driver"}),
        "spark-driver",
    ),
    completed(
        "executors have one that may do nothing",
        "application-accounts",
        scheduled(executor={"serviceAccount": "spark-driver"}),
        at("executor", "serviceAccount"),
        "spark-executor",
        scheduled(executor={"serviceAccount": "spark-executor"}),
        "spark-executor",
    ),
    completed(
        "a Spark Connect server without a template has the queue's account",
        "application-accounts",
        connect(),
        at("server", "template", "spec", "serviceAccountName"),
        "spark-driver",
        connect(server=_server(serviceAccountName="spark-driver", containers=[CONTAINER])),
        "spark-driver",
    ),
    completed(
        "one whose template has no spec too",
        "application-accounts",
        connect(server=_server()),
        at("server", "template", "spec", "serviceAccountName"),
        "spark-driver",
        connect(server=_server(serviceAccountName="spark-driver")),
        "spark-driver",
    ),
    completed(
        "one whose template names another too, and keeps the rest",
        "application-accounts",
        connect(server=_server(serviceAccountName="default", containers=[CONTAINER])),
        at("server", "template", "spec"),
        {"serviceAccountName": "spark-driver", "containers": [CONTAINER]},
        connect(server=_server(serviceAccountName="spark-driver", containers=[CONTAINER])),
        {"serviceAccountName": "spark-driver", "containers": [CONTAINER]},
    ),
    completed(
        "a Spark Connect server's executors have one that may do nothing",
        "application-accounts",
        connect(),
        at("executor", "template", "spec", "serviceAccountName"),
        "spark-executor",
        connect(executor=_executor(serviceAccountName="spark-executor", containers=[EXECUTOR_CONTAINER])),
        "spark-executor",
    ),
    completed(
        "those whose template has no spec too",
        "application-accounts",
        connect(executor=_executor()),
        at("executor", "template", "spec", "serviceAccountName"),
        "spark-executor",
        connect(executor=_executor(serviceAccountName="spark-executor")),
        "spark-executor",
    ),
    completed(
        "those whose template names another too, and keep the rest",
        "application-accounts",
        connect(executor=_executor(serviceAccountName="spark-driver", containers=[EXECUTOR_CONTAINER])),
        at("executor", "template", "spec"),
        {"serviceAccountName": "spark-executor", "containers": [EXECUTOR_CONTAINER]},
        connect(executor=_executor(serviceAccountName="spark-executor", containers=[EXECUTOR_CONTAINER])),
        {"serviceAccountName": "spark-executor", "containers": [EXECUTOR_CONTAINER]},
    ),
    completed(
        "a Spark Connect server is as large as the queue's drivers may be",
        "application-server-size",
        connect(),
        at("server", "template", "spec", "containers"),
        [
            {
                "name": "spark-kubernetes-driver",
                "resources": {
                    "requests": {"cpu": "1000m", "memory": "4294967296"},
                    "limits": {"memory": "4294967296"},
                },
            }
        ],
        connect(server=_server(containers=[CONTAINER])),
        [CONTAINER],
    ),
    completed(
        "an executor's template has a container, without which Spark can't read it",
        "application-template-containers",
        connect(),
        at("executor", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-executor"}],
        connect(executor=_executor(containers=[EXECUTOR_CONTAINER])),
        [EXECUTOR_CONTAINER],
    ),
    completed(
        "a driver's template too",
        "application-template-containers",
        application(driver={"template": {"metadata": {"labels": {"team": "ads"}}}}),
        at("driver", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-driver"}],
        application(driver={"cores": 1}),
        None,
    ),
    completed(
        "that of a schedule's executors too, and keeps the rest",
        "application-template-containers",
        scheduled(executor={"template": {"spec": {"hostNetwork": False}}}),
        at("executor", "template", "spec"),
        {"hostNetwork": False, "containers": [{"name": "spark-kubernetes-executor"}]},
        scheduled(executor={"template": {"spec": {"containers": [EXECUTOR_CONTAINER]}}}),
        {"containers": [EXECUTOR_CONTAINER]},
    ),
    completed(
        "also where it says that it has none",
        "application-template-containers",
        connect(executor=_executor(containers=None)),
        at("executor", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-executor"}],
        connect(executor=_executor(containers=[{"name": "spark-kubernetes-executor"}])),
        [{"name": "spark-kubernetes-executor"}],
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
            image=..., server=_server(containers=[OFFICIAL_SERVER]), executor=_executor(containers=[OFFICIAL_SERVER])
        ),
        conf("spark.jars.packages"),
        "org.apache.hadoop:hadoop-aws:3.4.1",
        connect(server=_server(containers=[{**OFFICIAL_SERVER, "image": CUSTOM}])),
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
