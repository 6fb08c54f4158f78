"""A job for `test_s3_job.py`, run by spark-submit: it reads and writes in S3, on its executor and on its driver.

Usage: s3_job.py INPUT OUTPUT; prints how many lines it wrote.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession


def main(given: str, result: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    spark.read.text(given).repartition(2).write.parquet(result)
    sys.stdout.write(f"{spark.read.parquet(result).count()}\n")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
