"""Copies the table `orders` of a database into an Iceberg table.

Usage: orders_to_lake.py --url JDBC_URL --table TABLE [--secret FILE] [--connections N]. Prints how many rows the
table then has.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pyspark.sql import SparkSession


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--secret", type=Path, default=Path("/etc/elastic-spark/secrets/WAREHOUSE_PASSWORD"))
    parser.add_argument("--connections", type=int, default=4, help="at once")
    asked = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    database = {
        "url": asked.url,
        "driver": "org.postgresql.Driver",
        "user": "spark",
        "password": asked.secret.read_text(),
    }
    ends = spark.read.format("jdbc").options(**database, query="SELECT min(id), max(id) FROM orders").load().first()
    # Without these one executor reads all of it.
    parts = {
        "partitionColumn": "id",
        "lowerBound": ends[0] or 0,
        "upperBound": (ends[1] or 0) + 1,
        "numPartitions": asked.connections,
    }
    orders = spark.read.format("jdbc").options(**database, **parts, dbtable="orders").load()
    orders.writeTo(asked.table).using("iceberg").createOrReplace()
    print(f"rows in {asked.table}: {spark.table(asked.table).count()}")
    spark.stop()


if __name__ == "__main__":
    main()
