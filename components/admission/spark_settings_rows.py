"""The table of settings: of Spark, of its cluster managers, of Hadoop with S3A, and of table formats."""

from __future__ import annotations

from typing import Final

from components.admission.application_variables import first_of
from components.admission.spark_settings import Anyway, Row, Table, Verdict, always
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing.spark import defaults

ALLOWED: Final = Verdict.ALLOWED
SAME: Final = Verdict.SAME
REFUSED: Final = Verdict.REFUSED

S3A_FILE_SYSTEM: Final = "org.apache.hadoop.fs.s3a.S3AFileSystem"
IN_CLUSTER: Final = "https://kubernetes.default.svc"
IN_CLUSTER_TOO: Final = (
    "https://kubernetes.default",
    "https://kubernetes.default.svc.cluster.local",
    "https://kubernetes.default.svc.cluster.local:443",
    "https://kubernetes.default.svc:443",
    "https://kubernetes.default:443",
)
"""The cluster's own API server, and what else it is called."""
SCRAPED: Final = ("prometheus.io/path", "prometheus.io/port", "prometheus.io/scheme", "prometheus.io/scrape")
"""Annotations of services that many jobs bring, as Spark's guide to monitoring has them; nothing here acts by them."""
_IMAGE: Final = "string(variables.spec.?image.orValue(''))"

FILE_SYSTEMS: Final = {
    "abfs": "org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem",
    "abfss": "org.apache.hadoop.fs.azurebfs.SecureAzureBlobFileSystem",
    "file": "org.apache.hadoop.fs.LocalFileSystem",
    "ftp": "org.apache.hadoop.fs.ftp.FTPFileSystem",
    "har": "org.apache.hadoop.fs.HarFileSystem",
    "hdfs": "org.apache.hadoop.hdfs.DistributedFileSystem",
    "http": "org.apache.hadoop.fs.http.HttpFileSystem",
    "https": "org.apache.hadoop.fs.http.HttpsFileSystem",
    "s3a": S3A_FILE_SYSTEM,
    "swebhdfs": "org.apache.hadoop.hdfs.web.SWebHdfsFileSystem",
    "viewfs": "org.apache.hadoop.fs.viewfs.ViewFileSystem",
    "wasb": "org.apache.hadoop.fs.azure.NativeAzureFileSystem",
    "wasbs": "org.apache.hadoop.fs.azure.NativeAzureFileSystem$Secure",
    "webhdfs": "org.apache.hadoop.hdfs.web.WebHdfsFileSystem",
}
"""Hadoop's own classes by schemes, as it has them without any setting.

Source: apache/hadoop 3.4.1, core-default.xml and META-INF/services/org.apache.hadoop.fs.FileSystem
"""
ABSTRACT_FILE_SYSTEMS: Final = {
    "abfs": "org.apache.hadoop.fs.azurebfs.Abfs",
    "abfss": "org.apache.hadoop.fs.azurebfs.Abfss",
    "file": "org.apache.hadoop.fs.local.LocalFs",
    "ftp": "org.apache.hadoop.fs.ftp.FtpFs",
    "har": "org.apache.hadoop.fs.HarFs",
    "hdfs": "org.apache.hadoop.fs.Hdfs",
    "s3a": "org.apache.hadoop.fs.s3a.S3A",
    "swebhdfs": "org.apache.hadoop.fs.SWebHdfs",
    "viewfs": "org.apache.hadoop.fs.viewfs.ViewFs",
    "wasb": "org.apache.hadoop.fs.azure.Wasb",
    "wasbs": "org.apache.hadoop.fs.azure.Wasbs",
    "webhdfs": "org.apache.hadoop.fs.WebHdfs",
}
"""The same of Hadoop's other kind of file system, which writes checkpoints of streams."""


def _image_of(pod: str) -> Anyway:
    return Anyway(f"string({first_of(f'variables.{pod}.?image', _IMAGE)})", f"what the spec says of the {pod}'s image")


