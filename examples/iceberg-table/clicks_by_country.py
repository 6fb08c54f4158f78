"""Counts a day's clicks by country, into an Iceberg table.

Usage: clicks_by_country.py DAY [--source FOLDER] [--table TABLE]. A day that is counted again takes the place of what
was counted before. Prints what the table has of that day, and how many versions it has.
"""

from __future__ import annotations

import argparse
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--source", default="s3a://example-partner-clicks/daily/", help="has a folder of JSON a day")
    parser.add_argument("--table", default="lake.research.clicks_by_country")
    asked = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    spark.sql(
        f"CREATE TABLE IF NOT EXISTS {asked.table} (day DATE, country STRING, clicks BIGINT)"
        " USING iceberg PARTITIONED BY (day)"
    )
    clicks = spark.read.schema("country STRING").json(f"{asked.source.rstrip('/')}/{asked.day}/")
    counted = clicks.groupBy("country").agg(f.count("*").alias("clicks"))
    counted.select(f.lit(asked.day).alias("day"), "country", "clicks").writeTo(asked.table).overwritePartitions()
    for row in spark.table(asked.table).where(f.col("day") == asked.day).orderBy("country").collect():
        print(f"{row['day']} {row['country']} {row['clicks']}")
    print(f"versions: {spark.table(f'{asked.table}.snapshots').count()}")
    spark.stop()


if __name__ == "__main__":
    main()
