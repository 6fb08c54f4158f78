"""A job for `test_encryption.py`, run by spark-submit: its executors fetch rows with a marker from each other.

Usage: shuffle_job.py MARKER
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

ROWS = 20_000


def main(marker: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    # In two pieces, since Python tells the driver's JVM of it over the same network.
    marker = f"{marker[:4]}', '{marker[4:]}"
    rows = spark.range(ROWS, numPartitions=4).selectExpr(f"concat('{marker}-', id) AS text")
    assert rows.repartition(4, "text").selectExpr("length(text) AS size").where("size > 0").count() == ROWS
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