SPARK: Final = "Spark"
KUBERNETES: Final = "Spark on Kubernetes"
OTHERS: Final = "Spark with other cluster managers"
HADOOP: Final = "Hadoop and S3A"
FORMATS: Final = "Delta Lake, Iceberg and Hudi"

TABLE: Final = Table(
    (
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="only drivers and executors act by it",
            keys=(
                "spark.acls.enable",
                "spark.admin.acls",
                "spark.admin.acls.groups",
                "spark.app.name",
                "spark.appStateStore.",
                "spark.authenticate",
                "spark.authenticate.",
                "spark.barrier.",
                "spark.blacklist.",
                "spark.block.",
                "spark.blockManager.",
                "spark.broadcast.",
                "spark.buffer.",
                "spark.callstack.depth",
                "spark.checkpoint.",
                "spark.cleaner.",
                "spark.connect.",
                "spark.decommission.",
                "spark.default.parallelism",
                "spark.diskStore.",
                "spark.driver.appUIAddress",
                "spark.driver.blockManager.port",
                "spark.driver.cores",
                "spark.driver.extraClassPath",
                "spark.driver.extraJavaOptions",
                "spark.driver.extraLibraryPath",
                "spark.driver.log.",
                "spark.driver.maxResultSize",
                "spark.driver.memory",
                "spark.driver.memoryOverhead",
                "spark.driver.memoryOverheadFactor",
                "spark.driver.minMemoryOverhead",
                "spark.driver.port",
                "spark.driver.resource.",
                "spark.driver.timeout",
                "spark.dynamicAllocation.",
                "spark.eventLog.",
                "spark.excludeOnFailure.",
                "spark.executor.",
                "spark.executorEnv.",
                "spark.extraListeners",
                "spark.file.transferTo",
                "spark.files.",
                "spark.graphx.",
                "spark.hadoopRDD.",
                "spark.io.",
                "spark.jars.excludes",
                "spark.job.",
                "spark.jobGroup.id",
                "spark.kafka.consumer.",
                "spark.kafka.producer.",
                "spark.kryo.",
                "spark.kryoserializer.",
                "spark.local.dir",
                "spark.locality.",
                "spark.log.",
                "spark.logConf",
                "spark.logLineage",
                "spark.logging.",
                "spark.maxRemoteBlockSizeFetchToMem",
                "spark.memory.",
                "spark.metrics.",
                "spark.modify.acls",
                "spark.modify.acls.groups",
                "spark.network.",
                "spark.plugins",
                "spark.plugins.",
                "spark.port.maxRetries",
                "spark.pyspark.",
                "spark.python.",
                "spark.r.",
                "spark.rdd.",
                "spark.redaction.",
                "spark.reducer.",
                "spark.resources.",
                "spark.resultGetter.",
                "spark.rpc.",
                "spark.scheduler.",
                "spark.serializer",
                "spark.serializer.",
                "spark.shuffle.",
                "spark.sparkr.",
                "spark.speculation",
                "spark.speculation.",
                "spark.sql.",
                "spark.stage.",
                "spark.starvation.timeout",
                "spark.storage.",
                "spark.streaming.",
                "spark.task.",
                "spark.taskMetrics.",
                "spark.ui.",
                "spark.unsafe.",
                "spark.user.groups.mapping",
            ),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="the options of the driver's JVM; spark-submit looks only whether they size its heap, which Spark "
            "refuses everywhere",
            keys=("spark.driver.defaultJavaOptions",),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="of a history server, which a job is none",
            keys=("spark.history.",),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="spark-submit leaves it out in cluster mode: a driver is known by its service",
            keys=("spark.driver.host",),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="what they name is looked at by the rules `application-uris` and `application-packages`",
            keys=("spark.archives", "spark.files", "spark.jars", "spark.submit.pyFiles", defaults.PACKAGES),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="as they are: Prometheus asks a driver there, which the rule `application-metrics` looks at",
            keys=(*defaults.DRIVER_SERVLET, "spark.ui.enabled", "spark.ui.port", "spark.ui.prometheus.enabled"),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="the queue's own is put in its place",
            keys=(defaults.EVENT_LOG_FOLDER, defaults.IVY),
        ),
        Row(
            about=SPARK,
            verdict=SAME,
            reason="with another, spark-submit would run elsewhere, as somebody else or otherwise than the operator "
            "has it",
            anyway={
                "spark.api.mode": always("classic"),
                "spark.driver.defaultExtraClassPath": always("hive-jackson/*"),
                "spark.driver.userClassPathFirst": always("false"),
                "spark.jars.repositories": always(""),
                "spark.kerberos.renewal.credentials": always("keytab"),
                "spark.submit.deployMode": always("cluster"),
                "spark.submit.proxyUser.allowCustomClasspathInClusterMode": always("false"),
            },
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="whoever may look at an application would see it; Spark makes a secret of its own for each job",
            keys=("spark.authenticate.secret",),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="keys and passwords of one's own stand in it, for whoever may look at the application",
            keys=("spark.ssl.",),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="spark-submit stops at it: a driver listens at its pod's address",
            keys=("spark.driver.bindAddress",),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="from where spark-submit fetches what it then loads",
            keys=("spark.jars.ivySettings",),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="a file of the operator's pod goes into a Secret of the queue, or spark-submit acts as whom it "
            "names; there is no Kerberos",
            keys=("spark.kerberos.", "spark.security."),
        ),
        Row(
            about=SPARK,
            verdict=ALLOWED,
            reason="spark-submit asks fewer servers for tokens; without Kerberos it gets none",
            keys=tuple(f"spark.security.credentials.{name}.enabled" for name in ("hadoopfs", "hbase", "hive", "kafka")),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="spark-submit itself would ask these servers for a token",
            keys=("spark.kafka.clusters.",),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="spark-submit decides it, and tells the driver",
            keys=(
                "spark.app.attempt.id",
                "spark.app.id",
                "spark.app.startTime",
                "spark.app.submitTime",
                "spark.driver.resourcesFile",
                "spark.home",
                "spark.launcher.",
                "spark.remote",
                "spark.repl.",
                "spark.shutdown.timeout",
                "spark.submit.",
            ),
        ),
        Row(
            about=SPARK,
            verdict=REFUSED,
            reason="for Spark's own tests",
            keys=("spark.test.", "spark.testing", "spark.testing."),
        ),
        Row(
            about=KUBERNETES,
            verdict=ALLOWED,
            reason="only drivers and executors act by it, or their pods have it, which the rules for pods look at",
            keys=(
                "spark.kubernetes.allocation.",
                "spark.kubernetes.appKillPodDeletionGracePeriod",
                "spark.kubernetes.container.image.pullPolicy",
                "spark.kubernetes.container.image.pullSecrets",
                "spark.kubernetes.decommission.script",
                "spark.kubernetes.driver.annotation.",
                "spark.kubernetes.driver.connectionTimeout",
                "spark.kubernetes.driver.label.",
                "spark.kubernetes.driver.limit.cores",
                "spark.kubernetes.driver.node.selector.",
                "spark.kubernetes.driver.ownPersistentVolumeClaim",
                "spark.kubernetes.driver.pod.name",
                "spark.kubernetes.driver.request.cores",
                "spark.kubernetes.driver.requestTimeout",
                "spark.kubernetes.driver.reusePersistentVolumeClaim",
                "spark.kubernetes.driver.secretKeyRef.",
                "spark.kubernetes.driver.secrets.",
                "spark.kubernetes.driver.service.deleteOnTermination",
                "spark.kubernetes.driver.service.ipFamilies",
                "spark.kubernetes.driver.service.ipFamilyPolicy",
                "spark.kubernetes.driver.volumes.emptyDir.",
                "spark.kubernetes.driver.volumes.persistentVolumeClaim.",
                "spark.kubernetes.driver.waitToReusePersistentVolumeClaim",
                "spark.kubernetes.driverEnv.",
                "spark.kubernetes.dynamicAllocation.",
                "spark.kubernetes.executor.annotation.",
                "spark.kubernetes.executor.apiPollingInterval",
                "spark.kubernetes.executor.checkAllContainers",
                "spark.kubernetes.executor.decommissionLabel",
                "spark.kubernetes.executor.decommissionLabelValue",
                "spark.kubernetes.executor.deleteOnTermination",
                "spark.kubernetes.executor.disableConfigMap",
                "spark.kubernetes.executor.enableApiPolling",
                "spark.kubernetes.executor.enableApiWatcher",
                "spark.kubernetes.executor.enablePollingWithResourceVersion",
                "spark.kubernetes.executor.eventProcessingInterval",
                "spark.kubernetes.executor.label.",
                "spark.kubernetes.executor.limit.cores",
                "spark.kubernetes.executor.minTasksPerExecutorBeforeRolling",
                "spark.kubernetes.executor.missingPodDetectDelta",
                "spark.kubernetes.executor.node.selector.",
                "spark.kubernetes.executor.podNamePrefix",
                "spark.kubernetes.executor.request.cores",
                "spark.kubernetes.executor.rollInterval",
                "spark.kubernetes.executor.rollPolicy",
                "spark.kubernetes.executor.secretKeyRef.",
                "spark.kubernetes.executor.secrets.",
                "spark.kubernetes.executor.volumes.emptyDir.",
                "spark.kubernetes.executor.volumes.persistentVolumeClaim.",
                "spark.kubernetes.executorSnapshotsSubscribersShutdownGracePeriod",
                "spark.kubernetes.jars.avoidDownloadSchemes",
                "spark.kubernetes.legacy.useReadWriteOnceAccessMode",
                "spark.kubernetes.local.dirs.tmpfs",
                "spark.kubernetes.memoryOverheadFactor",
                "spark.kubernetes.node.selector.",
                "spark.kubernetes.pyspark.pythonVersion",
                "spark.kubernetes.report.interval",
            ),
        ),
        Row(
            about=KUBERNETES,
            verdict=ALLOWED,
            reason="the queue's own is put in its place",
            keys=(defaults.NAMESPACE,),
        ),
        Row(
            about=KUBERNETES,
            verdict=SAME,
            reason="with another, spark-submit would act otherwise than the operator has it, or pods come to be that "
            "are refused",
            anyway={
                "spark.kubernetes.allocation.pods.allocator": always("direct"),
                "spark.kubernetes.configMap.maxSize": always("1048576"),
                "spark.kubernetes.container.image": Anyway(_IMAGE, "what the spec says of the image"),
                "spark.kubernetes.driver.container.image": _image_of("driver"),
                "spark.kubernetes.driver.master": always(IN_CLUSTER, *IN_CLUSTER_TOO),
                "spark.kubernetes.driver.pod.featureSteps": always(""),
                "spark.kubernetes.driver.scheduler.name": always("yunikorn"),
                "spark.kubernetes.executor.container.image": _image_of("executor"),
                "spark.kubernetes.executor.pod.featureSteps": always(""),
                "spark.kubernetes.executor.scheduler.name": always("yunikorn"),
                "spark.kubernetes.scheduler.name": always("yunikorn"),
                "spark.kubernetes.submission.connectionTimeout": always("10000"),
                "spark.kubernetes.submission.requestTimeout": always("10000"),
                "spark.kubernetes.submission.waitAppCompletion": always("false"),
                "spark.kubernetes.trust.certificates": always("false"),
                defaults.DRIVER_ACCOUNT: always(DRIVER_ACCOUNT),
                defaults.EXECUTOR_ACCOUNT: always(EXECUTOR_ACCOUNT),
            },
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="with whose rights spark-submit speaks to which API server, or a file of its pod that goes into a "
            "Secret of the queue",
            keys=("spark.kubernetes.authenticate.", "spark.kubernetes.context"),
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="a file of the operator's pod: it is uploaded, goes into a ConfigMap or becomes a pod",
            keys=(
                "spark.kubernetes.driver.podTemplateContainerName",
                "spark.kubernetes.driver.podTemplateFile",
                "spark.kubernetes.executor.podTemplateContainerName",
                "spark.kubernetes.executor.podTemplateFile",
                "spark.kubernetes.file.upload.path",
                "spark.kubernetes.kerberos.",
            ),
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="the spec has a field for it: `hadoopConfigMap`",
            keys=("spark.kubernetes.hadoop.configMapName", "spark.kubernetes.executor.hadoopConfigMapName"),
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="what other software of the cluster acts by, such as names in DNS",
            keys=("spark.kubernetes.driver.service.annotation.",),
        ),
        Row(
            about=KUBERNETES,
            verdict=ALLOWED,
            reason="nothing acts by it: metrics are found by the pods",
            keys=(
                "spark.kubernetes.driver.service.label.",
                *(f"spark.kubernetes.driver.service.annotation.{name}" for name in SCRAPED),
            ),
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="pods with such volumes are refused",
            keys=(
                "spark.kubernetes.driver.volumes.hostPath.",
                "spark.kubernetes.driver.volumes.nfs.",
                "spark.kubernetes.executor.volumes.hostPath.",
                "spark.kubernetes.executor.volumes.nfs.",
            ),
        ),
        Row(
            about=KUBERNETES,
            verdict=REFUSED,
            reason="spark-submit decides it, and tells the driver",
            keys=(
                "spark.kubernetes.driver.resourceNamePrefix",
                "spark.kubernetes.resource.type",
                "spark.kubernetes.setSubmitTimeInDriver",
                "spark.kubernetes.submitInDriver",
            ),
        ),
        Row(
            about=OTHERS,
            verdict=ALLOWED,
            reason="nothing acts by it: there is neither YARN nor Spark's own cluster manager",
            keys=(
                "spark.cores.max",
                "spark.dead.worker.persistence",
                "spark.deploy.",
                "spark.driver.supervise",
                "spark.hadoop.yarn.",
                "spark.master.",
                "spark.standalone.",
                "spark.worker.",
                "spark.yarn.",
            ),
        ),
        Row(
            about=OTHERS,
            verdict=SAME,
            reason="jobs run in this cluster",
            anyway={"spark.master": always(f"k8s://{IN_CLUSTER}", *(f"k8s://{address}" for address in IN_CLUSTER_TOO))},
        ),
        Row(
            about=OTHERS,
            verdict=REFUSED,
            reason="older names of settings of Kerberos, by which a file of the operator's pod goes into a Secret",
            keys=(
                "spark.yarn.access.",
                "spark.yarn.kerberos.",
                "spark.yarn.keytab",
                "spark.yarn.principal",
                "spark.yarn.security.",
            ),
        ),
        Row(
            about=HADOOP,
            verdict=ALLOWED,
            reason="only drivers and executors act by it",
            keys=(
                "spark.hadoop.avro.",
                "spark.hadoop.aws.",
                "spark.hadoop.cloneConf",
                "spark.hadoop.com.amazonaws.",
                "spark.hadoop.datanucleus.",
                "spark.hadoop.delta.",
                "spark.hadoop.dfs.",
                "spark.hadoop.fs.automatic.close",
                "spark.hadoop.fs.creation.parallel.count",
                "spark.hadoop.fs.iostatistics.",
                "spark.hadoop.fs.permissions.umask-mode",
                "spark.hadoop.fs.s3a.",
                "spark.hadoop.fs.trash.",
                "spark.hadoop.hadoop.tmp.dir",
                "spark.hadoop.hive.",
                "spark.hadoop.hoodie.",
                "spark.hadoop.io.",
                "spark.hadoop.ipc.client.",
                "spark.hadoop.javax.jdo.",
                "spark.hadoop.mapred.",
                "spark.hadoop.mapreduce.",
                "spark.hadoop.orc.",
                "spark.hadoop.outputCommitCoordination.enabled",
                "spark.hadoop.parquet.",
                "spark.hadoop.spark.",
                "spark.hadoop.validateOutputSpecs",
                "spark.hive.",
            ),
        ),
        Row(
            about=HADOOP,
            verdict=ALLOWED,
            reason="spark-submit looks up no `s3:` or `s3n:` address: `application-uris` refuses them",
            keys=(
                "spark.hadoop.fs.AbstractFileSystem.s3.impl",
                "spark.hadoop.fs.AbstractFileSystem.s3n.impl",
                "spark.hadoop.fs.s3.impl",
                "spark.hadoop.fs.s3n.impl",
            ),
        ),
        Row(
            about=HADOOP,
            verdict=ALLOWED,
            reason="what spark-submit looks up is named in full",
            keys=("spark.hadoop.fs.default.name", "spark.hadoop.fs.defaultFS"),
        ),
        Row(
            about=HADOOP,
            verdict=REFUSED,
            reason="whoever may look at an application would see it",
            keys=("spark.hadoop.javax.jdo.option.ConnectionPassword",),
        ),
        Row(
            about=HADOOP,
            verdict=SAME,
            reason="a class that the operator's pod might load",
            anyway={
                **{f"spark.hadoop.fs.{scheme}.impl": always(name) for scheme, name in FILE_SYSTEMS.items()},
                **{
                    f"spark.hadoop.fs.AbstractFileSystem.{scheme}.impl": always(name)
                    for scheme, name in ABSTRACT_FILE_SYSTEMS.items()
                },
            },
        ),
        Row(
            about=HADOOP,
            verdict=SAME,
            reason="there is no Kerberos",
            anyway={
                "spark.hadoop.hadoop.security.authentication": always("simple"),
                "spark.hadoop.hadoop.security.authorization": always("false"),
            },
        ),
        Row(
            about=HADOOP,
            verdict=REFUSED,
            reason="classes, commands and files by which Hadoop says who somebody is, in the operator's pod too",
            keys=("spark.hadoop.hadoop.",),
        ),
        Row(
            about=FORMATS,
            verdict=ALLOWED,
            reason="only drivers and executors act by it; most of theirs is in `spark.sql.`",
            keys=(
                "spark.databricks.",
                "spark.delta.",
                "spark.hadoop.iceberg.",
                "spark.hoodie.",
                "spark.query-column-names",
                "spark.wap.",
            ),
        ),
        Row(
            about=FORMATS,
            verdict=REFUSED,
            reason="spark-submit leaves out what doesn't start with `spark.`, and the job would run without: write "
            "`spark.hoodie.`",
            keys=("hoodie.",),
        ),
        Row(
            about="Celeborn",
            verdict=ALLOWED,
            reason="only drivers and executors act by it",
            keys=("spark.celeborn.",),
        ),
    )
)
ENDINGS: Final = (
    # Classes and files that S3A would load in the operator's pod too, if its image had S3A.
    "impl",
    "security.credential.provider.path",
    # Whoever may look at an application would see them; jobs have a role of their own.
    "access.key",
    "proxy.password",
    "secret.key",
    "session.token",
)
"""Of settings of Hadoop's file systems that are refused, for all buckets or for one
(`spark.hadoop.fs.s3a.bucket.<name>.`), though what they start with is allowed."""
CATALOG_ENDINGS: Final = (
    "client.credentials-provider.secret-access-key",
    "credential",
    "password",
    "s3.secret-access-key",
    "s3.session-token",
    "token",
)
"""The same of catalogs (`spark.sql.catalog.<name>.`): keys and tokens that whoever may look would see.

Source: apache/iceberg 1.10, S3FileIOProperties.java, OAuth2Properties.java, JdbcCatalog.java
"""
