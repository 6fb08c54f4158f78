"""More that no pod, schedule or service comes of: labels, selectors, profiles, numbers, versions and settings."""

from __future__ import annotations

from typing import Any, Final

from components.admission.spark_settings_rows import S3A_FILE_SYSTEM
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attacks_applications_marks import QUEUE
from tests.cluster.attempts import Attempt, Case, Change, Completion, Create
from tests.cluster.pod_shapes import ENGINEER

ZONE: Final = "topology.kubernetes.io/zone"
ARCH: Final = "kubernetes.io/arch"
APP_ARMOR: Final = "container.apparmor.security.beta.kubernetes.io/spark-kubernetes-driver"
LINUX: Final = {"kubernetes.io/os": "linux"}


def expression(key: str, operator: str, *values: str) -> Object:
    """What a label of a node must be."""
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def nodes(*expressions: Object) -> Object:
    """A driver on nodes that fit all of it."""
    term = {"matchExpressions": list(expressions)}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    return {"affinity": {"nodeAffinity": required}}


def preferred(weight: int) -> Object:
    """A driver that would rather be on some nodes."""
    preference = {"weight": weight, "preference": {"matchExpressions": [expression(ZONE, "Exists")]}}
    return {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preference]}}}


def driver(name: str, rule: str, wrong: Object, right: Object) -> Attempt:
    """Fields of a driver that are refused, and such that are not."""
    return submitting(name, rule, application(driver=wrong), application(driver=right))


def conf(name: str, rule: str, key: str, wrong: str, right: str) -> Attempt:
    """A setting that is refused, and one that is not."""
    return submitting(name, rule, application(sparkConf={key: wrong}), application(sparkConf={key: right}))


def schedule(**changes: Any) -> Object:  # noqa: ANN401
    """A schedule with something else about it than its template."""
    thing = scheduled()
    return {**thing, "spec": {**thing["spec"], **changes}}


def scheduling(name: str, field: str, wrong: object, right: object) -> Attempt:
    """A schedule that starts nothing, and one that does."""
    return submitting(name, "application-schedule", schedule(**{field: wrong}), schedule(**{field: right}))


def allocating(**numbers: int) -> Object:
    """An application whose executors come and go."""
    return application(dynamicAllocation={"enabled": True, **numbers})


def relabelled(name: str, make: Any, key: str, wrong: str, right: str) -> Attempt:  # noqa: ANN401
    """An application that gets a label when it is there already, as its later runs would have it."""
    attempt, twin = (Change(make(), {"metadata": {"labels": {key: value}}}) for value in (wrong, right))
    return Attempt(name=name, who=ENGINEER, does=attempt, rule="application-queue", twin=twin)


def served(**service: Any) -> Object:  # noqa: ANN401
    """A Spark Connect server with a service of its own."""
    return connect(server={"cores": 1, "service": service})


def taken_out(name: str, key: str, value: str) -> Completion:
    """A setting that is so anyway, however it is spelt, and another, which stays."""
    return Completion(
        name=name,
        who=ENGINEER,
        does=Create(application(sparkConf={key: value, "spark.ui.port": "4040"})),
        rule="application-conf-repeated",
        field=lambda made: (key in made["spec"]["sparkConf"], made["spec"]["sparkConf"]["spark.ui.port"]),
        becomes=(False, "4040"),
        twin=Create(application(sparkConf={"spark.ui.port": "4040"})),
        stays=(False, "4040"),
    )


def passing(key: str, value: str) -> Attempt:
    """A setting that jobs of others bring and must be able to, and beside it one that they must not."""
    attempt, twin = (
        application(sparkConf={key: value, **more}) for more in ({"spark.home": "/etc"}, {"spark.ui.port": "4040"})
    )
    return submitting(f"a folder of the operator's beside {key}", "application-conf", attempt, twin)


