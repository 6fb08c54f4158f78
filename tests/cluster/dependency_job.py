"""The main file of the job of `test_dependencies.py`: it uses each kind of dependency, in its driver and its workers.

Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import from_zip  # type: ignore[import-not-found]
from pyspark.sql import SparkSession


def worker(number: int) -> tuple[str, str, str, str]:
    """What a Python worker has: the environment, what is in it and in the zip, and the file."""
    import from_environment  # type: ignore[import-not-found]
    import from_zip
    from pyspark import SparkFiles

    return sys.prefix, from_environment.WHO, from_zip.who(number), Path(SparkFiles.get("settings.conf")).read_text()


def main() -> None:
    """Prints what driver and workers have."""
    import from_environment

    spark = SparkSession.builder.getOrCreate()
    driver = (sys.prefix, from_environment.WHO, from_zip.who(0), Path("settings.conf").read_text())
    workers = spark.sparkContext.parallelize([1], 1).map(worker).collect()
    spark.udf.registerJavaFunction("echo", "acme.Echo", "string")
    rows = spark.range(2, numPartitions=1).selectExpr("echo(concat('row ', id)) AS said").collect()
    found = {"driver": driver, "workers": workers, "jar": [row.said for row in rows]}
    sys.stdout.write(json.dumps(found) + "\n")
    spark.stop()


main()
