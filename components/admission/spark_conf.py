"""Which of Spark's settings an application may bring.

spark-submit runs in the Spark operator's pod, with the operator's token, and acts by many settings there: some name a
file that it uploads, puts into a ConfigMap or hands to the driver, some a class that it loads, some who it says it is.
So what a job may set is listed, and the list holds what only drivers and executors act by: their pods are the tenant's
anyway. The names are read in apache/spark 4.0 (deploy/SparkSubmit.scala, launcher/SparkSubmitCommandBuilder.java,
deploy/k8s/**), and these, among others, are left out for what they do to the operator:

- `spark.kubernetes.file.upload.path`: local files go there;
- `spark.kubernetes.kerberos.krb5.path`: the file goes into a ConfigMap of the queue;
- `spark.kerberos.keytab`, `spark.kubernetes.authenticate.driver.*File`: the file goes into a Secret of the queue;
- `spark.kubernetes.*.podTemplateFile`: the file becomes a pod;
- `spark.kubernetes.authenticate.*`, `spark.kubernetes.context`, `spark.master`: whom it talks to, and as whom;
- `spark.driver.defaultExtraClassPath`: joins its class path;
- `spark.driver.userClassPathFirst`, `spark.kubernetes.*.pod.featureSteps`: a job's class runs in its place;
- `spark.jars.ivySettings`, `spark.jars.repositories`: from where it fetches what it then loads;
- `spark.hadoop.fs.*.impl`, `spark.hadoop.hadoop.security.*`: classes and commands that Hadoop runs;
- `spark.kubernetes.submission.waitAppCompletion`: keeps one of its workers for as long as the job runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.policy import cel_list, cel_text
from sizing.spark.defaults import EVENT_LOG_FOLDER, IVY, NAMESPACE, PACKAGES

NAMES: Final = (
    "spark.app.name",
    "spark.authenticate",
    "spark.barrier.sync.timeout",
    "spark.blockManager.port",
    "spark.decommission.enabled",
    "spark.default.parallelism",
    "spark.driver.blockManager.port",
    "spark.driver.cores",
    "spark.driver.defaultJavaOptions",
    "spark.driver.extraClassPath",
    "spark.driver.extraJavaOptions",
    "spark.driver.extraLibraryPath",
    "spark.driver.maxResultSize",
    "spark.driver.memory",
    "spark.driver.memoryOverhead",
    "spark.driver.memoryOverheadFactor",
    "spark.driver.minMemoryOverhead",
    "spark.driver.port",
    "spark.extraListeners",
    "spark.hadoop.fs.s3.impl",
    "spark.jars.excludes",
    "spark.kubernetes.container.image.pullPolicy",
    "spark.kubernetes.decommission.script",
    "spark.kubernetes.driver.limit.cores",
    "spark.kubernetes.driver.ownPersistentVolumeClaim",
    "spark.kubernetes.driver.pod.name",
    "spark.kubernetes.driver.request.cores",
    "spark.kubernetes.driver.reusePersistentVolumeClaim",
    "spark.kubernetes.driver.waitToReusePersistentVolumeClaim",
    "spark.kubernetes.dynamicAllocation.deleteGracePeriod",
    "spark.kubernetes.executor.checkAllContainers",
    "spark.kubernetes.executor.decommissionLabel",
    "spark.kubernetes.executor.decommissionLabelValue",
    "spark.kubernetes.executor.deleteOnTermination",
    "spark.kubernetes.executor.limit.cores",
    "spark.kubernetes.executor.minTasksPerExecutorBeforeRolling",
    "spark.kubernetes.executor.missingPodDetectDelta",
    "spark.kubernetes.executor.podNamePrefix",
    "spark.kubernetes.executor.request.cores",
    "spark.kubernetes.executor.rollInterval",
    "spark.kubernetes.executor.rollPolicy",
    "spark.kubernetes.local.dirs.tmpfs",
    "spark.kubernetes.memoryOverheadFactor",
    "spark.local.dir",
    "spark.logConf",
    "spark.plugins",
    "spark.port.maxRetries",
    "spark.serializer",
    "spark.speculation",
    # What follows is looked at, or replaced: see components/admission/applications.py and applications_defaults.py.
    "spark.archives",
    "spark.files",
    "spark.jars",
    "spark.submit.pyFiles",
    EVENT_LOG_FOLDER,
    IVY,
    NAMESPACE,
    PACKAGES,
)
PREFIXES: Final = (
    "spark.broadcast.",
    "spark.celeborn.",
    "spark.checkpoint.",
    "spark.cleaner.",
    "spark.connect.",
    "spark.databricks.delta.",
    "spark.driver.log.",
    "spark.driver.resource.",
    "spark.dynamicAllocation.",
    "spark.eventLog.",
    "spark.excludeOnFailure.",
    "spark.executor.",
    "spark.executorEnv.",
    "spark.files.",
    "spark.graphx.",
    "spark.hadoop.fs.s3a.",
    "spark.hadoop.hive.",
    "spark.hadoop.mapred.",
    "spark.hadoop.mapreduce.",
    "spark.hadoop.orc.",
    "spark.hadoop.parquet.",
    "spark.io.",
    "spark.kryo.",
    "spark.kryoserializer.",
    "spark.kubernetes.allocation.",
    "spark.kubernetes.driver.annotation.",
    "spark.kubernetes.driver.label.",
    "spark.kubernetes.driver.node.selector.",
    "spark.kubernetes.driver.volumes.emptyDir.",
    "spark.kubernetes.driver.volumes.persistentVolumeClaim.",
    "spark.kubernetes.driverEnv.",
    "spark.kubernetes.executor.annotation.",
    "spark.kubernetes.executor.label.",
    "spark.kubernetes.executor.node.selector.",
    "spark.kubernetes.executor.volumes.emptyDir.",
    "spark.kubernetes.executor.volumes.persistentVolumeClaim.",
    "spark.kubernetes.node.selector.",
    "spark.locality.",
    "spark.log.",
    "spark.memory.",
    "spark.metrics.",
    "spark.network.",
    "spark.pyspark.",
    "spark.python.",
    "spark.r.",
    "spark.rdd.",
    "spark.reducer.",
    "spark.resultGetter.",
    "spark.rpc.",
    "spark.scheduler.",
    "spark.shuffle.",
    "spark.speculation.",
    "spark.sql.",
    "spark.stage.",
    "spark.storage.",
    "spark.streaming.",
    "spark.task.",
    "spark.ui.",
)
"""Each is all of what starts so, but for `REFUSED`."""
REFUSED: Final = (
    # Classes and files that S3A would load in the operator's pod too, if its image had S3A.
    "impl",
    "security.credential.provider.path",
    # Whoever may look at an application would see them; jobs have a role of their own.
    "access.key",
    "secret.key",
    "session.token",
)
"""Endings of settings of S3A, for all buckets or for one (`spark.hadoop.fs.s3a.bucket.<name>.`)."""
_S3A: Final = "spark.hadoop.fs.s3a."
NAME: Final = r"^[\w.-]+$"
"""Of a setting of S3A. spark-submit ends a name at the first `=`, and Hadoop trims it: with a sign more, an ending
would not be found. Source: apache/hadoop 3.4, Configuration.set"""


def keys_refused(keys: str, more: Sequence[str]) -> str:
    """A CEL expression for those of the keys that may not be set, a list.

    Comparing texts is cheap: an expression has a budget, and one regular expression of all names would use it up.

    Args:
        keys: a CEL expression for a list of keys.
        more: names that the platform also allows, or starts of names, which end with a dot.
    """
    names = cel_list([*NAMES, *(key for key in sorted(more) if not key.endswith("."))])
    prefixes = cel_list([*PREFIXES, *(key for key in sorted(more) if key.endswith("."))])
    endings = cel_list([f".{ending}" for ending in REFUSED])
    return (
        f"{keys}.filter(key, !(key in {names}) && (!{prefixes}.exists(start, key.startsWith(start)) "
        f"|| (key.startsWith('{_S3A}') "
        f"&& (!key.matches({cel_text(NAME)}) || {endings}.exists(ending, key.endsWith(ending))))))"
    )