SANE: Final = {
    "spark.hadoop.com.amazonaws.services.s3.enableV4": "true",
    "spark.hadoop.delta.enableFastS3AListFrom": "true",
    "spark.hadoop.fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
    "spark.hadoop.fs.default.name": "s3a://ads-data",
    "spark.hadoop.fs.iostatistics.logging.level": "info",
    "spark.hadoop.hoodie.metadata.enable": "true",
    "spark.hadoop.ipc.client.connect.max.retries": "3",
    "spark.io.delta.storage.S3DynamoDBLogStore.ddb.tableName": "delta_log",
    "spark.kubernetes.driver.service.annotation.prometheus.io/scrape": "true",
    "spark.kubernetes.driver.service.label.team": "ads",
    "spark.security.credentials.hive.enabled": "false",
    "spark.sql.catalog.lake.token-refresh-enabled": "true",
}
"""Of the documentation of Delta Lake, S3A, Hudi, Iceberg and Spark's monitoring, and of jobs that people copy."""

PODS: Final[tuple[Case, ...]] = (
    relabelled("a queue as a label of an application that is there", application, "queue", "root.test", QUEUE),
    relabelled("a queue as a label of a schedule that is there", scheduled, "queue", "root.test", QUEUE),
    driver(
        "another application's name for the operator",
        "application-labels",
        {"labels": {"sparkoperator.k8s.io/app-name": "other"}},
        {"labels": {"app.kubernetes.io/name": "other"}},
    ),
    submitting(
        "another submission for the operator",
        "application-labels",
        application(sparkConf={"spark.kubernetes.executor.label.sparkoperator.k8s.io/submission-id": "x"}),
        application(sparkConf={"spark.kubernetes.executor.label.submission-id": "x"}),
    ),
    driver(
        "a toleration for some seconds of what nobody is put out for",
        "application-tolerations",
        {
            "tolerations": [
                {"key": "elastic-spark/pool", "value": "driver", "effect": "NoSchedule", "tolerationSeconds": 60}
            ]
        },
        {"tolerations": [{"key": "elastic-spark/pool", "value": "driver", "effect": "NoSchedule"}]},
    ),
    driver(
        "a zone that is and is not",
        "application-affinity",
        nodes(expression(ARCH, "In", "arm64", "amd64"), expression(ARCH, "NotIn", "arm64", "amd64")),
        nodes(expression(ARCH, "In", "arm64", "amd64"), expression(ARCH, "NotIn", "riscv64")),
    ),
    driver(
        "an operator that Kubernetes doesn't know",
        "application-affinity",
        nodes(expression(ARCH, "in", "amd64", "arm64")),
        nodes(expression(ARCH, "In", "amd64", "arm64")),
    ),
    driver(
        "a label that is there with values",
        "application-affinity",
        nodes(expression(ZONE, "Exists", "a")),
        nodes(expression(ZONE, "Exists")),
    ),
    driver(
        "no term at all",
        "application-affinity",
        {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}},
        nodes(expression(ZONE, "Exists")),
    ),
    driver("a weight beyond all weights", "application-affinity", preferred(101), preferred(100)),
    submitting(
        "a selector of a schedule's whole beside its driver's, which the operator's webhook would refuse each time",
        "application-selectors",
        scheduled(nodeSelector=LINUX, driver={"nodeSelector": LINUX}),
        scheduled(driver={"nodeSelector": LINUX}, executor={"nodeSelector": LINUX}),
    ),
    driver(
        "a priority by its number",
        "application-scheduling",
        {"template": {"spec": {"priority": 1000}}},
        {"template": {"spec": {"priority": 0}}},
    ),
    driver(
        "no AppArmor, by an annotation",
        "application-security",
        {"annotations": {APP_ARMOR: "unconfined"}},
        {"annotations": {APP_ARMOR: "runtime/default"}},
    ),
    driver(
        "a profile without its name",
        "application-security",
        {"securityContext": {"seccompProfile": {"type": "Localhost"}}},
        {"securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "spark.json"}}},
    ),
    driver(
        "a user below all users",
        "application-security",
        {"securityContext": {"runAsUser": -1}},
        {"securityContext": {"runAsUser": 1000, "capabilities": {"drop": []}}},
    ),
    driver(
        "a hook that asks another host",
        "application-host",
        {"lifecycle": {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}}},
        {"lifecycle": {"preStop": {"httpGet": {"port": 80}}}},
    ),
)
SIZES: Final[tuple[Case, ...]] = (
    driver("fewer cores than none", "application-amounts", {"coreRequest": "-1"}, {"coreRequest": "0.5"}),
    driver("a heap of nobody's size", "application-amounts", {"memory": f"{'9' * 20}k"}, {"memory": "3000000k"}),
    driver("an empty memory limit", "application-amounts", {"memoryLimit": ""}, {"memoryLimit": "2g"}),
    conf("half a core of Spark's", "application-amounts", "spark.executor.cores", "0.5", "2"),
    conf("a request of cores in words", "application-amounts", "spark.kubernetes.driver.request.cores", "one", "0.5"),
    conf("a limit of cores in words", "application-amounts", "spark.kubernetes.executor.limit.cores", "two", "2"),
    conf("an overhead of nothing", "application-amounts", "spark.executor.memoryOverheadFactor", "0", ".2"),
    submitting(
        "GPUs of no vendor, at which Spark stops",
        "application-resources",
        application(sparkConf={"spark.executor.resource.gpu.amount": "1"}),
        application(sparkConf={"spark.task.cpus": "1"}),
    ),
    submitting(
        "memory off the heap, switched on in capital letters",
        "application-executor-size",
        application(sparkConf={"spark.memory.offHeap.enabled": "TRUE", "spark.memory.offHeap.size": "60g"}),
        application(sparkConf={"spark.memory.offHeap.enabled": "FALSE", "spark.memory.offHeap.size": "60g"}),
    ),
    submitting(
        "at least more executors than at most",
        "application-executors",
        allocating(minExecutors=5, maxExecutors=2),
        allocating(minExecutors=2, maxExecutors=5, initialExecutors=7),
    ),
    submitting("at most no executors", "application-executors", allocating(maxExecutors=0), allocating(maxExecutors=1)),
    submitting(
        "fewer executors than none", "application-executors", allocating(minExecutors=-1), allocating(minExecutors=0)
    ),
    conf("no executors", "application-executors", "spark.executor.instances", "0", "1"),
    conf("many executors", "application-executors", "spark.executor.instances", "many", " 2 "),
)
OTHERS: Final[tuple[Case, ...]] = (
    *(
        scheduling(f"a schedule of {text!r}", "schedule", text, right)
        for text, right in (
            ("nonsense", "@daily"),
            ("@every day", "@every 1h30m"),
            ("@Daily", "@midnight"),
            ("* * * *", "* * * * *"),
            ("0 0 * * * *", "0 0 * * ?"),
            ("60 * * * *", "59 * * * *"),
            ("0 24 * * *", "0 23 * * mon-FRI"),
            ("0 0 0 * *", "0 0 1,15 JAN-Mar *"),
            ("0 0 * * 7", "0 0 * * 0"),
            ("*/0 * * * *", "*/15 8-18/2 * * 1-5"),
            ("30-10 * * * *", "10-30 * * * *"),
            ("TZ=UTC", "TZ=UTC 0 4 * * *"),
            ("CRON_TZ=Mars/Base 0 4 * * *", "CRON_TZ=Europe/Berlin 0 4 * * *"),
        )
    ),
    scheduling("a time zone that is none", "timeZone", "Europe/Berln", "Europe/Berlin"),
    scheduling("a time zone in small letters", "timeZone", "utc", "UTC"),
    scheduling("a policy that nobody knows", "concurrencyPolicy", "allow", "Forbid"),
    scheduling("fewer runs kept than none, at which the operator panics", "successfulRunHistoryLimit", -1, 0),
    scheduling("fewer failed runs kept than none", "failedRunHistoryLimit", -1, 3),
    submitting(
        "a schedule's template for a Spark that takes none",
        "application-versions",
        scheduled(sparkVersion="2.4.8", driver={"template": {"metadata": {"labels": {"team": "ads"}}}}),
        scheduled(sparkVersion="3.5", driver={"template": {"metadata": {"labels": {"team": "ads"}}}}),
    ),
    submitting("Python 2", "application-versions", application(pythonVersion="2"), application(pythonVersion="3")),
    driver(
        "a heap by options of Java", "application-java-options", {"javaOptions": "-Xmx8g"}, {"javaOptions": "-Xss8m"}
    ),
    conf(
        "Spark's settings by executors' options of Java",
        "application-java-options",
        "spark.executor.extraJavaOptions",
        "-Dspark.ui.port=4041",
        "-Dlog4j2.level=INFO",
    ),
    driver(
        "another API server for a driver",
        "application-conf",
        {"kubernetesMaster": "https://evil.example.com"},
        {"kubernetesMaster": "https://kubernetes.default.svc:443"},
    ),
    driver(
        "a name in DNS for a driver's service by a field",
        "application-conf",
        {"serviceAnnotations": {"external-dns.alpha.kubernetes.io/hostname": "ads"}},
        {"serviceAnnotations": {"prometheus.io/port": "4040"}},
    ),
    submitting(
        "a name in DNS for an interface",
        "application-services",
        application(sparkUIOptions={"serviceAnnotations": {"external-dns.alpha.kubernetes.io/hostname": "ads"}}),
        application(
            sparkUIOptions={"serviceAnnotations": {"prometheus.io/scrape": "true"}, "serviceLabels": {"team": "ads"}}
        ),
    ),
    submitting(
        "an interface at no port",
        "application-services",
        application(sparkUIOptions={"servicePort": 0}),
        application(sparkUIOptions={"servicePort": 80}),
    ),
    submitting(
        "an address of others' for a server's service",
        "application-services",
        served(spec={"externalIPs": ["10.0.0.1"]}),
        served(spec={"type": "ClusterIP", "clusterIP": "None"}),
    ),
    submitting(
        "a server's service that nobody can delete",
        "application-services",
        served(metadata={"finalizers": ["example.com/kept"]}),
        served(metadata={"annotations": {"prometheus.io/scrape": "true"}}),
    ),
    conf(
        "executors that somebody else makes",
        "application-conf",
        "spark.kubernetes.allocation.pods.allocator",
        "statefulset",
        "direct",
    ),
    *(
        submitting(
            f"a catalog's {key} that whoever may look would see",
            "application-conf",
            application(sparkConf={f"spark.sql.catalog.lake.{key}": "x"}),
            application(sparkConf={"spark.sql.catalog.lake.warehouse": "x"}),
        )
        for key in ("s3.secret-access-key", "token", "credential", "jdbc.password")
    ),
    *(passing(key, value) for key, value in SANE.items()),
    taken_out("a mode in capital letters", "spark.submit.deployMode", "Cluster"),
    taken_out("the cluster's own API server with its port", "spark.master", "k8s://https://kubernetes.default.svc:443"),
    Completion(
        name="Hadoop's own class for S3A, with the prefix that hadoopConf gets",
        who=ENGINEER,
        does=Create(connect(hadoopConf={"spark.hadoop.fs.s3a.impl": S3A_FILE_SYSTEM, "fs.s3a.threads.max": "64"})),
        rule="application-conf-repeated",
        field=lambda made: made["spec"]["hadoopConf"],
        becomes={"fs.s3a.threads.max": "64"},
        twin=Create(connect(hadoopConf={"fs.s3a.threads.max": "64"})),
        stays={"fs.s3a.threads.max": "64"},
    ),
)
CASES: Final[tuple[Case, ...]] = (*PODS, *SIZES, *OTHERS)
