"""What `test_keys.py` has Spark say of settings, run by spark-submit with the packages of jobs; no SparkContext.

Usage: keys.py FILE, of JSON: values by names. Prints a line of JSON: what is wrong with those that aren't taken.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway

MODULES: Final = (
    "org.apache.spark.internal.config.package$",
    "org.apache.spark.internal.config.History$",
    "org.apache.spark.internal.config.UI$",
    "org.apache.spark.deploy.k8s.Config$",
    "org.apache.spark.sql.connect.config.Connect$",
)
"""Objects whose loading enters settings into Spark's registry."""
HADOOP: Final = "spark.hadoop."
METRICS: Final = "spark.metrics.conf."
"""Not one setting but a file of them (apache/spark 4.0, MetricsConfig)."""


class Settings:
    """Which settings there are, by Spark's registry and launcher, and by S3A's constants."""

    def __init__(self, jvm: Any) -> None:  # noqa: ANN401 - py4j's view of Java has no types
        self._jvm = jvm
        for module in MODULES:
            self._class(module)
        registry = self._class("org.apache.spark.internal.config.ConfigEntry$").getField("MODULE$").get(None)
        self._registry = registry
        self._launcher = self._constants("org.apache.spark.launcher.SparkLauncher")
        self._s3a = self._constants("org.apache.hadoop.fs.s3a.Constants")

    def fault(self, key: str, value: str) -> str | None:
        """Why a setting isn't taken."""
        if key.startswith(HADOOP):
            return None if key.removeprefix(HADOOP) in self._s3a else "S3A has no such setting"
        if key.startswith(METRICS):
            return self._fault_of_sink(key, value)
        entry = self._registry.findEntry(key)
        if entry is None:
            return None if key in self._launcher else "Spark has no such setting"
        conf = self._jvm.org.apache.spark.SparkConf(False)
        try:
            conf.set(key, value)
            conf.get(entry)
        except Py4JJavaError as error:
            return str(error.java_exception)
        return None

    def _fault_of_sink(self, key: str, value: str) -> str | None:
        if key.endswith(".class"):
            try:
                self._class(value)
            except Py4JJavaError as error:
                return str(error.java_exception)
        return None

    def _class(self, name: str) -> Any:  # noqa: ANN401
        # spark-submit's loader: that of py4j's threads has no packages.
        return self._jvm.org.apache.spark.util.Utils.classForName(name, True, False)

    def _constants(self, name: str) -> set[str]:
        fields = self._class(name).getFields()
        return {field.get(None) for field in fields if field.getType().getSimpleName() == "String"}


def main(file: str) -> None:
    """Prints what is wrong."""
    settings = Settings(launch_gateway().jvm)
    faults = {key: settings.fault(key, value) for key, value in json.loads(Path(file).read_text()).items()}
    sys.stdout.write(json.dumps({key: fault for key, fault in faults.items() if fault}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
