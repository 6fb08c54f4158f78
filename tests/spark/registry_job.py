"""What `registry.py` has Spark and S3A say of all their settings, run by spark-submit; no SparkContext.

Usage: registry_job.py FILE, of JSON: the modules that declare settings. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway


def _hadoops_defaults(jvm: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    entries = jvm.org.apache.hadoop.conf.Configuration().iterator()
    while entries.hasNext():
        entry = entries.next()
        yield entry.getKey(), entry.getValue()


def main(file: str) -> None:
    """Prints settings with their defaults, older names with today's, S3A's settings and Hadoop's file systems."""
    jvm = launch_gateway().jvm

    def loaded(name: str) -> Any:  # noqa: ANN401 - py4j's view of Java has no types
        return jvm.org.apache.spark.util.Utils.classForName(name, True, False)

    def hidden(module: str, name: str) -> Any:  # noqa: ANN401
        of = loaded(module)
        field = of.getDeclaredField(name)
        field.setAccessible(True)
        return field.get(of.getField("MODULE$").get(None))

    for module in json.loads(Path(file).read_text()):
        try:
            loaded(module)
        except Py4JJavaError:
            # One that starts something needs more than to be loaded; its settings are declared where others are.
            continue
    entries = list(hidden("org.apache.spark.internal.config.ConfigEntry$", "knownConfigs").values())
    older = hidden("org.apache.spark.SparkConf$", "allAlternatives")
    keys = older.keysIterator()
    alternatives = {}
    while keys.hasNext():
        key = keys.next()
        alternatives[key] = older.apply(key)._1()
    for entry in entries:
        names = entry.alternatives().iterator()
        while names.hasNext():
            alternatives[names.next()] = entry.key()
    fields = loaded("org.apache.hadoop.fs.s3a.Constants").getFields()
    launcher = loaded("org.apache.spark.launcher.SparkLauncher").getFields()
    found: dict[str, Any] = {
        "defaults": {entry.key(): entry.defaultValueString() for entry in entries},
        "alternatives": alternatives,
        "launcher": [f.get(None) for f in launcher if f.getType().getSimpleName() == "String"],
        "s3a": [f.get(None) for f in fields if f.getType().getSimpleName() == "String"],
        "hadoop": dict(_hadoops_defaults(jvm)),
        "file_systems": {},
    }
    configuration = jvm.org.apache.hadoop.conf.Configuration()
    for scheme in ("file", "har", "hdfs", "http", "https", "swebhdfs", "viewfs", "webhdfs"):
        of = jvm.org.apache.hadoop.fs.FileSystem.getFileSystemClass(scheme, configuration)
        found["file_systems"][scheme] = of.getName()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
