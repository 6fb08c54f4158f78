"""Reports a day's events by kind.

Usage: daily_report.py [DAY] [--source FOLDER] [--target FOLDER]. Without a day it is yesterday, in UTC. A day that is
reported again takes the place of its report. Prints the report.
"""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta, timezone

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def main() -> None:
    parser = argparse.ArgumentParser()
    yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
    parser.add_argument("day", nargs="?", type=date.fromisoformat, default=yesterday)
    parser.add_argument("--source", default="s3a://example-ads-raw/events/", help="has a folder of JSON a day")
    parser.add_argument("--target", default="s3a://example-ads-reports/daily/")
    asked = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    events = spark.read.schema("kind STRING").json(f"{asked.source.rstrip('/')}/{asked.day}/")
    target = f"{asked.target.rstrip('/')}/{asked.day}/"
    events.groupBy("kind").agg(f.count("*").alias("number")).write.mode("overwrite").parquet(target)
    for row in spark.read.parquet(target).orderBy("kind").collect():
        print(f"{asked.day} {row['kind']} {row['number']}")
    spark.stop()


if __name__ == "__main__":
    main()
