"""What `test_credentials.py` has a JVM with a job's settings and jars do, run by spark-submit; no SparkContext.

Usage: probe.py ATTEMPTS URI, which is listed so many times at most, each time by the same file system. Prints a line
of JSON: what each attempt said, `null` for one that went well.
"""

from __future__ import annotations

import json
import sys

from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway


def main(attempts: int, uri: str) -> None:
    jvm = launch_gateway().jvm
    path = jvm.org.apache.hadoop.fs.Path(uri)
    # With the settings of Spark that are Hadoop's, as jobs and the history server have them.
    system = path.getFileSystem(jvm.org.apache.spark.deploy.SparkHadoopUtil.get().conf())
    said: list[str | None] = []
    while len(said) < attempts and (not said or said[-1] is not None):
        try:
            system.listStatus(path)
            said.append(None)
        except Py4JJavaError as error:
            said.append(str(error.java_exception))
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
