"""A job for `test_spark.py`, run by spark-submit: it shuffles and caches, then asks its own driver for its metrics.

Usage: job.py FOLDER, into which the answers are written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.request import urlopen

from pyspark.sql import SparkSession

PATHS = {"spark-driver.txt": "/metrics/prometheus", "spark-executors.txt": "/metrics/executors/prometheus"}


def main(folder: Path) -> None:
    spark = SparkSession.builder.getOrCreate()
    numbers = spark.range(200_000, numPartitions=4).selectExpr("id", "id % 100 AS key").cache()
    assert numbers.groupBy("key").count().join(numbers, "key").count() == 200_000
    # Rows as Python objects, as jobs with functions of their own have them.
    assert numbers.rdd.map(lambda row: (row.key % 3, 1)).reduceByKey(lambda a, b: a + b).count() == 3
    for file, path in PATHS.items():
        with urlopen(spark.sparkContext.uiWebUrl + path, timeout=30) as answer:  # noqa: S310 - of this process
            (folder / file).write_bytes(answer.read())
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
