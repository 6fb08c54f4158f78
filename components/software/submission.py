"""What spark-submit is told in the Spark operator's pod, and nobody it submits for.

In cluster mode spark-submit looks each dependency of a job up before the job is there: Hadoop's file system of the
address is asked whether it stands for several. For `s3a:` that would take S3A and a queue's rights in the operator's
pod. The driver looks the same addresses up again, with its own S3A and the queue's role, and fetches them. So Hadoop is
given, for `s3a:` and in the operator's pod alone, a class of its own that takes every name for a file and asks nobody:
an address passes as it stands. Nor can that class read it: Java knows no `s3a:`.

Spark hands its settings on to drivers, and HADOOP_CONF_DIR and the files of SPARK_CONF_DIR with them. What else is on
its class path it keeps to itself, hence SPARK_DIST_CLASSPATH.

Source: apache/spark 4.0, util/DependencyUtils.scala (resolveGlobPath), launcher/AbstractCommandBuilder.java
(buildClassPath), deploy/k8s/submit/KubernetesClientUtils.scala; apache/hadoop 3.4.1,
fs/http/AbstractHttpFileSystem.java
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONFIG_MAP: Final = "spark-operator-submission"
FOLDER: Final = "/etc/elastic-spark/submission"
"""Where the operator's pod has it."""
TAKES_NAMES_AS_THEY_ARE: Final = "org.apache.hadoop.fs.http.HttpFileSystem"
FILES: Final[Mapping[str, str]] = {
    "core-site.xml": f"""\
<configuration>
  <property>
    <name>fs.s3a.impl</name>
    <value>{TAKES_NAMES_AS_THEY_ARE}</value>
  </property>
</configuration>
"""
}
ENVIRONMENT: Final[Mapping[str, str]] = {"name": "SPARK_DIST_CLASSPATH", "value": FOLDER}
VOLUME: Final[Mapping[str, object]] = {"name": "submission", "configMap": {"name": CONFIG_MAP}}
MOUNT: Final[Mapping[str, object]] = {"name": "submission", "mountPath": FOLDER, "readOnly": True}
